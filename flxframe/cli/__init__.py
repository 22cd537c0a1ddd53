"""The same verbs in the shell."""

from flxframe.cli.commands import main

__all__ = ["main"]
