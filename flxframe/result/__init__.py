"""Build the result of a run, and compare, count and display results."""
