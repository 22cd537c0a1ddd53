"""Every argument of a run, declared once: its type, default, check and line of documentation. Pure.

`run_workflows`, `preview`, `df.flx`, `Journal.result`, the cluster and the shell take their
arguments from the fields of `RunOptions`. A new argument is one field here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

from flxframe.exceptions import SettingError
from flxframe.options import checks
from flxframe.options.arguments import Argument, argument
from flxframe.options.reading import ReadOptions
from flxframe.request.columns import check_columns, check_object_handle
from flxframe.request.fields import Defaults
from flxframe.request.plan import check_blanks
from flxframe.request.token import hide
from flxframe.request.tokens import check_tokens


@dataclass(frozen=True, kw_only=True)
class RunOptions(ReadOptions):
    """How a table is read, how rows become requests, and how the requests are sent.

    Raises
    ------
    SettingError
        If an argument has an invalid value; the message names it.
    """

    event_handle: str | None = argument(None, "The event of rows whose `eventHandle` is blank.")
    workflow_id: int | None = argument(None, "The workflow of rows whose `id` is blank.")
    draft: bool | None = argument(
        None,
        "Whether to run the draft version for rows whose `draft` is blank.",
        shell_doc="Run the draft version, or not, for rows whose draft is blank.",
    )
    params: Mapping[str, int] | None = argument(
        None,
        "The values of `params.<key>` for rows whose cell is blank.",
        option="--param",
        metavar="KEY=NUMBER",
    )
    columns: Mapping[str, str | None] | None = argument(
        None,
        "The path of a column in the request; without a path, the column is not sent.",
        notes='For example, ``{"Country": "objects.order.shippingAddress.countryCode", '
        '"Note": None}``.',
        check=check_columns,
        option="--column",
        metavar="NAME=PATH",
    )
    object_handle: str | None = argument(
        None,
        "The object that gets every column that is not a request field.",
        check=check_object_handle,
    )
    blanks: Literal["omit", "null"] = argument(
        "omit", "Whether a blank cell is left out or sent as null.", check=check_blanks
    )
    token: str | Mapping[str, str] | None = argument(
        None,
        "The API token; by default FLXPOINT_API_TOKEN of the environment.",
        notes='Several tokens are passed by name, such as ``{"EU": "...", "US": "..."}``; they '
        "send in parallel, each at its own pace.",
        secret=True,
    )
    token_column: str | None = argument(
        None,
        "With several tokens, the column that has the name of each row's token.",
        check=checks.check_text,
    )
    base_url: str | None = argument(
        None,
        "The URL of the API; by default FLXPOINT_BASE_URL, otherwise the real API.",
        check=checks.check_url,
    )
    rate: float | None = argument(
        2.0,
        "Requests per second for each token.",
        notes="None means no limit, for rehearsals. The API allows 2 "
        "(https://api.flxpoint.com/workflow/run).",
        check=checks.check_rate,
    )
    max_in_flight: int = argument(
        16,
        "The maximum number of requests in flight for each token; 1 sends one after the other.",
        check=checks.check_in_flight,
    )
    timeout: float = argument(
        60.0, "Seconds to wait for a whole answer.", check=checks.check_timeout
    )
    retry_unknown: bool = argument(
        False,
        "Send a row again even though its workflow might have run.",
        notes="A workflow can send e-mail.",
        check=checks.check_switch,
    )
    stop_after_failures: int | None = argument(
        20,
        "Stop after this many consecutive failures of the server or the network.",
        notes="Rows that are rejected alike count too, as long as no row was ok. With None, the "
        "run never stops for this reason.",
        check=checks.check_whole,
    )
    max_minutes: float | None = argument(
        None, "Start no more rows after this many minutes.", check=checks.check_minutes
    )
    journal: str | PathLike[str] | None = argument(
        None,
        "The file that records what was sent and answered.",
        shell_doc="The file that records what was sent and answered  [OUTPUT.journal.db]",
        notes="A run with the same journal skips rows that are ``ok``, even if the table was "
        "sorted or rows were inserted or deleted, and sends rows that are new, corrected or not "
        "yet delivered. Rows that are ``unknown`` are only sent again with `retry_unknown`.",
        check=checks.check_optional_file,
    )
    progress: bool = argument(
        True,
        "Show a progress bar.",
        check=checks.check_switch,
        option="--quiet",
        shell_doc="Show no progress bar.",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", hide(self.token))
        super().__post_init__()
        check_tokens(self.token, self.token_column)
        _ = self.defaults

    def plan_keywords(self) -> dict[str, Any]:
        """Return the arguments that decide how rows become requests, as keywords of `Plan`."""
        return {
            "defaults": self.defaults,
            "columns": self.columns,
            "object_handle": self.object_handle,
            "blanks": self.blanks,
        }

    @property
    def defaults(self) -> Defaults:
        """The values for blank cells."""
        params = {} if self.params is None else self.params
        return Defaults(self.event_handle, self.workflow_id, self.draft, params)

    @property
    def max_seconds(self) -> float | None:
        """The time after which no more rows are started, in seconds."""
        return None if self.max_minutes is None else self.max_minutes * 60


@dataclass(frozen=True, kw_only=True)
class ClusterOptions(RunOptions):
    """The arguments of a run on a cluster: several tokens, each with a journal in one folder."""

    journals: str | PathLike[str] = field(
        metadata={
            "argument": Argument(
                "The folder in which each token has its journal, on a disk that all workers share.",
                notes="It replaces `journal`; `progress` has no effect, since a cluster shows no "
                "bar.",
                check=checks.check_folder,
            )
        }
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.journal is not None:
            raise SettingError(
                f"journal= does not apply to a cluster: each token has a journal in {self.journals}"
            )
        if not isinstance(self.token, Mapping):
            raise SettingError(
                "a cluster requires several tokens by name: token={'EU': ..., 'US': ...}"
            )
