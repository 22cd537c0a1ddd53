"""A rejected row that was corrected and sent: its earlier version is never sent without a word."""

import pytest

from flxframe import Journal
from tests.conftest import run
from tests.memory.conftest import NUMBER, asks, ran_once, reject_first, six_orders, statuses


@pytest.mark.parametrize("named", [False, True])
def test_the_original_table_after_a_correction_asks(api, journal, named) -> None:
    """Its row would run in the old version, next to the corrected one."""
    settings = {"journal": journal} if named else {}
    reject_first(api, "00001")
    first = run(six_orders(), api, **settings)
    corrected = first.copy()
    corrected.loc[1, NUMBER] = "00001-corrected"
    run(corrected, api, **settings)
    assert ran_once(api, 6)

    with asks(api) as caught:
        run(six_orders(), api, **settings)
    assert 1 in caught.value.rows
    with asks(api, 1) as caught:
        run(first, api, **settings)
    assert caught.value.reason == "edited"

    for table in (six_orders(), first):
        assert statuses(run(table, api, resend="never", **settings)) == ["ok"] * 6
    assert ran_once(api, 6)
    assert set(Journal(journal).summary()["status"]) == {"ok", "rejected"}


def test_a_correction_that_was_rejected_too_needs_no_question(api, journal) -> None:
    """Neither version has run."""
    reject_first(api, "00001")
    first = run(six_orders(), api)
    corrected = first.copy()
    corrected.loc[1, NUMBER] = "00001-corrected"
    reject_first(api, "00001-corrected")
    run(corrected, api)

    assert statuses(run(first, api)) == ["ok"] * 6
    assert ran_once(api, 6)
