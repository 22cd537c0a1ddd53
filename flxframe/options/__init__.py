"""Every argument of a run, declared once: its type, default, check and line of documentation. Pure.

`run_workflows`, `preview`, `df.flx`, `Journal.result`, the cluster and the shell take their
arguments from the fields of `RunOptions`. A new argument is one field here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

import pandas as pd

from flxframe.exceptions import SettingError
from flxframe.options import checks
from flxframe.options.arguments import Argument, argument
from flxframe.options.reading import ReadOptions
from flxframe.request.columns import check_blanks, check_columns, check_object_handle
from flxframe.request.fields import Defaults
from flxframe.request.folding import Folded, fold
from flxframe.request.plan import Plan
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
    group_by: str | Sequence[str] | None = argument(
        None,
        "The columns, such as the order's number, whose equal cells make rows one request.",
        notes="Columns with ``[]`` in their path, such as ``objects.order.items[].sku``, have one "
        "item per row; the rows of an order share all other columns.",
        check=checks.check_group_by,
        metavar="COLUMN",
    )
    fill_down: bool = argument(
        False,
        "With `group_by`, whether a row with a blank key belongs to the order above.",
        check=checks.check_switch,
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
    max_response_mib: int = argument(
        checks.DEFAULT_RESPONSE_MIB,
        "The maximum size of an answer in MiB, unpacked.",
        notes="The row of a larger answer is ``unknown``.",
        check=checks.check_response_size,
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
    journal: str | PathLike[str] | Literal[False] | None = argument(
        None,
        "The file that records what was sent and answered; by default one for each user.",
        notes="FLXFRAME_JOURNAL of the environment is another default: a path, or ``off``. False "
        "records nothing. Requests to this computer are recorded only in a journal that is named "
        "here or there. With a journal that is named here, rows that were sent before are recalled "
        "without a question. Rows that are ``unknown`` are only sent again with `retry_unknown`.",
        check=checks.check_journal,
    )
    resend: Literal["ask", "never", "edited", "all"] = argument(
        "ask",
        "Which rows to send again that were sent before.",
        notes="By default the call raises `AlreadySentError` if that is not clear, before anything "
        "is sent. ``never`` recalls them, ``edited`` sends those that were changed since, and "
        "``all`` sends every row.",
        check=checks.check_resend,
    )
    same_account: bool | Mapping[str, bool] | None = argument(
        None,
        "Whether a token that was used before at the same URL was of the same account.",
        notes="For several tokens, by name if they differ. With True, rows that it sent are "
        "recalled; with False, they are sent.",
        check=checks.check_same_account,
    )
    occasion: str | None = argument(
        None,
        "The name of what is meant to happen again, such as a date or a campaign.",
        notes="Rows are sent once for each occasion.",
        shell_doc="The name of what is meant to happen again, such as a campaign; today is the "
        "date.",
        check=checks.check_occasion,
    )
    limit: int | None = argument(
        None,
        "Send at most this many rows; the same call again sends the next ones.",
        check=checks.check_limit,
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
        if self.group_by is not None:
            names = [self.group_by] if isinstance(self.group_by, str) else list(self.group_by)
            object.__setattr__(self, "group_by", names)
        if self.fill_down and self.group_by is None:
            raise SettingError("fill_down=True requires group_by=, the columns of the orders' keys")
        check_tokens(self.token, self.token_column)
        _ = self.defaults
        if self.resend == "all" and self.limit is not None:
            raise SettingError(
                "resend='all' can't be combined with limit=: the next call would start again with "
                "the same rows. Run a part of the table instead"
            )

    def plan(self, table: pd.DataFrame) -> tuple[Plan, Folded | None]:
        """Return how rows become requests, and the folded table if they are lines of orders.

        Raises
        ------
        TableError
            If the table cannot be sent at all; the message names the column.
        """
        common: dict[str, Any] = {"defaults": self.defaults, "blanks": self.blanks}
        if self.group_by is None:
            columns, handle = self.columns, self.object_handle
            return Plan(table, columns=columns, object_handle=handle, **common), None

        folded = fold(
            table,
            self.group_by,
            columns=self.columns,
            object_handle=self.object_handle,
            token_column=self.token_column,
            blanks=self.blanks,
            fill_down=self.fill_down,
        )
        return folded.plan(**common), folded

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
        if self.journal:
            raise SettingError(
                f"journal= does not apply to a cluster: each token has a journal in {self.journals}"
            )
        if not isinstance(self.token, Mapping):
            raise SettingError(
                "a cluster requires several tokens by name: token={'EU': ..., 'US': ...}"
            )
