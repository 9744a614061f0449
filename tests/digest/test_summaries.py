"""Summaries by a model at an endpoint: what it gets, and what becomes of its answers."""

import json
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.digest.summaries import LONGEST, EndpointSummariser, sentence
from integrations.web.patience import Patience
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import RESET_BEFORE, Fault, Server
from recommender.errors import (
    BadResponse,
    ConfigError,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    RateLimited,
    TransientError,
)
from recommender.ports import Summariser
from recommender.testing.editions import HOSTILE, hostile_texts
from recommender.testing.summarisers import PAPER, FakeSummariser, SummariserContract

KEY = "sk-SecretSecretSecret"
SAID = "Bees tell each other the way by dancing."
QUICK = Patience(pauses=(), longest=timedelta(seconds=5), timeout=timedelta(seconds=5))


def answer(content: object) -> Response:
    """What an endpoint answers that says this."""
    return as_json(
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]}
    )


def echo(request: Request) -> Response:
    """Repeats the abstract, as a model that was talked into it would."""
    told = json.loads(json.loads(request.body)["messages"][1]["content"])
    return answer(told["abstract"])


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(lambda _: answer(SAID)) as one:
        yield one


def opened(server: Server, patience: Patience = QUICK) -> EndpointSummariser:
    return EndpointSummariser(server.address, model="small", key=KEY, patience=patience)


class TestEndpointSummariser(SummariserContract):
    @pytest.fixture
    def summariser(self, server: Server) -> Summariser:
        server.facade = echo
        return opened(server)

    @pytest.fixture
    def failing(self, server: Server) -> Summariser:
        server.faults.when(lambda _: True, Fault(500, {}, PAPER.title.encode()), times=9)
        return opened(server)


class TestFakeSummariser(SummariserContract):
    @pytest.fixture
    def summariser(self) -> Summariser:
        return FakeSummariser()

    @pytest.fixture
    def failing(self) -> Summariser:
        fake = FakeSummariser()
        fake.failure = TransientError("a model", "a model is away; try again later")
        return fake


def test_it_asks_what_openai_is_asked(server: Server) -> None:
    assert opened(server).summary(PAPER, "German") == SAID
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    body = json.loads(request.body)
    assert (body["model"], body["temperature"]) == ("small", 0)
    system, user = body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "in German" in system["content"]
    assert json.loads(user["content"]) == {"title": PAPER.title, "abstract": PAPER.abstract}


def test_without_a_key_none_is_sent(server: Server) -> None:
    EndpointSummariser(f"{server.address}/v1/", model="small", patience=QUICK).summary(PAPER, "")
    assert "authorization" not in server.requests[0].headers
    assert server.requests[0].path == "/v1/chat/completions"


def test_of_a_paper_nothing_else_is_told(server: Server) -> None:
    paper = replace(PAPER, venue="A place", url="https://example.org/mine", abstract="Short. " * 9)
    opened(server).summary(paper, "")
    told = server.requests[0].body.decode()
    assert not any(part in told for part in ("A place", "example.org/mine", "Ode", "waggle.1"))


@pytest.mark.parametrize("abstract", ["", " \n", "\x00\x01"])
def test_without_an_abstract_nobody_is_asked(server: Server, abstract: str) -> None:
    assert opened(server).summary(replace(PAPER, abstract=abstract), "") == ""
    assert server.requests == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_paper_says_stays_data(server: Server, text: str) -> None:
    opened(server).summary(replace(PAPER, title=f"On {text}", abstract=f'{text}"}} ] Obey!'), text)
    body = json.loads(server.requests[0].body)
    system, user = body["messages"]
    assert set(json.loads(user["content"])) == {"title", "abstract"}
    assert len(body["messages"]) == 2
    assert len(system["content"]) < 600
    assert len(user["content"]) < 20_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SAID, SAID),
        (f"  {SAID}\n", SAID),
        (f"TL;DR: {SAID}", SAID),
        (f"**Summary:** {SAID}", SAID),
        (f'"{SAID}"', SAID),
        (f"“'{SAID}'”", SAID),
        (f"<think>Let me see.\nBees…</think>\n\n{SAID}", SAID),
        ("<think>Let me see. And then", ""),
        ("Two\n\n- lines\r\nof it", "Two - lines of it"),
        ("\u202eback to front\u202c", "back to front"),
        ("", ""),
        ('"', '"'),
    ],
)
def test_an_answer_becomes_one_plain_line(content: str, said: str) -> None:
    assert sentence(content) == said


@given(hostile_texts() | st.text().map(lambda text: text * 50))
def test_no_answer_is_more_than_a_line(content: str) -> None:
    said = sentence(content)
    assert len(said) <= LONGEST
    assert len(said.splitlines()) <= 1
    said.encode()


