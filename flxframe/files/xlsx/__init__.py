"""Workbooks, read as a person sees them and edited in place."""
