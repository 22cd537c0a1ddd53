"""A long text, kept packed until it is written. Pure: no network, no clock, no disk."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_BLOCK_SIZE = 2**20
_LEVEL = 1
"""The fastest; the text is packed again when it is written."""


class PackedText:
    """A text that is given and returned piece by piece, and takes a tenth of its memory.

    Parameters
    ----------
    pieces : iterable of str
        The text; an unpaired surrogate becomes a question mark.

    Examples
    --------
    >>> text = PackedText(["<a>", "é", "</a>"])
    >>> text.size, b"".join(text).decode()
    (9, '<a>é</a>')
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        self.size = 0
        """The number of bytes in UTF-8."""
        self._blocks: list[bytes] = []

        pending: list[str] = []
        length = 0
        for piece in pieces:
            pending.append(piece)
            length += len(piece)
            if length >= _BLOCK_SIZE:
                self._add(pending)
                pending = []
                length = 0
        self._add(pending)

    def __iter__(self) -> Iterator[bytes]:
        return map(zlib.decompress, self._blocks)

    def _add(self, pieces: list[str]) -> None:
        content = "".join(pieces).encode("utf-8", "replace")
        self.size += len(content)
        self._blocks.append(zlib.compress(content, _LEVEL))
