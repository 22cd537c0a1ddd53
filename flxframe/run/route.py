"""The way to the server: the proxy and the certificates that the environment names."""

from __future__ import annotations

import os
import ssl

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from flxframe.exceptions import SettingError
from flxframe.run.connections import watch_connections

_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def open_pool(base_url: str, connections: int) -> HTTPConnectionPool:
    """Return a pool of connections to a server; nothing is connected yet.

    Parameters
    ----------
    base_url : str
        The checked base URL.
    connections : int
        The number of connections to keep open.

    Raises
    ------
    SettingError
        If the host, or the environment's proxy or certificates cannot be used.

    Examples
    --------
    >>> open_pool("http://127.0.0.1:8000", 16).port
    8000
    """
    try:
        parse_url(base_url)
    except HTTPError:
        raise SettingError(
            f"the base URL {base_url!r} is not a URL (no URL has such a host); correct the host"
        ) from None

    if base_url.startswith("https:"):
        context = _read_certificates()
        manager = _manager(base_url, connections, context)
        settings = {"ssl_context": context, "cert_reqs": "CERT_REQUIRED"}
        pool = manager.connection_from_url(base_url, settings)
    else:
        # The environment's proxy must not see a token that is sent unencrypted to this machine.
        pool = PoolManager(maxsize=connections).connection_from_url(base_url)

    watch_connections(pool)
    return pool


def _read_certificates() -> ssl.SSLContext:
    """Return a context that trusts the certificates of the environment, or those of `certifi`.

    They are read once, since that takes longer than to connect.
    """
    context = create_urllib3_context()
    for variable in _BUNDLE_VARIABLES:
        path = os.environ.get(variable)
        if path:
            _load_certificates(context, variable, path)
            return context

    context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
    return context


def _load_certificates(context: ssl.SSLContext, variable: str, path: str) -> None:
    try:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:
        is_readable = isinstance(error, ssl.SSLError)
        reason = "it contains no certificates" if is_readable else error.strerror
        raise SettingError(
            f"the file of certificates {path!r} can't be read ({reason}): correct or unset "
            f"{variable} in the environment"
        ) from None


def _manager(base_url: str, connections: int, context: ssl.SSLContext) -> PoolManager:
    """Return the source of connections, through the environment's proxy if there is one."""
    proxy = select_proxy(base_url, get_environ_proxies(base_url))
    if not proxy:
        return PoolManager(maxsize=connections)

    url = proxy if "://" in proxy else f"http://{proxy}"
    settings = {"proxy_ssl_context": context} if url.startswith("https:") else {}
    try:
        host = parse_url(url).host
        if not host:
            raise ValueError("it has no host")
        host.encode("idna")  # raises ValueError if a part is empty or too long
        adapter = HTTPAdapter(pool_maxsize=connections)
        manager: PoolManager = adapter.proxy_manager_for(url, **settings)
    except requests.exceptions.InvalidSchema:
        raise SettingError(
            "the environment names a SOCKS proxy, which requires PySocks: run pip install PySocks, "
            "or unset HTTPS_PROXY and ALL_PROXY"
        ) from None
    except (requests.RequestException, HTTPError, ValueError):
        # The URL is not shown, because it might contain a password.
        raise SettingError(
            "the environment's proxy is not a URL: correct or unset HTTPS_PROXY and ALL_PROXY, "
            "such as HTTPS_PROXY=http://proxy.example.com:8080"
        ) from None
    return manager
