"""What asks a service: patience, versions of pages, and what becomes of every odd answer."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from integrations.web.client import Answer, Web, user_agent
from integrations.web.patience import Patience
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import RESET_AFTER, Fault, Server
from integrations.web.testing.wire import Clock, Wire, served
from integrations.web.turns import Pace, Turns
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    RateLimited,
    TransientError,
)

PACE = Pace("Birds", every=timedelta(seconds=1))
ADDRESS = "https://birds.example/gulls"
BUSY = Fault(429)


def good(_: Request) -> Response:
    return Response(200, {}, b"good")


def asking(server: Server, clock: Clock, **options: object) -> Web:
    patience = Patience(sleep=clock.sleep, clock=clock, **options)  # type: ignore[arg-type]
    return Web(PACE, patience=patience, turns=Turns(clock, clock.sleep), transport=Wire(server))


@pytest.mark.parametrize(("chance", "waits"), [(0.0, [1, 4, 15]), (0.999, [3, 12, 45])])
def test_what_fails_is_tried_again_after_longer_and_longer_random_pauses(
    chance: float, waits: list[float]
) -> None:
    clock = Clock()
    with Server(good) as server:
        server.faults.when(lambda _: True, Fault(500), times=3)
        web = asking(server, clock, chance=lambda: chance)
        assert web.get(ADDRESS).content == b"good"
        assert len(server.requests) == 4
    assert clock.waits == pytest.approx(waits, rel=0.01)


def test_all_tries_together_have_an_end() -> None:
    clock = Clock()
    pauses = (timedelta(seconds=8),) * 100
    with Server(good) as server:
        server.faults.when(lambda _: True, Fault(502), times=100)
        web = asking(server, clock, pauses=pauses, longest=timedelta(seconds=60))
        with pytest.raises(TransientError, match=r"Birds failed \(502\)"):
            web.get(ADDRESS)
        assert 4 < len(server.requests) < 16
    assert clock.now <= 60


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "20"},
        {"Date": "Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After": "Mon, 02 Mar 2026 10:00:20 GMT"},
        {"Date": "Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After": "Monday, 02-Mar-26 10:00:20 GMT"},
        {"Backoff": "20", "Retry-After": "5"},
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_patience_gets_as_much_as_asked_for(
    headers: Mapping[str, str], status: int
) -> None:
    clock = Clock()
    with Server(good) as server:
        server.faults.at(0, Fault(status, headers))
        assert asking(server, clock).get(ADDRESS).content == b"good"
    assert clock.waits == [20]


@pytest.mark.parametrize("spelled", ["soon", "-5", "nan", "", "Mon, 99 Foo 2026", "0"])
def test_what_spells_no_time_is_an_ordinary_pause(spelled: str) -> None:
    clock = Clock()
    with Server(good) as server:
        server.faults.at(0, Fault(429, {"Retry-After": spelled}))
        asking(server, clock, chance=lambda: 0.5).get(ADDRESS)
    assert clock.waits == [2]


def test_who_asks_for_more_patience_than_there_is_gets_no_request_until_then() -> None:
    clock = Clock()
    with Server(good) as server:
        server.faults.at(0, Fault(429, {"Retry-After": "3600"}))
        web = asking(server, clock)
        with pytest.raises(RateLimited, match="in 3600 seconds") as raised:
            web.get(ADDRESS)
        assert raised.value.retry_after == timedelta(hours=1)
        # Nobody in this process asks, and nobody waits.
        with pytest.raises(RateLimited, match="left alone for 3600 more seconds"):
            web.get(ADDRESS)
        assert (len(server.requests), clock.waits) == (1, [])
        clock.now += 3600
        assert web.get(ADDRESS).content == b"good"


@pytest.mark.parametrize(
    ("headers", "rests"), [({"Retry-After": "59"}, 1), ({"Backoff": "59"}, 59)]
)
def test_only_backoff_is_a_wish_when_all_went_well(headers: dict[str, str], rests: int) -> None:
    clock = Clock()
    with Server(lambda _: Response(200, headers, b"")) as server:
        web = asking(server, clock)
        web.get(ADDRESS)
        web.get(ADDRESS)
    assert clock.waits == [rests]


def test_time_spent_on_redirects_and_turns_counts() -> None:
    clock = Clock()

    def led_on(request: Request) -> Response:
        clock.now += 30
        return Response(302, {"Location": request.path + "x"})

    with Server(led_on) as server:
        with pytest.raises(TransientError):
            asking(server, clock, longest=timedelta(seconds=80), pauses=()).get(ADDRESS)
        assert len(server.requests) == 3


VERSIONS = {"ETag": 'W/"1"', "Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}


@pytest.mark.parametrize("names", [["ETag"], ["Last-Modified"], ["ETag", "Last-Modified"]])
@pytest.mark.parametrize("is_told_again", [True, False])
def test_a_mark_is_sent_along_and_what_has_it_still_is_unchanged(
    names: list[str], *, is_told_again: bool
) -> None:
    versions = {name: VERSIONS[name] for name in names}

    def page(request: Request) -> Response:
        asked = {request.headers.get("if-none-match"), request.headers.get("if-modified-since")}
        if asked - {None} == set(versions.values()):
            return Response(304, versions if is_told_again else {})
        return Response(200, versions, b"page")

    with Server(page) as server:
        web = served(PACE, server)
        first = web.get(ADDRESS)
        again = web.get(ADDRESS, known=first.mark)
    assert (first.content, first.unchanged) == (b"page", False)
    assert (again.content, again.unchanged) == (b"", True)
    assert again.mark == first.mark != ""


@pytest.mark.parametrize("etag", ["", '"é"', '"' + "x" * 2000 + '"'])
def test_a_version_that_cannot_be_sent_back_is_none(etag: str) -> None:
    with Server(lambda _: Response(200, {"ETag": etag}, b"page")) as server:
        web = served(PACE, server)
        assert web.get(ADDRESS).mark == ""


@pytest.mark.parametrize(
    "known",
    ["x", "[]", "7", "{", '{"if-none-match": 7}', '{"if-none-match": "a\\nX: b"}', '{"x": "y"}',
     '{"if-none-match": "\\u00e9"}', "[" * 5000],
)  # fmt: skip
def test_a_foreign_mark_is_not_sent(known: str) -> None:
    with Server(good) as server:
        assert served(PACE, server).get(ADDRESS, known=known).content == b"good"
        assert not {"if-none-match", "x"} & server.requests[0].headers.keys()


def test_unchanged_is_no_answer_to_whoever_knew_nothing() -> None:
    with Server(lambda _: Response(304)) as server, pytest.raises(BadResponse, match="304"):
        served(PACE, server).get(ADDRESS)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, BadResponse), (204, BadResponse), (300, BadResponse), (305, BadResponse),
        (400, BadResponse), (401, NotAuthorized), (403, NotAuthorized), (404, BadResponse),
        (408, TransientError), (410, BadResponse), (418, BadResponse), (429, RateLimited),
        (500, TransientError), (503, RateLimited), (599, TransientError), (999, TransientError),
    ],
)  # fmt: skip
def test_every_status_is_an_answer_or_an_error_for_people(
    status: int, kind: type[IntegrationError]
) -> None:
    with Server(lambda _: Response(status, {}, b"geheim")) as server:
        web = served(PACE, server)
        with pytest.raises(IntegrationError) as raised:
            web.get(ADDRESS + "?key=geheim")
        answer = web.get(ADDRESS, accepts={status})
        assert (answer.status, answer.content) == (status, b"" if status == 204 else b"geheim")
    assert type(raised.value) is kind
    assert raised.value.service == "Birds"
    assert "Birds" in str(raised.value)
    assert "geheim" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_question_is_posted_as_a_form_or_as_json_and_tried_again() -> None:
    with Server(good) as server:
        web = served(PACE, server)
        server.faults.at(0, RESET_AFTER)
        web.post(ADDRESS, form={"id": "1,2", "api_key": "geheim"})
        web.post(ADDRESS, body={"ids": [1]}, params={"fields": "title"}, headers={"X-Key": "k"})
        lost, form, body = server.requests
    assert lost == form
    assert (form.method, form.target, form.body) == ("POST", "/gulls", b"id=1%2C2&api_key=geheim")
    assert (body.target, json.loads(body.body)) == ("/gulls?fields=title", {"ids": [1]})
    assert (body.headers["content-type"], body.headers["x-key"]) == ("application/json", "k")


@pytest.mark.parametrize(
    ("content", "value"),
    [(b'{"a": "\xc3\xa9"}', {"a": "é"}), ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
     (b'\xef\xbb\xbf["\\ud800"]', ["\ud800"])],
)  # fmt: skip
def test_json_is_read_in_the_encodings_that_it_has(content: bytes, value: object) -> None:
    assert Answer(status=200, headers={}, content=content, address="").json("Birds") == value


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "with nothing"), (b" \n", "with nothing"), (b"<html>", "else than JSON"),
     (b'{"a": "\xe9"}', "else than JSON"), (b"[" * 10**6, "else than JSON"),
     (b"9" * 5000, "else than JSON"), (bytes(range(256)), "else than JSON")],
)  # fmt: skip
def test_what_is_no_json_is_said_without_quoting_it(content: bytes, words: str) -> None:
    answer = Answer(status=200, headers={}, content=content, address="")
    with pytest.raises(BadResponse, match=words) as raised:
        answer.json("Birds")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("contact", "ends"),
    [("", ""), ("ann@example.org", " (mailto:ann@example.org)"),
     ("a+b@example.org", " (mailto:a+b@example.org)"),
     ("jörg\r\nX: y@example.org", " (mailto:j%C3%B6rg%0D%0AX%3A%20y@example.org)")],
)  # fmt: skip
def test_we_say_who_we_are_in_one_line(contact: str, ends: str) -> None:
    name, _, rest = user_agent(contact).partition(" ")
    assert name.startswith("shelfwise/")
    assert f" {rest}" == (ends or " ")
    with Server(good) as server:
        served(PACE, server, contact=contact).get(ADDRESS)
        assert server.requests[0].headers["user-agent"] == user_agent(contact)
