"""A request as a curl command. Pure: no network, no clock, no disk."""

from __future__ import annotations

import shlex

from flxframe.models import RunWorkflowRequest
from flxframe.request.base_url import API_URL, ENDPOINT
from flxframe.request.json_text import encode


def as_curl(request: RunWorkflowRequest, *, base_url: str = API_URL) -> str:
    r"""Return a request as a curl command for a POSIX shell.

    The token is not in it: the shell replaces ``$FLXPOINT_API_TOKEN``.

    Parameters
    ----------
    request : RunWorkflowRequest
        The request.
    base_url : str
        The URL of the API, without ``/workflow/run``.

    Examples
    --------
    >>> order = {"note": "it's late"}
    >>> print(as_curl(RunWorkflowRequest(eventHandle="order_import", objects={"order": order})))
    curl -X POST https://api.flxpoint.com/workflow/run \
      -H 'Accept: application/json' \
      -H 'Content-Type: application/json' \
      -H "X-API-TOKEN: $FLXPOINT_API_TOKEN" \
      --data-raw '{"eventHandle":"order_import","objects":{"order":{"note":"it'"'"'s late"}}}'
    """
    url = base_url.rstrip("/") + ENDPOINT
    body = encode(request.body())
    parts = (
        f"curl -X POST {shlex.quote(url)}",
        "-H 'Accept: application/json'",
        "-H 'Content-Type: application/json'",
        '-H "X-API-TOKEN: $FLXPOINT_API_TOKEN"',
        f"--data-raw {shlex.quote(body)}",
    )
    return " \\\n  ".join(parts)
