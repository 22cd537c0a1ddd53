"""Push the rows of a table through Flxpoint workflows, at the API's pace."""

import flxframe.accessor  # noqa: F401  it registers df.flx
from flxframe import clusters
from flxframe.api import run_workflows
from flxframe.exceptions import (
    AlreadySentError,
    FileError,
    FlxframeError,
    JournalError,
    JournalLockedError,
    PathError,
    RequestError,
    ResultWarning,
    SettingError,
    StoppedWarning,
    TableError,
    TokenError,
)
from flxframe.files.template import write_template
from flxframe.files.writing import write_results
from flxframe.journal.reader import Journal
from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.preview import Preview, preview
from flxframe.request.curl import as_curl
from flxframe.result.compare import changes
from flxframe.result.highlight import highlight
from flxframe.result.plots import plot_changes, plot_outcomes
from flxframe.result.summary import summary
from flxframe.run.client import FlxpointClient
from flxframe.sandbox import sandbox
from flxframe.sources.table import read_table

__all__ = [
    "AlreadySentError",
    "FileError",
    "FlxframeError",
    "FlxpointClient",
    "Journal",
    "JournalError",
    "JournalLockedError",
    "Outcome",
    "PathError",
    "Preview",
    "RequestError",
    "ResultWarning",
    "RunWorkflowRequest",
    "SettingError",
    "StoppedWarning",
    "TableError",
    "TokenError",
    "as_curl",
    "changes",
    "clusters",
    "highlight",
    "plot_changes",
    "plot_outcomes",
    "preview",
    "read_table",
    "run_workflows",
    "sandbox",
    "summary",
    "write_results",
    "write_template",
]

__version__ = "0.1.0"


def __dir__() -> list[str]:
    """Return the public names, without the modules that they come from."""
    return [*__all__, "__version__"]
