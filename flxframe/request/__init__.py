"""A row becomes the JSON body of a request."""
