"""URLs that are safe to send a token to. Pure: no network, no clock, no disk."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from flxframe.exceptions import SettingError

API_URL = "https://api.flxpoint.com"
"""The real API: https://api.flxpoint.com/workflow/run is the only endpoint that flxframe calls."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

ENDPOINT = "/workflow/run"

_MAX_HOST = 253
_LABEL = re.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)


def check_base_url(base_url: str) -> str:
    """Return a base URL without its trailing slash and endpoint, if a token may be sent there.

    Raises
    ------
    SettingError
        If it is not a URL of a possible host, or not https while the host is not this computer.

    Examples
    --------
    >>> check_base_url("http://127.0.0.1:8000/")
    'http://127.0.0.1:8000'
    >>> check_base_url("https://api.flxpoint.com/workflow/run")
    'https://api.flxpoint.com'
    """
    if not isinstance(base_url, str):
        raise SettingError(f"base_url={base_url!r} is not a URL; write it as {API_URL}")

    url = base_url.strip().rstrip("/").removesuffix(ENDPOINT).rstrip("/")
    if "@" in url:
        raise SettingError(
            "the base URL contains a user name or password; remove it: the API needs only the token"
        )
    # A token in the wrong place of the URL must not be shown.
    bare_url = re.split(r"[?#]", url, maxsplit=1)[0]
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SettingError(
            f"the base URL {bare_url!r} is not a URL ({error}); write it as {API_URL}"
        ) from None

    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or url != bare_url:
        raise SettingError(f"the base URL {bare_url!r} is not a URL; write it as {API_URL}")
    # urlsplit() ignores some control characters.
    if not url.isprintable() or " " in url or not is_host(host):
        raise SettingError(
            f"the base URL {bare_url!r} is not a URL (no URL has such a host or character); "
            f"write it as {API_URL}"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise SettingError(
            f"the base URL {bare_url!r} would send the token unencrypted; use https://"
        )
    return url


def is_host(host: str) -> bool:
    """Return whether a host is an address, or a name that can be looked up.

    Examples
    --------
    >>> [is_host(host) for host in ("api.flxpoint.com", "m\u00fcnchen.example", "::1")]
    [True, True, True]
    >>> [is_host(host) for host in ("a..b", "*.example.com", "a" * 64 + ".com")]
    [False, False, False]
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return True

    try:
        name = host.encode("idna").decode("ascii").removesuffix(".")
    except UnicodeError:  # a part is empty or too long
        return False
    return len(name) <= _MAX_HOST and all(map(_LABEL.fullmatch, name.split(".")))


def is_loopback(host: str) -> bool:
    """Return whether a host is this computer.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("127.0.0.1.example.com")
    (True, False)
    """
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def place_of(base_url: str) -> str:
    """Return the place of a checked base URL: the same text for every spelling of it.

    Examples
    --------
    >>> place_of("HTTPS://API.flxpoint.com:443"), place_of("http://127.0.0.1:8000")
    ('https://api.flxpoint.com', 'http://127.0.0.1:8000')
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port not in (None, _DEFAULT_PORTS.get(parts.scheme)):
        host = f"{host}:{parts.port}"
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
