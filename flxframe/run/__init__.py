"""Requests leave at the token's pace, and each gets an outcome."""
