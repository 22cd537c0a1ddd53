"""Push the rows of a table through Flxpoint workflows, at the API's pace, and get the table back."""

import flxframe.accessor  # noqa: F401  it registers df.flx
from flxframe.analysis import changes, summary
from flxframe.bodies import as_curl
from flxframe.client import FlxpointClient
from flxframe.displays import highlight, plot_changes, plot_outcomes
from flxframe.exceptions import (
    FileError,
    FlxframeError,
    JournalError,
    JournalLockedError,
    PathError,
    RequestError,
    SettingError,
    StoppedWarning,
    TableError,
    TokenError,
)
from flxframe.journal import Journal
from flxframe.outcomes import Outcome, RunWorkflowRequest
from flxframe.sandbox import sandbox
from flxframe.tables import read_table, write_results
from flxframe.workflows import preview, run_workflows

__all__ = [
    "FileError",
    "FlxframeError",
    "FlxpointClient",
    "Journal",
    "JournalError",
    "JournalLockedError",
    "Outcome",
    "PathError",
    "RequestError",
    "RunWorkflowRequest",
    "SettingError",
    "StoppedWarning",
    "TableError",
    "TokenError",
    "as_curl",
    "changes",
    "highlight",
    "plot_changes",
    "plot_outcomes",
    "preview",
    "read_table",
    "run_workflows",
    "sandbox",
    "summary",
    "write_results",
]
