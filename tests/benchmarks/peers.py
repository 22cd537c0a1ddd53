"""flxframe and what people use today for the same job, each as they would write it: send so many rows to one URL."""

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
    """Decorate a function, and call it in a loop or behind threads."""
    send = sleep_and_retry(limits(calls=2, period=1)(_poster(requests.Session(), url)))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(rows)))


def with_geopy(url: str, rows: int) -> None:
    """Apply its limiter to a column."""
    pd.Series(range(rows)).apply(
        RateLimiter(_poster(requests.Session(), url), min_delay_seconds=0.5)
    )


def with_requests_ratelimiter(url: str, rows: int, threads: int = 1) -> None:
    """Use its session, in a loop or behind threads."""
    send = _poster(LimiterSession(per_second=2), url)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(rows)))


def with_aiohttp(url: str, rows: int, calls: float, period: float) -> None:
    """Start all rows at once, each to wait for its turn."""

    async def main() -> None:
        limiter = AsyncLimiter(calls, period)
        async with aiohttp.ClientSession() as session:

            async def send(number: int) -> None:
                async with (
                    limiter,
                    session.post(
                        f"{url}/workflow/run", json=body(number), headers=HEADERS
                    ) as answer,
                ):
                    await answer.read()

            await asyncio.gather(*map(send, range(rows)))

    asyncio.run(main())


def with_newman(url: str, rows: int) -> None:
    """Let it run a collection of one request over a file of data."""
    collection = {
        "info": {
            "name": "run",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "item": [
            {
                "name": "run",
                "request": {
                    "method": "POST",
                    "url": f"{url}/workflow/run",
                    "header": [{"key": "Content-Type", "value": "application/json"}]
                    + [{"key": name, "value": value} for name, value in HEADERS.items()],
                    "body": {
                        "mode": "raw",
                        "raw": json.dumps(body(0)).replace("0}}}", "{{number}}}}}"),
                    },
                },
            }
        ],
    }
    with tempfile.TemporaryDirectory() as name:
        paths = Path(name, "collection.json"), Path(name, "data.json")
        paths[0].write_text(json.dumps(collection))
        paths[1].write_text(json.dumps([{"number": number} for number in range(rows)]))
        command = [
            "npx",
            "--no-install",
            "newman",
            "run",
            str(paths[0]),
            "-d",
            str(paths[1]),
            "--delay-request",
            "500",
        ]
        subprocess.run([*command, "--silent"], check=True, cwd=newman_home())


def newman_home() -> Path:
    """Return where newman is installed by `install_newman`."""
    return Path(tempfile.gettempdir(), "flxframe-newman")


def install_newman() -> str:
    """Install newman where npm is at hand, and return its version, or say why there is none."""
    if shutil.which("npm") is None:
        return "left out: there is no npm on this machine"
    newman_home().mkdir(exist_ok=True)
    npm = ["npm", "install", "--silent", "--prefix", str(newman_home()), "newman@6"]
    if subprocess.run(npm, capture_output=True, check=False).returncode:
        return "left out: npm could not install it"
    version = json.loads((newman_home() / "node_modules" / "newman" / "package.json").read_text())[
        "version"
    ]
    return str(version)


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
    """Let a peer send so many rows to each URL, all at once, none in step with another."""
    warnings.simplefilter("ignore")  # a run that stops early is seen at the server

    def send(number: int) -> None:
        time.sleep(0.5 * number / len(urls))
        PEERS[name](urls[number], rows)

    with ThreadPoolExecutor(len(urls)) as pool:
        list(pool.map(send, range(len(urls))))
