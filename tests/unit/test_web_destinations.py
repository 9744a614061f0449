"""Where a request may go: on the web, and not into the reader's own network."""

import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from integrations.web.destinations import Private, Way, is_address, is_public, led_to
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from tests.unit.web_earnest import in_earnest, without_proxies

PACE = Pace("Birds", every=timedelta(0))
ADDRESS = "https://birds.example/gulls"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


def good(_: Request) -> Response:
    return Response(200, {}, b"good")


def leading(to: Mapping[str, str]) -> Callable[[Request], Response]:
    """What leads on from each of these hosts with paths; everything else is good."""

    def answer(request: Request) -> Response:
        target = to.get(f"{request.headers['host']}{request.target}")
        return Response(302, {"Location": target}) if target else good(request)

    return answer


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://birds.example", True), ("http://birds.example:8080/a?b#c", True),
        ("http://127.0.0.1/", True), ("http://[::1]:80/", True), ("http://vögel.example/", True),
        ("", False), ("birds.example", False), ("//birds.example/", False), ("http://", False),
        ("http:///a", False), ("ftp://birds.example/", False), ("file:///etc/passwd", False),
        ("javascript:alert(1)", False), ("http://ann:word@birds.example/", False),
        ("http://ann@birds.example/", False), ("http://x:99999/", False), ("http://x:0/", False),
        ("http://x:y/", False), ("http://[::1", False), ("http://a..b/", False),
        (f"http://{'a' * 64}.example/", False), ("http://a b/", False), ("http://a%20b/", False),
        ("http://\ud800/", False), ("http://\0/", False), ("http://x/\n", False),
    ],
)  # fmt: skip
def test_an_address_is_one_of_the_web(text: str, *, is_one: bool) -> None:
    assert is_address(text) == is_one


@pytest.mark.parametrize(
    "host",
    ["8.8.8.8", "2606:4700::1111", "[2606:4700::1111]", "::ffff:8.8.8.8", "2002:808:808::",
     "64:ff9b::808:808", "birds.example", "localhost.example", "10.example", "x.local.example"],
)  # fmt: skip
def test_what_is_on_the_open_internet(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "[::1]",
        "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1", "localhost", "LOCALHOST.",
        "a.localhost", "nas.local", "metadata.google.internal", "router.home.arpa", "nas", "nas.",
        "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "10.1.",
    ],
)  # fmt: skip
def test_what_is_not_on_the_open_internet(host: str) -> None:
    assert not is_public(host)


def answered(location: str) -> httpx2.Response:
    asked = httpx2.Request("GET", ADDRESS)
    return httpx2.Response(302, headers=[(b"Location", location.encode())], request=asked)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("terns", "https://birds.example/terns"), ("/a?b", "https://birds.example/a?b"),
        ("//terns.example/", "https://terns.example/"), ("?p=2", f"{ADDRESS}?p=2"),
        ("http://terns.example", "http://terns.example"), ("/ö ü", "https://birds.example/%C3%B6%20%C3%BC"),
        ("file:///etc/passwd", ""), ("ftp://birds.example/", ""), ("data:text/html,x", ""),
        ("http://ann:word@birds.example/", ""), ("http://[", ""), ("http://x:99999/", ""),
        ("http://x:y/", ""), ("http://a..b/", ""), ("\x7f", ""),
    ],
)  # fmt: skip
def test_an_answer_leads_to_an_address_or_nowhere(location: str, target: str) -> None:
    found = led_to(answered(location))
    assert (str(found) if found else "") == target


def test_a_redirect_is_followed() -> None:
    to = {"birds.example/gulls": "/terns?a=1", "birds.example/terns?a=1": "//terns.example/"}
    with Server(leading(to)) as server:
        answer = served(PACE, server).get(ADDRESS)
        assert len(server.requests) == 3
    assert (answer.content, answer.address) == (b"good", "https://terns.example/")


@pytest.mark.parametrize("to", ["/gulls", "https://birds.example/gulls", "?"])
def test_circles_have_an_end(to: str) -> None:
    with Server(lambda _: Response(301, {"Location": to})) as server:
        with pytest.raises(BadResponse, match="Birds sends us round in circles"):
            served(PACE, server).get(ADDRESS)
        assert len(server.requests) == 6


