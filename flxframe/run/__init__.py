"""Send requests at the token's pace, and return their outcomes."""
