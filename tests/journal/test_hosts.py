"""The machine that a run is on, and whether the runs of a journal are live."""

import contextlib
import time
from pathlib import Path

from flxframe.journal.hosts import DEAD, ENDED, LIVE, SILENT_RUN, run_states, this_host
from flxframe.journal.opening import connect
from tests.journal.conftest import open_for_run
from tests.journal.processes import record, running

SOON, LATE = 599.0, 601.0


def states(path: Path, later: float = 0.0, **fields: object) -> dict[int, str]:
    """Return the states of the runs, of which the first has these fields."""
    with contextlib.closing(connect(path, write=True)) as connection:
        for name, value in fields.items():
            connection.execute(f"UPDATE runs SET {name} = ? WHERE id = 1", (value,))
        numbers = [number for (number,) in connection.execute("SELECT id FROM runs")]
        return run_states(connection, path, numbers, time.time() + later)


def test_a_machine_is_the_same_in_all_of_its_processes() -> None:
    """Its name does not change, and tells only the host's name."""
    host = this_host()

    assert host == this_host.__wrapped__()
    assert host.name.isascii()
    machine = Path("/etc/machine-id")
    if machine.is_file() and machine.read_text().strip():
        assert machine.read_text().strip() not in host.name


def test_a_run_is_live_until_its_process_has_ended_or_died(path) -> None:
    """However long it was silent."""
    record(path)
    with running(path, 7) as other:
        assert states(path, LATE) == {1: ENDED, 2: LIVE}
        other.kill()
    assert states(path) == {1: ENDED, 2: DEAD}


def test_a_run_before_the_last_start_of_the_machine_is_dead(path) -> None:
    """Its lock is gone."""
    record(path)
    assert states(path, ended_at=None, boot="another start") == {1: DEAD}


def test_a_run_of_another_host_is_live_until_it_was_silent_for_ten_minutes(path) -> None:
    """Its lock can't be seen from here."""
    record(path)
    other = {"ended_at": None, "host": "another", "boot": "another start", "seen_at": time.time()}

    assert states(path, SOON, **other) == {1: LIVE}
    assert states(path, LATE, **other) == {1: SILENT_RUN}
    assert states(path, LATE, ended_at=1.0) == {1: ENDED}


def test_a_container_of_this_machine_is_not_another_host(path) -> None:
    """Its name differs, but not the machine's last start; without that it is another host."""
    with open_for_run(path) as journal:
        journal.start(1, 1.0)
        boot = this_host().boot
        expected = LIVE if boot else SILENT_RUN
        assert states(path, LATE, host="a container", boot=boot) == {1: expected}
    assert states(path, LATE, ended_at=None, boot="") == {1: SILENT_RUN}
