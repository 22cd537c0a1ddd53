"""Tables from files, and results to files."""
