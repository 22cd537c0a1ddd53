"""What was sent and answered, in an SQLite file."""