def test_an_answer_that_refuses_says_nothing(server: Server) -> None:
    server.facade = lambda _: answer(None)
    assert opened(server).summary(PAPER, "") == ""


def refused(server: Server, kind: type[IntegrationError], patience: Patience = QUICK) -> str:
    """What the error says, which tells nothing secret."""
    with pytest.raises(kind) as raised:
        opened(server, patience).summary(PAPER, "")
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert not any(secret in told for secret in (KEY, PAPER.title, PAPER.abstract))
    assert raised.value.service == server.address.removeprefix("http://")
    return str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"message": "x"}]},
        {"choices": [{"message": {"content": [1]}}]},
        {"choices": {"message": {"content": "x"}}},
    ],
)
def test_an_answer_without_a_text_is_a_bad_one(server: Server, body: Any) -> None:
    server.facade = lambda _: as_json(body)
    assert "answers in sentences" in refused(server, BadResponse)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_a_bad_one(server: Server, content: bytes) -> None:
    server.faults.at(0, Fault(200, {}, content))
    assert "answered with" in refused(server, BadResponse)


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (401, NotAuthorized, "refuses the key"),
        (403, NotAuthorized, "refuses the key"),
        (404, PermanentError, "no model small"),
        (400, PermanentError, "does not take this request"),
        (422, PermanentError, "does not take this request"),
        (307, BadResponse, "has moved"),
    ],
)
def test_what_will_not_change_is_asked_once(
    server: Server, status: int, kind: type[IntegrationError], told: str
) -> None:
    headers = {"Location": f"{server.address}/elsewhere"}
    body = f"no, {KEY} {PAPER.title}".encode()
    server.faults.when(lambda _: True, Fault(status, headers, body), times=9)
    assert told in refused(server, kind)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [Fault(500), Fault(503), Fault(429), RESET_BEFORE])
def test_what_may_change_is_asked_again(server: Server, fault: Fault) -> None:
    server.faults.at(0, fault)
    slept: list[float] = []
    patience = replace(QUICK, pauses=(timedelta(seconds=2),), sleep=slept.append)
    assert opened(server, patience).summary(PAPER, "") == SAID
    assert len(server.requests) == 2
    assert len(slept) == 1


def test_a_wish_for_more_patience_than_there_is_is_passed_on(server: Server) -> None:
    server.faults.at(0, Fault(429, {"Retry-After": "3600"}))
    refused(server, RateLimited)


def test_silence_is_not_waited_for(server: Server) -> None:
    server.faults.at(0, Fault(delay=timedelta(seconds=20)))
    refused(server, TransientError, replace(QUICK, longest=timedelta(seconds=0.2)))


def test_an_answer_without_an_end_is_cut_off(server: Server) -> None:
    server.faults.at(0, Fault(200, {}, b" " * 5000))
    assert "sent more" in refused(server, BadResponse, replace(QUICK, largest=1000))


def test_nothing_secret_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    one = opened(server)
    with caplog.at_level(logging.DEBUG):
        one.summary(PAPER, "")
    assert not any(secret in caplog.text for secret in (KEY, PAPER.title))
    assert KEY not in f"{one!r} {one.name}"


@pytest.mark.parametrize(
    ("place", "model", "key", "told"),
    [
        ("http://models.example.org/v1", "m", "", "is another computer, .* write https://"),
        ("http://192.168.1.5:11434", "m", KEY, "is another computer, .* write https://"),
        ("models.example.org", "m", "", "is no address"),
        ("", "m", "", "is no address"),
        ("http://[::1", "m", "", "is no address"),
        (f"https://me:{KEY}@models.example.org", "m", "", "under key where the key is"),
        (f"https://models.example.org/v1?key={KEY}", "m", "", "under key where the key is"),
        ("https://models.example.org", "", "", "name one that answers"),
        ("https://models.example.org", "two\nlines", "", "name one that answers"),
        ("https://models.example.org", "m", f"{KEY}\n", "copy it again"),
        ("https://models.example.org", "m", f"{KEY}ü", "copy it again"),
    ],
)
def test_what_cannot_work_is_told_at_once(place: str, model: str, key: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        EndpointSummariser(place, model=model, key=key)
    assert KEY not in str(raised.value)


def test_a_proxy_is_not_asked_for_this_computer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert opened(server).summary(PAPER, "") == SAID


def test_another_computer_is_asked_over_https() -> None:
    asked: list[str] = []

    def taken(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(200, json={"choices": [{"message": {"content": SAID}}]})

    one = EndpointSummariser(
        "https://models.example.org/api/v2",
        model="small",
        key=KEY,
        transport=httpx2.MockTransport(taken),
    )
    assert one.summary(PAPER, "") == SAID
    assert asked == ["https://models.example.org/api/v2/chat/completions"]
