"""The command `flxframe`: the public functions at the shell."""

from flxframe.cli.commands import main

__all__ = ["main"]
