"""Journals: SQLite files that record the requests that were sent, and their answers."""
