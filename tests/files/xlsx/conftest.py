"""A workbook of two orders, and the result of a workbook that LibreOffice saved."""

import pytest

import flxframe
from flxframe.files.writing import write_results
from tests.conftest import DATA
from tests.files.xlsx.packages import Book, correct


@pytest.fixture
def book(tmp_path):
    """A workbook of two orders."""
    return Book(tmp_path)


@pytest.fixture(scope="session")
def loop(tmp_path_factory):
    """The path of a written result, the token, and the number of rows sent after a correction.

    A workbook of LibreOffice is sent to the sandbox, corrected, and sent again with the same
    journal.
    """
    folder = tmp_path_factory.mktemp("loop")
    orders, done, corrected = DATA / "orders.xlsx", folder / "done.xlsx", folder / "corrected.xlsx"
    with flxframe.sandbox(limit=None) as api:
        settings = {
            "token": api.token,
            "base_url": api.url,
            "rate": None,
            "progress": False,
            "journal": folder / "x.db",
        }
        result = flxframe.run_workflows(orders, **settings)
        write_results(result, done, template=orders, base_url=api.url)
        sent = len(api.arrivals)

        correct(done, corrected)
        result = flxframe.run_workflows(corrected, **settings)
        write_results(result, folder / "again.xlsx", template=corrected, base_url=api.url)
        return done, api.token, len(api.arrivals) - sent
