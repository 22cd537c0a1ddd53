"""Functions for the tests of requests."""

import pandas as pd

from flxframe.exceptions import RequestError
from flxframe.request.fields import Defaults
from flxframe.request.json_text import encode
from flxframe.request.plan import Plan


def bodies(table: pd.DataFrame, **settings: object) -> list[str | RequestError]:
    """Return the JSON text of each row's objects, or the error that prevents the request."""
    settings.setdefault("defaults", Defaults("order_import"))

    texts: list[str | RequestError] = []
    for _, request in Plan(table, **settings).requests():
        if isinstance(request, RequestError):
            texts.append(request)
        else:
            texts.append(encode(request.objects))

    return texts
