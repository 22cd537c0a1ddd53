"""The table as the workflows left it, and what can be asked about it."""
