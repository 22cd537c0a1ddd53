"""flxframe and other clients for the same task, each in its usual form: send rows to one URL."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import pandas as pd
import requests
from aiolimiter import AsyncLimiter
from geopy.extra.rate_limiter import RateLimiter
from ratelimit import limits, sleep_and_retry
from requests_ratelimiter import LimiterSession

import flxframe
from tests.benchmarks.orders import TOKEN, body, table

HEADERS = {"X-API-TOKEN": TOKEN}

Peer = Callable[[str, int], None]


def with_flxframe(url: str, rows: int) -> None:
    """Send a table."""
    flxframe.run_workflows(table(rows), token=TOKEN, base_url=url, progress=False)


def _poster(session: requests.Session, url: str) -> Callable[[int], requests.Response]:
    return lambda number: session.post(f"{url}/workflow/run", json=body(number), headers=HEADERS)


def with_ratelimit(url: str, rows: int, threads: int = 1) -> None:
    """Decorate a function, and call it in a loop or in threads."""
    post = _poster(requests.Session(), url)
    send = sleep_and_retry(limits(calls=2, period=1)(post))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(rows)))


def with_geopy(url: str, rows: int) -> None:
    """Apply its limiter to a column."""
    post = _poster(requests.Session(), url)
    pd.Series(range(rows)).apply(RateLimiter(post, min_delay_seconds=0.5))


def with_requests_ratelimiter(url: str, rows: int, threads: int = 1) -> None:
    """Use its session, in a loop or in threads."""
    send = _poster(LimiterSession(per_second=2), url)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(rows)))


def with_aiohttp(url: str, rows: int, calls: float, period: float) -> None:
    """Start all rows at once; each waits for its turn."""

    async def main() -> None:
        limiter = AsyncLimiter(calls, period)
        run_url = f"{url}/workflow/run"
        async with aiohttp.ClientSession() as session:

            async def send(number: int) -> None:
                async with limiter:
                    request = session.post(run_url, json=body(number), headers=HEADERS)
                    async with request as answer:
                        await answer.read()

            await asyncio.gather(*map(send, range(rows)))

    asyncio.run(main())


def with_newman(url: str, rows: int) -> None:
    """Let it run a collection of one request over a file of data."""
    data = [{"number": number} for number in range(rows)]
    with tempfile.TemporaryDirectory() as name:
        collection_path, data_path = Path(name, "collection.json"), Path(name, "data.json")
        collection_path.write_text(json.dumps(_collection(url)))
        data_path.write_text(json.dumps(data))

        command = [
            *("npx", "--no-install", "newman", "run", str(collection_path)),
            *("-d", str(data_path), "--delay-request", "500", "--silent"),
        ]
        subprocess.run(command, check=True, cwd=newman_home())


def _collection(url: str) -> dict[str, Any]:
    headers = [{"key": "Content-Type", "value": "application/json"}]
    for name, value in HEADERS.items():
        headers.append({"key": name, "value": value})

    request = {
        "method": "POST",
        "url": f"{url}/workflow/run",
        "header": headers,
        "body": {
            "mode": "raw",
            "raw": json.dumps(body(0)).replace("0}}}", "{{number}}}}}"),
        },
    }
    return {
        "info": {
            "name": "run",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "item": [{"name": "run", "request": request}],
    }


def newman_home() -> Path:
    """Return where newman is installed by `install_newman`."""
    return Path(tempfile.gettempdir(), "flxframe-newman")


def install_newman() -> str:
    """Install newman if npm is available, and return its version, or why it was left out."""
    if shutil.which("npm") is None:
        return "left out: there is no npm on this machine"

    home = newman_home()
    home.mkdir(exist_ok=True)
    npm = ["npm", "install", "--silent", "--prefix", str(home), "newman@6"]
    if subprocess.run(npm, capture_output=True, check=False).returncode:
        return "left out: npm could not install it"

    package = json.loads((home / "node_modules" / "newman" / "package.json").read_text())
    return str(package["version"])


PEERS: dict[str, Peer] = {
    "requests + ratelimit, the obvious loop": with_ratelimit,
    "geopy RateLimiter(min_delay_seconds=0.5)": with_geopy,
    "requests-ratelimiter(per_second=2)": with_requests_ratelimiter,
    "newman --delay-request 500": with_newman,
    "requests + ratelimit, 16 threads": lambda url, rows: with_ratelimit(url, rows, 16),
    "requests-ratelimiter, 8 threads": lambda url, rows: with_requests_ratelimiter(url, rows, 8),
    "aiohttp + AsyncLimiter(2, 1)": lambda url, rows: with_aiohttp(url, rows, 2, 1),
    "aiohttp + AsyncLimiter(1, 0.5)": lambda url, rows: with_aiohttp(url, rows, 1, 0.5),
    "flxframe": with_flxframe,
}


def send_to_all(name: str, urls: Sequence[str], rows: int) -> None:
    """Let a peer send rows to each URL, all at once, each at a different phase of the second."""
    warnings.simplefilter("ignore")  # the server's log shows a run that stops early

    def send(number: int) -> None:
        time.sleep(0.5 * number / len(urls))
        PEERS[name](urls[number], rows)

    with ThreadPoolExecutor(len(urls)) as pool:
        list(pool.map(send, range(len(urls))))