def test_a_way_without_an_end_has_one() -> None:
    with Server(lambda r: Response(307, {"Location": r.path + "x"})) as server:
        with pytest.raises(BadResponse, match="round in circles"):
            served(PACE, server).get(ADDRESS)
        assert len(server.requests) == 6


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://birds.example/", "http://[", "http://x:y/"]
)
def test_what_leads_off_the_web_is_not_followed(to: str) -> None:
    with Server(lambda _: Response(302, {"Location": to})) as server:
        with pytest.raises(BadResponse, match="Birds leads to what is no web address"):
            served(PACE, server).get(ADDRESS)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1:8080", "169.254.169.254", "0x7f.1", "nas"]
)
@pytest.mark.parametrize("n_hops", [1, 2])
def test_nothing_leads_into_the_own_network(host: str, n_hops: int) -> None:
    inside = f"http://{host}/latest/meta-data"
    to = {"birds.example/gulls": "https://terns.example/" if n_hops > 1 else inside,
          "terns.example/": inside}  # fmt: skip
    with Server(leading(to)) as server:
        with pytest.raises(BadResponse, match="inside your own network; check its address"):
            served(PACE, server).get(ADDRESS)
        assert len(server.requests) == n_hops


MINE = {"Authorization": "Bearer k", "X-Api-Key": "k", "Accept": "text/xml"}
KNOWN = '{"if-none-match": "\\"1\\""}'


@pytest.mark.parametrize(
    ("to", "is_same"),
    [
        ("/terns", True), ("https://birds.example:443/terns", True),
        ("https://terns.example/", False), ("https://www.birds.example/", False),
        ("http://birds.example/", False), ("https://birds.example:8443/", False),
    ],
)  # fmt: skip
def test_a_key_goes_nowhere_else(to: str, *, is_same: bool) -> None:
    with Server(leading({"birds.example/gulls": to})) as server:
        web = served(PACE, server, contact="ann@example.org")
        web.get(ADDRESS, headers=MINE, known=KNOWN)
        first, last = server.requests
    assert {"authorization", "x-api-key"} <= first.headers.keys()
    assert ("authorization" in last.headers) == ("x-api-key" in last.headers) == is_same
    # What was said of the page's version holds wherever the page is now.
    for name in ("user-agent", "accept", "if-none-match"):
        assert last.headers[name] == first.headers[name]
    assert last.headers["host"] == httpx2.URL(ADDRESS).join(to).netloc.decode()


def test_what_was_posted_goes_nowhere_else() -> None:
    with Server(lambda _: Response(307, {"Location": "https://terns.example/"})) as server:
        with pytest.raises(BadResponse, match="Birds has moved; correct its address"):
            served(PACE, server).post(ADDRESS, form={"api_key": "k"})
        assert len(server.requests) == 1


def test_cookies_are_for_whoever_set_them() -> None:
    def journal(request: Request) -> Response:
        host, cookie = request.headers["host"], request.headers.get("cookie")
        if host == "login.example":
            return Response(302, {"Location": ADDRESS, "Set-Cookie": "b=2"})
        if cookie is None:
            headers = {"Location": "https://login.example/", "Set-Cookie": "a=1; Path=/; Secure"}
            return Response(302, headers)
        return Response(200, {}, cookie.encode())

    with Server(journal) as server:
        web = served(PACE, server)
        assert web.get(ADDRESS).content == b"a=1"
        assert web.get(ADDRESS).content == b"a=1"
        assert "cookie" not in server.requests[1].headers


