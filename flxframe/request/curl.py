"""A request as a curl command. Pure."""

from __future__ import annotations

import shlex

from flxframe.models import RunWorkflowRequest
from flxframe.request.base_url import API_URL
from flxframe.request.json_text import encode


def as_curl(request: RunWorkflowRequest, *, base_url: str = API_URL) -> str:
    r"""Write a request as a curl command for a POSIX shell, with ``$FLXPOINT_API_TOKEN`` in place of the token.

    Parameters
    ----------
    request : RunWorkflowRequest
        What would be sent.
    base_url : str
        Where to.

    Examples
    --------
    >>> print(as_curl(RunWorkflowRequest(eventHandle="order_import", objects={"order": {"note": "it's late"}})))
    curl -X POST https://api.flxpoint.com/workflow/run \
      -H 'Accept: application/json' \
      -H 'Content-Type: application/json' \
      -H "X-API-TOKEN: $FLXPOINT_API_TOKEN" \
      --data-raw '{"eventHandle":"order_import","objects":{"order":{"note":"it'"'"'s late"}}}'
    """
    return " \\\n  ".join(
        (
            f"curl -X POST {shlex.quote(base_url.rstrip('/') + '/workflow/run')}",
            "-H 'Accept: application/json'",
            "-H 'Content-Type: application/json'",
            '-H "X-API-TOKEN: $FLXPOINT_API_TOKEN"',
            f"--data-raw {shlex.quote(encode(request.body()))}",
        )
    )
