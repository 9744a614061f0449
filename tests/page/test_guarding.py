"""Who is refused: other names, other origins, other forms, and too much at once."""

import asyncio
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.types import Message

from recommender.page import tokens
from recommender.page.guarding import MOST_BODY, MOST_QUERY, Names
from recommender.page.site import Site
from recommender.testing.publishers import suggestion_on
from tests.page.outline import Outline
from tests.page.worlds import HERE, House

READING = ["/", "/archive", "/sources", "/feed.atom", "/healthz", "/style.css", "/nothing"]


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1",
        "127.0.0.1:80",
        "localhost:9999",
        "127.0.0.1.evil.example:8765",
        "127.0.0.1:8765@evil.example",
        "0.0.0.0:8765",
        "",
    ],
)
def test_the_page_answers_under_its_own_names_alone(house: House, host: str, path: str) -> None:
    house.furnish()
    answer = house.client.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert "Waggle" not in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"]
)
def test_the_names_of_this_computer_are_its_own(house: House, host: str) -> None:
    house.furnish()
    assert house.get("/", host=host).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8765"},
        {"origin": "null"},
        {"origin": "", "sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/suggestions/{}/answer", "/stop", "/interests"])
def test_what_comes_from_elsewhere_changes_nothing(
    house: House, headers: dict[str, str], path: str
) -> None:
    [key] = house.furnish(1)
    answer = house.post(path.format(key), {"answer": "good"}, **headers)
    assert answer.status_code == 403
    assert "this came from another page" in answer.text
    assert house.shown(key).verdict is None


@pytest.mark.parametrize("path", ["/suggestions/{}/answer", "/interests"])
@pytest.mark.parametrize("token", ["", "guessed", "é" * 43, Site.__name__])
def test_a_form_without_the_token_changes_nothing(house: House, token: str, path: str) -> None:
    [key] = house.furnish(1)
    for given in (token, house.site.token[:-1], f"{house.site.token}x"):
        answer = house.post(path.format(key), {"answer": "good", "token": given})
        assert answer.status_code == 403
        assert "load the page again" in answer.text
    assert house.shown(key).verdict is None


def test_a_form_of_an_earlier_process_changes_nothing(house: House, tmp_path: Path) -> None:
    [key] = house.furnish(1)
    stale = House(tmp_path).site.token
    assert stale != house.site.token
    answer = house.post(f"/suggestions/{key}/answer", {"answer": "good", "token": stale})
    assert answer.status_code == 403
    assert house.shown(key).verdict is None


def test_a_form_of_a_kind_that_none_here_has_changes_nothing(house: House) -> None:
    [key] = house.furnish(1)
    path = f"/suggestions/{key}/answer"
    told = urlencode({"answer": "good", "token": house.site.token})
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        answer = house.client.post(path, content=told, headers={"content-type": kind})
        assert answer.status_code == 415
        assert "no form here is of this kind" in Outline(answer.text).text
    assert house.shown(key).verdict is None
    ours = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert house.client.post(path, content=told, headers=ours).status_code == 303


@pytest.mark.parametrize("n_parts", [0, 1, 2])
def test_a_form_that_breaks_off_changes_nothing(house: House, n_parts: int) -> None:
    [key] = house.furnish(1)
    # What came would be a form of its own.
    told = urlencode({"token": house.site.token, "answer": "good", "from": "tod"}).encode()
    parts = [told[:70], told[70:]][:n_parts]
    asked: list[Message] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    asked.append({"type": "http.disconnect"})
    said: list[Message] = []

    async def receive() -> Message:
        return asked.pop(0)

    async def send(message: Message) -> None:
        said.append(message)

    kind = b"application/x-www-form-urlencoded"
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/suggestions/{key}/answer",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8765"), (b"content-type", kind)],
    }

    async def ask() -> None:
        await house.client.app(scope, receive, send)

    asyncio.run(ask())
    assert (asked, said) == ([], [])
    assert house.shown(key).verdict is None


def test_who_may_not_have_been_let_in_is_told_of_nobody(tmp_path: Path) -> None:
    house = House(tmp_path, ["thesis", "hobby"], address="https://papers.example.org")
    one = suggestion_on(1)
    house.suggest(one, profile="thesis")
    with house.store() as store:
        secret = tokens.secret(store)
    here = "https://papers.example.org"
    for path, host in (
        ("/", "evil.example"),
        ("/stop", ""),
        ("/answer/none/good", ""),
        ("/answer", "papers.example.org"),
        (tokens.stop_url(here, secret, "thesis", "a channel"), ""),
        (tokens.answer_url(here, secret, one.suggestion_id, "good"), ""),
    ):
        answer = house.get(path.removeprefix(here), host=host)
        page = Outline(answer.text)
        assert page.all("nav") == []
        assert {link["rel"] for link in page.all("link")} == {"stylesheet", "icon"}
        assert "hobby" not in answer.text
        assert house.site.token not in answer.text
    inside = house.get("/nothing")
    assert inside.status_code == 404
    assert len(Outline(inside.text).all("nav")) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_is_changed_but_by_posting(house: House, method: str) -> None:
    [key] = house.furnish(1)
    before = (house.folder / "kept.db").read_bytes()
    query = f"answer=good&token={house.site.token}"
    answer = house.client.request(method, f"/suggestions/{key}/answer?{query}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert (house.folder / "kept.db").read_bytes() == before
    assert method == "HEAD" or "go back" in Outline(answer.text).text


def test_too_much_at_once_is_refused(house: House) -> None:
    [key] = house.furnish(1)
    path = f"/suggestions/{key}/answer"
    assert house.post(path, {"answer": "x" * MOST_BODY}).status_code == 413
    assert house.get(f"/archive?q={'x' * MOST_QUERY}").status_code == 414
    assert house.get(f"/archive?{'&q=x' * 60}").status_code == 400
    assert house.get(f"/archive?page={'9' * 1000}").status_code == 404


def test_every_answer_tells_browsers_what_to_refuse(house: House) -> None:
    house.furnish()
    for path in (*READING, "/interests", "/archive?page=0"):
        for host in ("", "evil.example"):
            headers = house.get(path, host=host).headers
            policy = headers["content-security-policy"]
            for one in (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ):
                assert one in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("base", ["", "/me", "/f", "/arch"])
def test_behind_another_server_it_answers_under_the_address_of_the_config(
    tmp_path: Path, base: str
) -> None:
    house = House(tmp_path, address=f"https://papers.example.org{base}/")
    [key] = house.furnish(1)
    # Other servers take the beginning of the path away, or leave it there.
    for path in {"/archive", f"{base}/archive"}:
        page = Outline(house.get(path, host="papers.example.org").text)
        links = [str(link["href"]) for link in page.all("a") + page.all("link")]
        assert all(link.startswith((f"{base}/", "#")) for link in links)
        assert {"href": f"{base}/archive", "aria-current": "page"} in page.all("a")
    answer = house.post(
        f"{base}/suggestions/{key}/answer",
        {"answer": "good"},
        host="papers.example.org",
        origin="https://papers.example.org",
    )
    assert answer.headers["location"] == f"{base}/suggestions/{key}#s{key}-said"
    for path in {"/feed.json", f"{base}/feed.json"}:
        feed = house.get(path, host="papers.example.org").json()
        assert feed["feed_url"] == f"https://papers.example.org{base}/feed.json"
    assert house.get("/archive").status_code == 200


def test_the_usual_port_need_not_be_named() -> None:
    assert Names.of(80).addresses["localhost"] == "http://localhost"
    assert "localhost" not in Names.of(8765).addresses
    assert HERE in Names.of(8765).origins
