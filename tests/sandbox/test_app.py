"""The sandbox, over real sockets: it answers as the API's page says, fails to order, and knows what truly ran."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from flxframe.sandbox.app import Arrival, FixedWindow, Sandbox, SlidingWindow, TokenBucket, sandbox

ORDER = {"number": "00123", "shippingAddress": {"countryCode": "DE"}}
BODY = {"eventHandle": "order_import", "objects": {"order": ORDER}}


@pytest.fixture
def post(api: Sandbox) -> Iterator[Callable[..., requests.Response]]:
    """Posts a body to it, as JSON or, where it is text, as it is, on one keep-alive session."""
    with requests.Session() as session:
        yield lambda body=BODY, **headers: send(api, body, session=session, **headers)


def send(
    api: Sandbox, body: Any = BODY, *, session: Any = requests, **headers: str
) -> requests.Response:
    headers = {"X-API-TOKEN": api.token, "Content-Type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    answer: requests.Response = session.post(
        f"{api.url}/workflow/run", data=data, headers=headers, timeout=20, allow_redirects=False
    )
    return answer


def order_of(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()["objects"]["order"]
    return order


class TestAnswers:
    def test_same_shape(self, post: Any) -> None:
        """The answer is the request, its objects as the workflow left them."""
        body = {**BODY, "draft": False, "params": [{"key": "sourceId", "value": 12}], "extra": [1]}
        held = {**ORDER, "status": "Hold", "tags": ["International"]}
        assert post(body).json() == {**body, "objects": {"order": held}}

    @pytest.mark.parametrize(
        "digits",
        ["820982911946154508", "-0.0", "1.10", "1e400", "0.1000000000000000055", "9" * 400],
    )
    def test_digits(self, post: Any, digits: str) -> None:
        """Numbers come back with the digits they went with."""
        text = f'{{"eventHandle": "order_cancelled", "objects": {{"order": {{"n": {digits}}}}}}}'
        assert post(text).text == text

    def test_text(self, post: Any) -> None:
        """Texts come back as they went, whatever is in them."""
        objects = {"order": {"name": "Åsa 山田 😀", "odd": '\ud800 "\\\u2028', "": None}}
        assert (
            post({"eventHandle": "order_cancelled", "objects": objects}).json()["objects"]
            == objects
        )

    def test_id_wins(self, post: Any) -> None:
        """The id is taken for the workflow, whatever the event says."""
        body = {
            "id": 3,
            "eventHandle": "order_import",
            "objects": {"product": {"title": " a  b "}, "order": ORDER},
        }
        assert post(body).json()["objects"] == {"product": {"title": "a b"}, "order": ORDER}

    def test_event_without_workflow(self, api: Sandbox, post: Any) -> None:
        """An event without a workflow is no error: the objects come back unchanged, and nothing ran."""
        assert order_of(post({**BODY, "eventHandle": "order_cancelled"})) == ORDER
        assert [arrival.ran for arrival in api.arrivals] == [False]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"id": 99, "objects": {}}, "id"),
            ({"id": 99, "eventHandle": "order_import", "objects": {}}, "id"),
            ({"eventHandle": "nope", "objects": {}}, "eventHandle"),
            ({"objects": {}}, "eventHandle"),
            ({"eventHandle": "order_import"}, "objects"),
            ({**BODY, "objects": None}, "objects"),
            ({**BODY, "objects": []}, "objects"),
            ({**BODY, "id": "1"}, "id"),
            ({**BODY, "id": 1.0}, "id"),
            ({**BODY, "id": True}, "id"),
            ({**BODY, "eventHandle": 1}, "eventHandle"),
            ({**BODY, "draft": "yes"}, "draft"),
            ({**BODY, "draft": 1}, "draft"),
            ({**BODY, "params": {"a": 1}}, "params"),
            ({**BODY, "params": [1]}, "params[0]"),
            ({**BODY, "params": [{"key": "a", "value": 1}, {"key": "a"}]}, "params[1].value"),
            ({**BODY, "params": [{"key": "a", "value": 12.0}]}, "params[0].value"),
            ({**BODY, "params": [{"key": "a", "value": True}]}, "params[0].value"),
            ({**BODY, "params": [{"key": 1, "value": 1}]}, "params[0].key"),
            ([BODY], "body"),
            ("", "body"),
            ('{"objects": ', "body"),
            ('{"eventHandle": "order_import", "objects": {"a": NaN}}', "body"),
            (b'{"eventHandle": "order_import", "objects": {"a": "\xff"}}', "body"),
            (
                '{"eventHandle": "order_import", "objects": {"a": %s}}' % ("[" * 800 + "]" * 800),
                "body",
            ),
        ],
    )
    def test_invalid(self, api: Sandbox, post: Any, body: Any, field: str) -> None:
        """What is no RunWorkflowRequest, or asks for what isn't there, gets a 400 that names the field; nothing ran."""
        answer = post(body)
        assert (answer.status_code, api.runs) == (400, [])
        assert field in answer.json()["message"]

    @pytest.mark.parametrize(
        "headers", [{"X_API_TOKEN": "wrong"}, {"X_API_TOKEN": ""}, {"X_API_TOKEN": "é"}]
    )
    def test_wrong_token(self, api: Sandbox, post: Any, headers: dict[str, str]) -> None:
        """A wrong or empty token gets a 401, and isn't kept: it could be a real one."""
        answer = post(**{name: value.encode("utf-8") for name, value in headers.items()})
        assert (answer.status_code, list(answer.json())) == (401, ["message"])
        assert [(arrival.token, arrival.ran) for arrival in api.arrivals] == [(None, False)]

    def test_no_token(self, api: Sandbox) -> None:
        """A missing token gets a 401; an Authorization header is none."""
        headers = {"Authorization": f"Bearer {api.token}"}
        assert (
            requests.post(
                f"{api.url}/workflow/run", json=BODY, headers=headers, timeout=20
            ).status_code
            == 401
        )

    @pytest.mark.parametrize(
        "method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "TRACE"]
    )
    def test_wrong_method(self, api: Sandbox, method: str) -> None:
        """Another method gets a 405 that says which is allowed, and its connection stays in step."""
        with requests.Session() as session:
            answer = session.request(
                method, f"{api.url}/workflow/run", data=b"GET / HTTP/1.1\r\n\r\n", timeout=20
            )
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
            assert send(api, session=session).status_code == 200

    def test_wrong_path(self, api: Sandbox) -> None:
        """Another path gets a 404."""
        assert requests.post(f"{api.url}/workflow", json=BODY, timeout=20).status_code == 404

    def test_content_type(self, post: Any) -> None:
        """Only JSON is read, with or without a charset."""
        assert post(Content_Type="text/plain").status_code == 415
        assert post(Content_Type="application/json; charset=utf-8").status_code == 200

    def test_large_body(self, post: Any) -> None:
        """A body beyond 10 MiB gets a 413, and the connection can be used on."""
        assert post(" " * (10 * 2**20 + 1)).status_code == 413
        assert post().status_code == 200

    def test_chunked(self, api: Sandbox) -> None:
        """A body in chunks is read like any other."""
        headers = {"X-API-TOKEN": api.token, "Content-Type": "application/json"}
        text = json.dumps(BODY).encode()
        with requests.Session() as session:
            for _ in range(2):
                pieces = iter([text[:7], text[7:]])
                answer = session.post(
                    f"{api.url}/workflow/run", data=pieces, headers=headers, timeout=20
                )
                assert order_of(answer)["status"] == "Hold"

    @pytest.mark.parametrize(
        "header", ["Content-Length: x", "Content-Length: -1", "Transfer-Encoding: chunked"]
    )
    def test_unreadable_length(self, api: Sandbox, header: str) -> None:
        """A body without an end that could be found gets a 400, and the connection is closed."""
        with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
            connection.sendall(
                f"POST /workflow/run HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\nx\r\n".encode()
            )
            answer = b"".join(iter(lambda: connection.recv(2**16), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"\r\nConnection: close\r\n" in answer

    def test_half_a_request(self, api: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
        """A client that goes away in the middle of a request leaves no trace: no arrival, no message."""
        with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
            connection.sendall(
                b"POST /workflow/run HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"
            )
        api.stop()
        assert (api.arrivals, capfd.readouterr()) == ([], ("", ""))


class TestWorkflows:
    @pytest.mark.parametrize(
        ("order", "live", "draft"),
        [
            ({"shippingAddress": {"countryCode": "US"}}, {}, {}),
            ({"shippingAddress": {}}, {}, {}),
            ({"shippingAddress": None}, {}, {}),
            ({}, {}, {}),
            (
                {"shippingAddress": {"countryCode": "CA"}},
                {"status": "Hold", "tags": ["International"]},
                {},
            ),
            (
                {"shippingAddress": {"countryCode": "FR"}, "tags": ["Gift"], "status": "Open"},
                {"status": "Hold", "tags": ["Gift", "International"]},
                {"status": "Hold", "tags": ["Gift", "International", "Customs form"]},
            ),
            (
                {"shippingAddress": {"countryCode": "FR"}, "tags": "International"},
                {"status": "Hold", "tags": ["International"]},
                {"status": "Hold", "tags": ["International", "Customs form"]},
            ),
        ],
    )
    def test_order_import(self, post: Any, order: Any, live: Any, draft: Any) -> None:
        """An order that leaves the country is held and tagged, once; the draft lets Canada through."""
        body = {"eventHandle": "order_import", "objects": {"order": order}}
        assert order_of(post(body)) == {**order, **live}
        assert order_of(post({**body, "draft": True})) == {**order, **draft}

    @pytest.mark.parametrize(
        "objects", [{}, {"order": None}, {"order": [1]}, {"product": {"title": "x"}}]
    )
    def test_other_objects(self, post: Any, objects: Any) -> None:
        """Objects of another kind come back unchanged."""
        for workflow in (1, 2):
            assert post({"id": workflow, "objects": objects}).json()["objects"] == objects

    @pytest.mark.parametrize(
        ("order", "live", "draft"),
        [
            ({"total": 500}, False, False),
            ({"total": 500.01}, True, False),
            ({"total": 1001}, True, True),
            ({"total": "much"}, False, False),
            ({"items": [{"price": 100.5, "quantity": 4}, {"price": 200}]}, True, False),
            ({"items": [{"price": None}, {"sku": "00012"}]}, False, False),
        ],
    )
    def test_order_update(self, post: Any, order: Any, live: bool, draft: bool) -> None:
        """A large order is held with a note; the draft's idea of large is twice as much."""
        body = {"eventHandle": "order_update", "objects": {"order": order}}
        assert ("note" in order_of(post(body))) is live
        assert ("note" in order_of(post({**body, "draft": True}))) is draft

    def test_product_update(self, post: Any) -> None:
        """A product's title and SKU are tidied; the draft writes the SKU in capitals, too."""
        body = {"id": 3, "objects": {"product": {"title": " Tea \n pot", "sku": " 00a-1 "}}}
        assert post(body).json()["objects"]["product"] == {"title": "Tea pot", "sku": "00a-1"}
        assert post({**body, "draft": True}).json()["objects"]["product"]["sku"] == "00A-1"

    def test_added(self, api: Sandbox, post: Any) -> None:
        """A workflow is any Python function, known by its event, by its event and params, and by its id."""
        api.add_workflow(
            "count", lambda objects: {"n": objects["n"] + 1}, draft=lambda objects: {"n": -1}
        )
        api.add_workflow("count", lambda objects: objects.update(n=100), id=70, params={"store": 7})
        store = [{"key": "store", "value": 7}]
        ask = {"eventHandle": "count", "objects": {"n": 1}}
        bodies = [ask, {**ask, "draft": True}, {**ask, "params": store}, {"id": 70, "objects": {}}]
        assert [post(body).json()["objects"]["n"] for body in bodies] == [2, -1, 100, 100]

    def test_added_over_a_built_in(self, api: Sandbox, post: Any) -> None:
        """A workflow takes the place of an older one for the same event."""
        api.add_workflow("order_cancelled", lambda objects: {"order": {}})
        assert order_of(post({**BODY, "eventHandle": "order_cancelled"})) == {}

    @pytest.mark.parametrize(
        "function", [lambda objects: objects["nope"], lambda objects: {"set": {1}}]
    )
    def test_failing(self, api: Sandbox, post: Any, function: Any) -> None:
        """A workflow that raises, or returns what is no JSON, gets a 500; it ran."""
        api.add_workflow("bad", function)
        assert post({"eventHandle": "bad", "objects": {}}).status_code == 500
        assert [(arrival.status, arrival.ran) for arrival in api.arrivals] == [(500, True)]

    def test_log_keeps_the_request(self, api: Sandbox, post: Any) -> None:
        """What the workflow changes doesn't change the log of what arrived."""
        post()
        assert api.arrivals[0].body == BODY


class TestLimits:
    def test_sliding(self) -> None:
        """A sliding window serves 2 in any second, and again exactly a second later."""
        window = SlidingWindow(2)
        assert [window.take(now) for now in (0.0, 0.5, 0.75, 1.0, 1.25, 1.5)] == [
            0,
            0,
            0.25,
            0,
            0.25,
            0,
        ]

    def test_fixed(self) -> None:
        """A fixed window serves 2 from one whole second to the next, so 4 in a moment at its edge."""
        window = FixedWindow(2)
        assert [window.take(now) for now in (7.75, 7.75, 7.75, 8.0, 8.0, 8.25)] == [
            0,
            0,
            0.25,
            0,
            0,
            0.75,
        ]

    def test_bucket(self) -> None:
        """A bucket serves 2 at once after a rest, then one every half second."""
        bucket = TokenBucket(2)
        assert [bucket.take(now) for now in (5.0, 5.0, 5.0, 5.5, 5.75, 9.0, 9.0, 9.0)] == [
            0,
            0,
            0.5,
            0,
            0.25,
            0,
            0,
            0.5,
        ]

    @pytest.mark.parametrize("kind", [SlidingWindow, FixedWindow, TokenBucket])
    @pytest.mark.parametrize("rate", [0.3, 1, 2, 2.5, 200])
    def test_steady_rate(self, kind: Any, rate: float) -> None:
        """Whoever waits as long as he is told gets exactly the rate, however much he is refused."""
        limiter, now, served = kind(rate), 1000.0, 0
        while now < 1100.0:
            wait = limiter.take(now)
            served += not wait
            now += wait
        assert served == pytest.approx(100 * rate, abs=rate + 1)

    @pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
    @pytest.mark.parametrize("kind", [SlidingWindow, FixedWindow, TokenBucket])
    def test_no_rate(self, kind: Any, rate: float) -> None:
        """A rate that is none is refused."""
        with pytest.raises(ValueError, match="rate must be"):
            kind(rate)

    @pytest.mark.parametrize("settings", [{"limit": "none"}, {"retry_after": "soon"}])
    def test_unknown_settings(self, settings: Any) -> None:
        """A setting that isn't known is refused with those that are."""
        with pytest.raises(ValueError, match=f"{next(iter(settings))} must be one of"):
            sandbox(**settings)

    @pytest.mark.parametrize("limit", ["sliding", "fixed", "bucket"])
    def test_too_many(self, limit: Any) -> None:
        """Each token has its own budget; beyond it is a 429 that runs nothing and uses nothing up."""
        now = [10.0]
        with sandbox(limit=limit, tokens=["a", "b"], clock=lambda: now[0]) as api:
            assert [send(api, X_API_TOKEN=token).status_code for token in "aabaab"] == [
                200,
                200,
                200,
                429,
                429,
                200,
            ]
            now[0] = 11.0
            assert send(api, X_API_TOKEN="a").status_code == 200
            assert [arrival.ran for arrival in api.arrivals] == [
                True,
                True,
                True,
                False,
                False,
                True,
                True,
            ]
            assert [arrival.at for arrival in api.arrivals] == [10.0] * 6 + [11.0]
            assert [arrival.body for arrival in api.arrivals] == [BODY] * 7

    def test_refused_tokens_are_not_counted(self) -> None:
        """A wrong token uses nobody's budget."""
        with sandbox(clock=lambda: 0.0) as api:
            tokens = ["x", "x", "x", api.token, api.token]
            assert [send(api, X_API_TOKEN=token).status_code for token in tokens] == [
                401,
                401,
                401,
                200,
                200,
            ]

    @pytest.mark.parametrize("form", ["seconds", "date", "absurd", "none"])
    def test_retry_after(self, form: Any) -> None:
        """A 429 says how long to wait, in the form that was asked for."""
        with sandbox(retry_after=form, rate=1, clock=lambda: 0.0) as api:
            send(api)
            header = send(api).headers.get("Retry-After")
        if form == "date":
            assert 0 < parsedate_to_datetime(header or "").timestamp() - time.time() <= 2.1
        else:
            assert header == {"seconds": "1", "absurd": "99999999999", "none": None}[form]


NO_ANSWER = ("reset", "close", "reset_after", "close_after")
RUN_AFTER_ALL = (
    "500_after",
    "504_after",
    "html",
    "empty",
    "bad_json",
    "list",
    "no_objects",
    "null_objects",
)
NOT_RUN = (
    *(301, 302, 307, 401, 403, 404, 429, 500, 502, 503, 504),
    *("503-retry-after", "429-seconds", "429-date", "429-absurd", "429-none"),
    *("400_html", "400_text", "400_empty", "400_string", "400_list"),
    *("400_error", "400_errors", "400_detail", "400_title"),
)


class TestFaults:
    @pytest.mark.parametrize("kind", NO_ANSWER)
    def test_no_answer(self, api: Sandbox, post: Any, kind: str) -> None:
        """The connection ends without an answer; the log knows whether the workflow ran."""
        api.fail(kind)
        with pytest.raises(
            requests.ConnectionError,
            match="reset by peer" if "reset" in kind else "without response",
        ):
            post()
        ran = kind.endswith("_after")
        assert api.arrivals == [Arrival(api.arrivals[0].at, api.token, None, BODY, ran, kind)]
        assert post().status_code == 200

    @pytest.mark.parametrize("kind", [*RUN_AFTER_ALL, *NOT_RUN])
    def test_answers(self, api: Sandbox, post: Any, kind: int | str) -> None:
        """An answer to order comes once, on a connection that stays open; the log knows whether the workflow ran."""
        api.fail(kind)
        first, second = post(), post()
        name = str(kind).replace("-", "_")
        assert first.status_code == (int(name[:3]) if name[:3].isdecimal() else 200)
        assert order_of(second)["status"] == "Hold"
        assert [(arrival.status, arrival.ran, arrival.fault) for arrival in api.arrivals] == [
            (first.status_code, kind in RUN_AFTER_ALL, name),
            (200, True, None),
        ]

    def test_truncated(self, api: Sandbox, post: Any) -> None:
        """A truncated answer promises more than it holds."""
        api.fail("truncated")
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            post()
        assert [(arrival.status, arrival.ran) for arrival in api.arrivals] == [(200, True)]

    def test_slow(self, api: Sandbox) -> None:
        """A slow answer is too late for a client that waits less; the workflow ran."""
        api.fail("slow", seconds=60)
        with pytest.raises(requests.ReadTimeout):
            requests.post(
                f"{api.url}/workflow/run",
                json=BODY,
                headers={"X-API-TOKEN": api.token},
                timeout=(20, 0.05),
            )
        wait_for(lambda: len(api.runs) == 1)

    @pytest.mark.parametrize("kind", [302, 307])
    def test_redirect(self, api: Sandbox, post: Any, kind: int) -> None:
        """A redirect leads back here, so that whoever follows it is seen."""
        api.fail(kind)
        assert requests.compat.urljoin(
            f"{api.url}/workflow/run", post().headers["Location"]
        ).startswith(api.url)

    def test_in_order(self, api: Sandbox, post: Any) -> None:
        """Faults come in the order in which they were ordered, each as often as it was, after those it spares."""
        api.fail(503, times=2)
        api.fail(502, after=1)
        assert [post().status_code for _ in range(5)] == [503, 503, 200, 502, 200]

    def test_tied_to_a_request(self, api: Sandbox, post: Any) -> None:
        """A fault can be tied to what a request holds."""
        api.fail(500, when=lambda body: body["objects"].get("n") == 2)
        bodies = [{**BODY, "objects": {"n": n}} for n in (1, 2, 2)]
        assert [post(body).status_code for body in bodies] == [200, 500, 200]

    def test_only_for_good_requests(self, api: Sandbox, post: Any) -> None:
        """No fault meets a wrong token, and none that runs the workflow a request that can't be run."""
        api.fail("html")
        answers = [post(X_API_TOKEN="wrong"), post({"objects": {}}), post()]
        assert [answer.headers["Content-Type"] for answer in answers] == [
            *["application/json"] * 2,
            "text/html",
        ]

    def test_bad_requests_too(self, api: Sandbox, post: Any) -> None:
        """A fault that runs nothing meets any request whose token is good."""
        api.fail(503)
        assert [post("no JSON").status_code for _ in range(2)] == [503, 400]

    def test_at_random(self, api: Sandbox, post: Any) -> None:
        """Faults at random come as often as was said, and stop when told."""
        api.fail_randomly([500, "500_after"], probability=0.3, seed=1)
        statuses = [post().status_code for _ in range(300)]
        assert 60 < statuses.count(500) < 120
        assert {arrival.fault for arrival in api.arrivals} == {None, "500", "500_after"}
        assert len(api.runs) == 300 - [arrival.fault for arrival in api.arrivals].count("500")
        api.clear_faults()
        assert {post().status_code for _ in range(30)} == {200}

    @pytest.mark.parametrize("kind", ["nope", 200, 600, "400_after", "503_date", "429_after", ""])
    def test_unknown(self, api: Sandbox, kind: int | str) -> None:
        """A fault that isn't known is refused with those that are."""
        with pytest.raises(ValueError, match=r"there is no fault .* null_objects"):
            api.fail(kind)


class TestServer:
    def test_overlap(self) -> None:
        """Slow answers don't wait for one another."""
        together = threading.Barrier(20, timeout=20)

        def latency() -> float:
            together.wait()  # passes only if 20 requests are under way at once
            return 0.0

        with sandbox(limit=None, latency=latency) as api, ThreadPoolExecutor(20) as pool:
            assert {answer.status_code for answer in pool.map(lambda _: send(api), range(20))} == {
                200
            }

    def test_many_connections(self, api: Sandbox) -> None:
        """Hundreds of connections may be open at once, and all of them are served."""
        headers = {"X-API-TOKEN": api.token, "Content-Type": "application/json"}
        with contextlib.ExitStack() as stack:
            connections = [
                http.client.HTTPConnection("127.0.0.1", api.port, timeout=20) for _ in range(200)
            ]
            for connection in connections:
                stack.enter_context(contextlib.closing(connection))
                connection.request("POST", "/workflow/run", json.dumps(BODY), headers)
            answers = [stack.enter_context(connection.getresponse()) for connection in connections]
            assert {(answer.status, b"Hold" in answer.read()) for answer in answers} == {
                (200, True)
            }
        assert len(api.runs) == 200

    def test_keep_alive(self, api: Sandbox) -> None:
        """One connection serves many requests, whatever their answers, each answer in one piece."""
        request = (
            f"POST /workflow/run HTTP/1.1\r\nHost: x\r\nX-API-TOKEN: {api.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        ).encode()
        with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
            for _ in range(3):
                connection.sendall(request)
                assert connection.recv(2**16).endswith(b"}")

    def test_stop(self) -> None:
        """Stopped, it answers at once what is under way, and refuses connections until it is started again."""
        api = sandbox(latency=60)
        api.start()
        url = api.url
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(send, api)
            wait_for(lambda: bool(api.runs))
            api.stop()
            assert answer.result().status_code == 200
        with pytest.raises(requests.ConnectionError, match="refused"):
            send(api)
        with api:
            assert (api.url, requests.get(f"{url}/openapi.json", timeout=20).status_code) == (
                url,
                200,
            )

    def test_quiet(self, api: Sandbox, post: Any, capfd: pytest.CaptureFixture[str]) -> None:
        """Nothing is printed, whatever goes wrong on the wire."""
        api.fail("reset")
        with pytest.raises(requests.ConnectionError):
            post()
        assert post().status_code == 200
        assert capfd.readouterr() == ("", "")

    def test_log_file(self, tmp_path: Path) -> None:
        """Every arrival is a line of JSON in the log file when its answer leaves, also after a second start."""
        path = tmp_path / "arrivals.jsonl"
        for _ in range(2):
            with sandbox(limit=None, log_path=path) as api:
                api.fail("500_after")
                answers = [send(api), send(api, "{\n"), send(api, X_API_TOKEN="secret")]
                lines = [json.loads(line) for line in path.read_text().splitlines()]
            assert [answer.status_code for answer in answers] == [500, 400, 401]
            assert lines[-3:] == [vars(arrival) for arrival in api.arrivals]
        assert [(line["status"], line["ran"], line["fault"]) for line in lines] == [
            (500, True, "500_after"),
            (400, False, None),
            (401, False, None),
        ] * 2
        assert "secret" not in path.read_text()

    def test_log_survives_the_client(self, tmp_path: Path) -> None:
        """A run stands in the log file before its answer leaves."""
        path = tmp_path / "arrivals.jsonl"
        with sandbox(latency=60, log_path=path) as api, ThreadPoolExecutor(1) as pool:
            pool.submit(send, api)
            wait_for(path.exists)
            wait_for(lambda: path.read_text().endswith("\n"))
            assert json.loads(path.read_text())["ran"] is True
            api.stop()

    def test_port_taken(self, api: Sandbox) -> None:
        """A port that isn't free is an OSError when it starts."""
        with pytest.raises(OSError, match="in use"):
            sandbox(port=api.port).start()


class TestContract:
    def test_document(self, api: Sandbox) -> None:
        """The OpenAPI document is served without a token, knows the workflows, and isn't an arrival."""
        api.add_workflow("mine", lambda objects: objects, id=77)
        document = requests.get(f"{api.url}/openapi.json", timeout=20).json()
        by_id, by_event = document["paths"]["/workflow/run"]["post"]["requestBody"]["content"][
            "application/json"
        ]["schema"]["anyOf"]
        assert by_id["properties"]["id"]["enum"] == [1, 2, 3, 77]
        assert "mine" in by_event["properties"]["eventHandle"]["enum"]
        assert api.arrivals == []

    def test_schemathesis(self, api: Sandbox, tmp_path: Path) -> None:
        """Schemathesis finds nothing that the sandbox does and its OpenAPI document doesn't say."""
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{api.url}/openapi.json",
            "--checks",
            "all",
        ]
        command += [
            "-H",
            f"X-API-TOKEN: {api.token}",
            "--seed",
            "1",
            "-n",
            "40",
            "--continue-on-failure",
        ]
        run = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert len(api.runs) > 20

    def test_shares_no_code(self) -> None:
        """The sandbox imports nothing of the rest of the package."""
        code = (
            "import sys, types; package = types.ModuleType('flxframe'); package.__path__ = [sys.argv[1]]; "
            "sys.modules['flxframe'] = package; import flxframe.sandbox; print(*sys.modules, sep='\\n')"
        )
        folder = Path(__file__).parents[2] / "flxframe"
        run = subprocess.run(
            [sys.executable, "-c", code, folder],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        loaded = run.stdout.split()
        assert [
            name for name in loaded if name.startswith("flxframe.") and "sandbox" not in name
        ] == []
        assert not {"requests", "pandas", "ratelimit"} & set(loaded)


def wait_for(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