class Connection:
    """A connection to a number, as the HTTP client shows it."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.is_closed = False

    def get_extra_info(self, name: str) -> Any:
        return (self.number, 443) if name == "server_addr" else None

    def close(self) -> None:
        self.is_closed = True


def connected(way: Way, address: str, number: str, host: str = "") -> Connection:
    url, connection = httpx2.URL(address), Connection(number)
    watch = way.step(url)
    watch("connection.connect_tcp.started", {"host": host or url.raw_host.decode(), "port": 443})
    watch("connection.connect_tcp.complete", {"return_value": connection})
    watch("http11.send_request_headers.started", {"request": None})
    return connection


def test_a_name_that_leads_inside_is_left_at_once() -> None:
    way = Way()
    connected(way, ADDRESS, "8.8.8.8")
    connected(way, "https://terns.example/", "2606:4700::1111")
    with pytest.raises(Private):
        connected(way, "https://inside.example/", "192.168.0.1")


def test_the_same_name_must_not_lead_inside_the_second_time() -> None:
    way = Way()
    connected(way, ADDRESS, "8.8.8.8")
    with pytest.raises(Private):
        connected(way, ADDRESS, "127.0.0.1")


def test_a_reader_may_name_what_is_inside_and_it_may_lead_to_itself() -> None:
    way = Way()
    connected(way, "http://nas.example/feed", "192.168.0.9")
    connected(way, "http://nas.example/feed/", "192.168.0.9")
    with pytest.raises(Private):
        connected(way, "http://other.example/", "192.168.0.9")


def test_the_connection_to_a_proxy_is_the_proxys() -> None:
    way = Way()
    connected(way, ADDRESS, "10.0.0.1", host="proxy.example")
    assert not connected(way, "https://terns.example/", "10.0.0.1", "proxy.example").is_closed


# From here on the client reaches the servers by itself, as it does in earnest.


def test_what_a_name_leads_to_is_looked_at_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = socket.getaddrinfo

    def at_home(host: Any, *rest: Any, **named: Any) -> Any:
        return looked_up("127.0.0.1" if host == "birds.example" else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", at_home)
    with Server(good) as inside:
        target = inside.address.replace("127.0.0.1", "birds.example")
        with (
            Server(lambda _: Response(302, {"Location": target})) as server,
            pytest.raises(BadResponse, match="inside your own network"),
        ):
            in_earnest().get(server.address)
        assert (len(server.requests), len(inside.requests)) == (1, 0)
        # The reader may name it.
        assert in_earnest().get(target).content == b"good"


def test_a_server_inside_that_the_reader_names_may_lead_to_itself() -> None:
    with Server(lambda r: good(r) if r.path == "/a/" else Response(301, {"Location": "/a/"})) as s:
        assert in_earnest().get(f"{s.address}/a").content == b"good"


def test_to_be_led_inside_is_not_tried_again() -> None:
    with Server(lambda _: Response(302, {"Location": "http://10.0.0.1/"})) as server:
        with pytest.raises(BadResponse, match="inside your own network"):
            in_earnest(n_tries=3).get(server.address)
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "all_proxy"])
def test_a_proxy_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with Server(good) as proxy:
        monkeypatch.setenv(name, proxy.address.replace("//", "//ann:word@"))
        web = in_earnest()
        assert web.get("http://birds.example/gulls?a=1").content == b"good"
        [request] = proxy.requests
        assert request.target == "http://birds.example/gulls?a=1"
        assert request.headers["host"] == "birds.example"
        assert request.headers["proxy-authorization"].startswith("Basic ")


def test_a_proxy_leads_to_other_hosts_and_not_into_the_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def led(request: Request) -> Response:
        to = request.query.get("to")
        return Response(302, {"Location": to}) if to else good(request)

    with Server(led) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        web = in_earnest()
        # The connection is the proxy's, here as in many a company inside the network.
        assert web.get("http://birds.example/?to=http://terns.example/").content == b"good"
        with pytest.raises(BadResponse, match="inside your own network"):
            web.get("http://birds.example/?to=http://192.168.0.1/")
        assert len(proxy.requests) == 3


def test_who_needs_no_proxy_is_asked_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(good) as proxy, Server(good) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        in_earnest().get(server.address)
        assert (len(proxy.requests), len(server.requests)) == (0, 1)


def test_a_proxy_that_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(lambda _: Response(403)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        with pytest.raises(TransientError, match="proxy error"):
            in_earnest().get(ADDRESS)
        assert proxy.requests[0].method == "CONNECT"


@pytest.mark.parametrize("proxy", ["ftp://proxy.example", "socks5://ann:geheim@127.0.0.1"])
def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigError, match="the proxy that the environment names") as raised:
        in_earnest()
    assert "geheim" not in str(raised.value)
