"""The table as the workflows left it, and questions to it."""
