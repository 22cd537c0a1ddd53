"""The rows of a journal that is read, looked up as a run looks them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from flxframe.journal.errors import journal_errors
from flxframe.journal.known import Array, KnownRows
from flxframe.journal.reading import reading
from flxframe.journal.runs import hosts_of
from flxframe.journal.sendings import contents, entities, find_rows, outcomes
from flxframe.models import Outcome


class RecordedRows:
    """The rows of a journal; nothing is written.

    Parameters
    ----------
    path : Path
        The journal's file.
    token_names : list of str, optional
        The names of the tokens, by which the rows of an older format are recognized.
    """

    def __init__(self, path: Path, token_names: Sequence[str] = ()) -> None:
        self._path = path
        self._token_names = token_names
        self._known: KnownRows | None = None

    def find(self, keys: bytes, lefts: bytes, uids: bytes) -> KnownRows:
        """Return the rows that have one of the keys, digests or ids."""
        with journal_errors(self._path), reading(self._path, self._token_names) as connection:
            self._known = find_rows(connection, self._path, keys, lefts, uids)
        return self._known

    def entity_of(self, uids: bytes) -> Array:
        """Return for each id of a sending its row's index in the last `find`, or -1."""
        if self._known is None:
            raise ValueError("entity_of() needs the rows of find()")
        with journal_errors(self._path), reading(self._path, self._token_names) as connection:
            return entities(connection, self._known, uids)

    def outcomes(self, sendings: Array) -> Iterator[Outcome]:
        """Yield the recorded outcomes of sendings, in order."""
        with journal_errors(self._path), reading(self._path, self._token_names) as connection:
            yield from outcomes(connection, self._path, sendings)

    def hosts(self, runs: Sequence[int]) -> list[str]:
        """Return the names of the computers of runs, each once."""
        with journal_errors(self._path), reading(self._path, self._token_names) as connection:
            return hosts_of(connection, runs)

    def contents(self, sending: int) -> tuple[str | None, str | None]:
        """Return the request of a sending and its answered objects as JSON; None once forgotten."""
        with journal_errors(self._path), reading(self._path, self._token_names) as connection:
            return contents(connection, sending)
