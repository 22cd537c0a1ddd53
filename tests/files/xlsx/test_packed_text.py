"""A long text comes back piece by piece."""

import tracemalloc

from flxframe.files.xlsx.packed_text import PackedText


def test_a_long_text_comes_back():
    """It is kept in blocks, so that no more than one of them is unpacked at a time."""
    pieces = [f'<c r="A{number}"><v>é{number}</v></c>' for number in range(100_000)]
    text = PackedText(iter(pieces))
    blocks = list(text)
    assert b"".join(blocks).decode() == "".join(pieces)
    assert text.size == sum(map(len, blocks))
    assert len(blocks) > 2
    assert list(text) == blocks


def test_no_more_than_a_block_is_in_memory():
    """So a workbook of any size can be written."""
    tracemalloc.start()
    text = PackedText("x" * 1000 for _ in range(20_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text.size == 20_000_000
    assert peak < 5_000_000


def test_a_text_without_pieces_is_empty():
    """It is nothing, and so is its size."""
    assert b"".join(PackedText([])) == b""
    assert PackedText([""]).size == 0


def test_an_unpaired_surrogate_becomes_a_question_mark():
    """No file can contain it."""
    assert b"".join(PackedText(["a\ud800b"])) == b"a?b"
