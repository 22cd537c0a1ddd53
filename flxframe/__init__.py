"""flxframe."""
