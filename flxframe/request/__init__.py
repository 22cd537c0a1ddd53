"""Convert rows to requests."""
