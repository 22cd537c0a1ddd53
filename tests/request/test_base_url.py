"""A token is only sent to a URL that is safe."""

import pytest

from flxframe.exceptions import SettingError
from flxframe.request.base_url import check_base_url, is_loopback


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.flxpoint.com", "https://api.flxpoint.com"),
        (" https://api.flxpoint.com/ ", "https://api.flxpoint.com"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://proxy.example.com/flxpoint", "https://proxy.example.com/flxpoint"),
        ("https://api.flxpoint.com/workflow/run", "https://api.flxpoint.com"),
        ("https://api.flxpoint.com/workflow/run/", "https://api.flxpoint.com"),
        ("https://api.flxpoint.com//workflow/run//", "https://api.flxpoint.com"),
        ("https://proxy.example.com/a/workflow/run", "https://proxy.example.com/a"),
        ("https://api.flxpoint.com.", "https://api.flxpoint.com."),
        ("https://my_host-1.example", "https://my_host-1.example"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://m\u00fcnchen.example", "https://m\u00fcnchen.example"),
    ],
)
def test_a_safe_url_has_no_trailing_slash_and_no_endpoint(base_url: str, expected: str) -> None:
    """So the same URL always has the same spelling, and the endpoint is not added twice."""
    assert check_base_url(base_url) == expected


@pytest.mark.parametrize(
    ("base_url", "message"),
    [
        ("", "is not a URL"),
        ("api.flxpoint.com", "is not a URL"),
        ("ftp://api.flxpoint.com", "is not a URL"),
        ("https://", "is not a URL"),
        ("https://api.flxpoint.com?x=1", "is not a URL"),
        ("https://api.flxpoint.com:99999", "is not a URL .*out of range"),
        ("http://api.flxpoint.com", "would send the token unencrypted"),
        ("https://api.flxpoint.com:x", "is not a URL"),
        ("https://api flxpoint.com", "no URL has such"),
        ("https://api.flxpoint.com/a b", "no URL has such"),
        ("https://api.flx\npoint.com", "no URL has such"),
        ("https://api.flxpoint.com\x7f", "no URL has such"),
        ("https://*", "no URL has such"),
        ("https://*.flxpoint.com", "no URL has such"),
        ("https://api..flxpoint.com", "no URL has such"),
        ("https://.flxpoint.com", "no URL has such"),
        ("https://-api.flxpoint.com", "no URL has such"),
        ("https://api.flxpoint.com\\.example.com", "no URL has such"),
        ("https://api%2eflxpoint.com", "no URL has such"),
        (f"https://{64 * 'a'}.com", "no URL has such"),
        (f"https://{'.'.join(130 * 'a')}", "no URL has such"),
        (f"https://{64 * chr(252)}.com", "no URL has such"),
        ("http://127.0.0.1.example.com", "would send the token unencrypted"),
        (7, "is not a URL"),
    ],
    ids=str,
)
def test_any_other_url_is_refused(base_url: str, message: str) -> None:
    """The message says how to write a URL."""
    with pytest.raises(SettingError, match=message):
        check_base_url(base_url)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://me:hunter2@api.flxpoint.com",
        "ftp://me:hunter2@api.flxpoint.com",
        "https://me:hunter2@api.flxpoint.com:99999",
        "https://me:hunter2@[api",
    ],
)
def test_a_password_is_refused_and_not_shown(base_url: str) -> None:
    """It is not shown even if something else is wrong with the URL."""
    with pytest.raises(SettingError) as caught:
        check_base_url(base_url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("end", ["?token=hunter2", "#hunter2", "/?a#hunter2"])
def test_a_token_in_the_url_is_refused_and_not_shown(end: str) -> None:
    """Its place is the header."""
    with pytest.raises(SettingError, match="is not a URL") as caught:
        check_base_url(f"https://api.flxpoint.com{end}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.1", "127.1.2.3"])
def test_this_computer_is_loopback(host: str) -> None:
    """Requests to it stay on this computer."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1.example.com", "192.168.0.1", "10.0.0.1"]
)
def test_another_host_is_not_loopback(host: str) -> None:
    """This includes a host that only looks like this computer."""
    assert not is_loopback(host)
