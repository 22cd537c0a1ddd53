"""A journal with a flipped byte, a wrong page or a lost end: read right, or one sentence."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flxframe import Journal, JournalError, preview
from flxframe.journal.report import progress_text
from flxframe.sandbox import Sandbox
from tests.conftest import orders, run
from tests.journal.conftest import statuses

ROWS = 30
FLIPS = 60


@pytest.fixture
def original(api, tmp_path) -> Path:
    """The journal of a run that was ok, without the stamp that spares the check."""
    path = tmp_path / "original.db"
    run(orders(ROWS), api, journal=path)
    path.with_name(f"{path.name}-lock").unlink()
    return path


def uses(path: Path, api: Sandbox) -> dict[str, Callable[[], object]]:
    """Return all that a user can do with a journal, by name."""
    table = orders(ROWS)
    return {
        "preview": lambda: preview(table, journal=path, base_url=api.url, token=api.token),
        "list": lambda: Journal(path).to_frame(),
        "status": lambda: progress_text(Journal(path)),
        "export": lambda: list(Journal(path).last_attempts()),
        "result": lambda: Journal(path).result(table),
        "prune": lambda: Journal(path).prune("2020-01-01"),
        "resolve": lambda: Journal(path).resolve([], "ok"),
    }


def check_all(path: Path, api: Sandbox, change: str) -> int:
    """Use a damaged journal, and return how often that was an error; nothing is sent again."""
    messages = []
    for use in uses(path, api).values():
        try:
            use()
        except JournalError as error:
            messages.append(str(error))

    try:
        result = run(orders(ROWS), api, journal=path)
    except JournalError as error:
        messages.append(str(error))
    else:
        assert statuses(result) == ["ok"] * ROWS, change
    assert len(api.arrivals) == ROWS, change
    for message in messages:
        assert path.name in message
        assert "\n" not in message
    return len(messages)


def damaged_by(original: Path, content: bytes) -> Path:
    """Return the path of a journal with this content, and without other files."""
    path = original.with_name("damaged.db")
    for other in path.parent.glob("damaged.db*"):
        other.unlink()
    path.write_bytes(content)
    return path


def test_a_flipped_bit_sends_nothing_again(api, original) -> None:
    """Of any byte: in the header, in a record, in an index."""
    content = original.read_bytes()
    chance, errors = random.Random(17), 0
    # A third of the flips are in the header, which is a small part of the file.
    for number in range(FLIPS):
        position = chance.randrange(len(content) if number % 3 else 100)
        flipped = bytearray(content)
        flipped[position] ^= 1 << chance.randrange(8)
        errors += check_all(damaged_by(original, flipped), api, f"byte {position}")
    assert FLIPS < errors < 8 * FLIPS


@pytest.mark.parametrize("change", ["zeros", "noise", "cut", "twice"])
def test_a_wrong_page_sends_nothing_again(api, original, change) -> None:
    """Zeros, noise, another page in its place, or nothing from there on; each page in turn."""
    content, chance = original.read_bytes(), random.Random(3)
    for start in range(0, len(content), 4096):
        end = start + 4096
        page = {
            "zeros": bytes(4096),
            "noise": chance.randbytes(4096),
            "twice": (content * 2)[end + 4096 : end + 8192],
            "cut": b"",
        }[change]
        after = b"" if change == "cut" else content[end:]
        path = damaged_by(original, content[:start] + page + after)
        assert check_all(path, api, f"page at {start}") == 8


def test_a_copy_is_as_good_as_the_original(api, original) -> None:
    """So the errors above are errors of the damage."""
    path = original.with_name("damaged.db")
    shutil.copy(original, path)
    assert check_all(path, api, "none") == 0
