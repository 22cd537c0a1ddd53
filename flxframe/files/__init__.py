"""Read tables from files, and write results to files."""
