"""A damaged journal is an error before anything is sent, never a silent loss."""

import os
import random
import shutil
from pathlib import Path

import pytest

from flxframe import Journal, JournalError
from flxframe.models import Outcome
from tests.journal.conftest import LEFT, either_way, intent, open_for_run

ROWS = 300
KEYS = b"".join(b"%016d" % number for number in range(ROWS))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with rows of every kind."""
    path = tmp_path_factory.mktemp("journal") / "original.db"
    with open_for_run(path) as journal:
        journal.start(ROWS, 1.0)
        rows = range(ROWS)
        journal.begin([intent(row, KEYS[16 * row : 16 * row + 16]) for row in rows], 1.7e9)
        journal.finish([(row, answer(row), LEFT) for row in rows if row % 5])
    return path


def answer(row: int) -> Outcome:
    if row % 5 == 1:
        return Outcome("ok", 200, objects={"order": {"n": row, "note": "ü" * row}}, seconds=0.5)
    return Outcome("rejected", 400, "no") if row % 5 == 2 else Outcome("ok", 200, seconds=0.25)


def contents(path: Path) -> object:
    """Return all that a run reads from a journal, whether its records are checked or not."""
    with open_for_run(path) as journal:
        known = journal.find(KEYS, b"", b"")
        arrays = [getattr(known, name).tolist() for name in ("keys", "lefts", "uids", "nth")]
        arrays += [getattr(known, name).tolist() for name in ("codes", "tries", "run_ended")]
        return arrays, list(journal.outcomes(known.sendings)), len(Journal(path).to_frame())


def damage(content: bytearray, chance: random.Random) -> bytes:
    """Return content with a flipped byte, a wrong page or a lost end."""
    kind = chance.choice(["byte", "byte", "page", "cut"])
    place = chance.randrange(len(content))
    if kind == "byte":
        content[place] ^= 1 << chance.randrange(8)
    elif kind == "page":
        start = place // 4096 * 4096
        content[start : start + 4096] = chance.choice([bytes(4096), chance.randbytes(4096)])
    else:
        del content[place:]
    return bytes(content)


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_an_error_or_reads_right(original: Path, path: Path, seed: int) -> None:
    """Bytes and pages are changed, and ends are cut off."""
    expected, content = contents(original), original.read_bytes()
    chance, errors = random.Random(seed), 0
    for _ in range(100):
        path.write_bytes(damage(bytearray(content), chance))
        try:
            assert contents(path) == expected
        except JournalError:
            errors += 1
    assert errors > 50


def test_a_journal_moved_without_its_rollback_file_is_complete_or_an_error(
    original: Path, path: Path
) -> None:
    """Each page of a transaction was either written before the kill, or not."""
    before, expected = original.read_bytes(), contents(original)
    changed = path.with_name("changed.db")
    shutil.copy(original, changed)
    with open_for_run(changed) as journal:
        journal.start(1, 1.0)
        journal.begin([intent(0, b"x" * 16)], 1.7e9)
    after = changed.read_bytes()
    late = contents(changed)

    chance = random.Random(5)
    for _ in range(40):
        mixed = bytearray(after)
        for start in range(0, len(before), 4096):
            if chance.random() < 0.5:
                mixed[start : start + 4096] = before[start : start + 4096]
        path.write_bytes(mixed)
        try:
            assert contents(path) in (expected, late)
        except JournalError:
            continue


@either_way
def test_a_journal_that_we_closed_is_not_read_as_a_whole(original: Path, path: Path, use) -> None:
    """Any other change of the file makes the check necessary."""
    shutil.copy(original, path)
    with open_for_run(path):
        pass
    content = bytearray(path.read_bytes())
    status = path.stat()
    content[-3000:] = bytes(3000)
    path.write_bytes(content)
    with pytest.raises(JournalError, match="damaged"):
        use(path)

    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    use(path)


@either_way
@pytest.mark.parametrize("suffix", ["journal", "wal"])
def test_a_file_of_another_database_is_not_taken_over(
    original: Path, path: Path, use, suffix: str
) -> None:
    """SQLite would write its pages into the journal."""
    shutil.copy(original, path)
    stray = path.with_name(f"{path.name}-{suffix}")
    stray.write_bytes(bytes.fromhex("d9d505f920a163d7").ljust(8192, b"\1"))
    content = path.read_bytes()

    with pytest.raises(JournalError, match=rf"{stray.name} next to the journal .* move it"):
        use(path)

    assert path.read_bytes() == content
