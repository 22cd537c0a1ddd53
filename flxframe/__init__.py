"""Push the rows of a table through Flxpoint workflows, at the API's pace, and get the table back."""

from flxframe.analysis import changes, summary
from flxframe.bodies import as_curl
from flxframe.client import FlxpointClient
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
    "preview",
    "run_workflows",
    "sandbox",
    "summary",
]
