"""Chats through apprise: what services get, and that no address is told."""

import builtins
import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.digest import chat
from integrations.digest.chat_text import text
from integrations.web.testing.exchange import Request, Response, as_text
from integrations.web.testing.server import RESET_AFTER, Fault, Server
from recommender import wording
from recommender.editions import Edition
from recommender.errors import ConfigError, Unconfirmed
from recommender.ports import Access, Channel
from recommender.testing.channels import ChannelContract, ChannelWorld, Trouble
from recommender.testing.editions import edition_of, edition_on, hostile_editions

ACCESS = Access(now=datetime(2024, 3, 5, tzinfo=UTC))
SECRET = "s3cret-t0ken-of-a-chat"


def channels(*keys: str) -> Sequence[Channel]:
    to = tuple(f"env:CHAT_{n}" for n in range(len(keys)))
    return chat.opened({"to": to}, keys=keys, access=ACCESS)


def channel(key: str) -> Channel:
    [one] = channels(key)
    return one


def webhook(server: Server, place: str = "") -> str:
    host = server.address.removeprefix("http://")
    return f"json://me:{SECRET}@{host}/{SECRET}{place}"


@pytest.fixture
def server() -> Iterator[Server]:
    def taken(request: Request) -> Response:
        return as_text("", 204)

    with Server(taken) as one:
        yield one


class World:
    """A webhook on this computer."""

    secret = SECRET

    def __init__(self, server: Server) -> None:
        self._server = server

    def channel(self) -> Channel:
        return channel(webhook(self._server))

    def other(self) -> Channel:
        return channels(webhook(self._server), webhook(self._server, "/other"))[1]

    def taken(self) -> Sequence[bytes]:
        return [request.body for request in self._server.requests]

    def have(self, trouble: Trouble) -> None:
        assert trouble is Trouble.LOST
        self._server.faults.when(lambda _: True, RESET_AFTER)


class TestChatChannel(ChannelContract):
    # The package tells no more than that it failed.
    troubles: ClassVar[frozenset[Trouble]] = frozenset({Trouble.LOST})

    @pytest.fixture
    def world(self, server: Server) -> ChannelWorld:
        return World(server)


def message(request: Request) -> str:
    return str(json.loads(request.body)["message"])


def test_a_service_gets_the_text_as_it_is_rendered(server: Server) -> None:
    one = channel(webhook(server))
    one.send(edition_on(5))
    [request] = server.requests
    assert message(request) == one.rendered(edition_on(5)).decode()
    assert json.loads(request.body)["title"] == ""


def test_what_may_have_come_is_sent_again_as_it_is(server: Server) -> None:
    server.faults.when(lambda _: True, RESET_AFTER)
    one = channel(webhook(server))
    with pytest.raises(Unconfirmed, match=r"the next run sends it again$"):
        one.send(edition_on(5))
    one.send(edition_on(5))
    first, again = server.requests
    assert first.body == again.body


def test_markdown_says_all_of_a_suggestion() -> None:
    told = text(edition_on(5, n_told=1), longest=2000, markdown=True)
    assert told.split("\n\n") == [
        "**1 paper for you**, 5 March 2024",
        (
            "**[Waggle dances, part 1a](https://doi.org/10.1000/waggle.1)**\n"
            "By Ada Ode, The Hive Group · Journal of Bees, 2024-03-05\n"
            "Bees tell each other the way by dancing. (Written by a-model, a language model.)\n"
            "Why: For your interest in Bees · about bees and their dances\n"
            "[More like this](https://shelfwise.example.org/say/1/good)"
            " · [Not for me](https://shelfwise.example.org/say/1/bad)"
        ),
        (
            "Looked at 120 papers on 3 pages, of which 80 were new.\n"
            "[All suggestions](https://shelfwise.example.org/)\n"
            "[No more of these messages](https://shelfwise.example.org/stop?token=abc)\n"
            "Edition default/2024-03-05"
        ),
    ]


def test_plain_text_has_its_addresses_on_lines_of_their_own() -> None:
    told = text(edition_on(5, n_told=1), longest=2000, markdown=False).splitlines()
    assert "Waggle dances, part 1a" in told
    assert "https://doi.org/10.1000/waggle.1" in told
    assert "More like this: https://shelfwise.example.org/say/1/good" in told
    assert "No more of these messages: https://shelfwise.example.org/stop?token=abc" in told
    assert not any("](" in line or "**" in line for line in told)


@pytest.mark.parametrize(
    ("address", "is_markdown"),
    [
        (f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET.replace('-', 'x')}xx/#a", True),
        (f"discord://4174216298/{SECRET}", True),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", True),
        (f"ntfys://{SECRET}", False),
        (f"mmosts://example.org/{SECRET}", False),
        (f"matrixs://me:{SECRET}@example.org/#room", True),
        (f"gotifys://example.org/{SECRET}", False),
        (f"discord://4174216298/{SECRET}?format=text", False),
    ],
)
def test_the_text_is_what_the_service_takes(address: str, *, is_markdown: bool) -> None:
    told = channel(address).rendered(edition_on(5)).decode()
    assert ("](https://doi.org" in told) == is_markdown


@given(st.integers(20, 3000), st.integers(0, 30), st.booleans())
def test_what_does_not_fit_is_left_out_as_a_whole(
    longest: int, n_told: int, markdown: bool
) -> None:
    edition = edition_on(5, n_told=n_told)
    told = text(edition, longest=longest, markdown=markdown)
    assert 0 < len(told) <= longest
    shown = [one.suggestion.paper.title in told for one in edition.told]
    n_shown = sum(shown)
    if "Edition default/2024-03-05" in told:
        assert shown == [True] * n_shown + [False] * (n_told - n_shown)
        assert told.count("Not for me") == n_shown
        assert (f"… and {n_told - n_shown} more on the page" in told) == (n_shown < n_told)
    else:
        # Not even one had room: the best one's title, as far as it goes.
        assert n_shown <= 1
        assert "\n" not in told


def test_without_suggestions_it_is_headed_by_what_there_is() -> None:
    alarm = replace(edition_on(5, n_told=0), alarms=("The key is refused.",), stop="")
    told = text(alarm, longest=2000, markdown=False)
    assert told.startswith("Please have a look, 5 March 2024\nPlease look: The key is refused.\n")
    assert "No more of" not in told
    quiet = replace(alarm, quiet="Nothing new was listed.")
    assert text(quiet, longest=2000, markdown=True).startswith("**Nothing new for you**, 5 March")


@pytest.mark.parametrize("markdown", [True, False])
def test_an_address_in_a_text_is_no_link(*, markdown: bool) -> None:
    hostile = "Read https://evil.example/a, ftp://evil.example, www.evil.example or evil.example/b"
    told = text(edition_of(hostile), longest=4000, markdown=markdown)
    assert "evil" in told
    assert not re.search(r"://evil|evil\.example|www\.", told)
    # A gap, a number or an initial makes no address.
    kept = text(edition_of("On 3.5 bees. By A.B. Lee, e.g. now"), longest=4000, markdown=markdown)
    assert "On 3.5 bees. By A.B. Lee, e.g. now" in kept


def addresses(edition: Edition) -> list[str]:
    """Where the message may lead."""
    told = [one for each in edition.told for one in (each.good, each.bad)]
    links = [wording.link(each.suggestion.paper) for each in edition.told]
    found = [*links, *map(wording.address, (*told, edition.page, edition.stop))]
    bare = [one.replace("(", "%28").replace(")", "%29") for one in found]
    return sorted({*found, *bare} - {""}, key=len, reverse=True)


@given(hostile_editions(), st.sampled_from([40, 400, 4000]), st.booleans())
def test_hostile_text_calls_nobody_and_leads_nowhere(
    edition: Edition, longest: int, markdown: bool
) -> None:
    told = text(edition, longest=longest, markdown=markdown)
    assert len(told) <= longest
    told.encode()
    rest = told
    for address in addresses(edition):
        rest = rest.replace(address, "")
    assert "://" not in rest
    assert not set("<>`\\|~@") & set(rest)
    assert told.count("](") == told.count("](http")
    assert "&#" not in told
    # Only what we wrote ourselves formats anything: the heading, and the title with its link.
    ours = ("**", "[All suggestions](", "[No more of these", "[More like this](", "[Not for me](")
    lines = [one for one in told.splitlines() if "http" not in one]
    assert not any(set("*_[") & set(one) for one in lines if not one.startswith(ours))


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (f"nonsense {SECRET}", "is no address that apprise understands"),
        (f"unheardof://{SECRET}", "is no address that apprise understands"),
        (f"slack://{SECRET}", "is no address that apprise understands"),
        (f"json://me:{SECRET}@chat.example.org/", "is an open line, .* write jsons://"),
        (f"gotify://chat.example.org/{SECRET}", "is an open line, .* write gotifys://"),
        (f"mailto://me:{SECRET}@example.org", "is an address of mail; use the section .mail."),
        (f"mailtos://me:{SECRET}@example.org?mode=insecure", "is an address of mail; use"),
        (f"mailto://me:{SECRET}@localhost", "is an address of mail; use the section .mail."),
        ("rsyslog://logs.example.org", "is an open line, .* choose another service"),
        (f"jsons://me:{SECRET}@chat.example.org/?verify=no", "verify=no lets anybody pose"),
        (f"discord://4174216298/{SECRET}?verify=no", "verify=no lets anybody pose"),
        ("tgram://123456789:abcdefg_hijklmnop/1/2", "leads to 2 chats"),
    ],
)
def test_what_cannot_or_must_not_be_reached_is_refused(
    key: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigError, match=told) as caught:
        channels(f"ntfys://{SECRET}", key)
    assert str(caught.value).startswith("chat.to: env:CHAT_1: ")
    assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        channels("nonsense", "json://example.org/?verify=no")
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        "env:CHAT_0",
        "env:CHAT_1",
        "env:CHAT_1",
    ]


def test_an_address_that_is_kept_twice_gets_it_once() -> None:
    key = f"ntfys://{SECRET}"
    assert [one.name for one in channels(key, key)] == ["ntfys at env:CHAT_0"]


def test_without_addresses_there_are_no_channels() -> None:
    assert channels() == []


@pytest.mark.parametrize("status", [204, 301, 400, 401, 403, 404, 500])
def test_no_secret_is_told_whatever_comes_back(
    server: Server, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Location": f"{server.address}/elsewhere"}
    server.faults.when(lambda _: True, Fault(status, headers, f"no, {SECRET}".encode()))
    one = channel(webhook(server))
    said = f"{one!r} {one.name}"
    with caplog.at_level(logging.DEBUG):
        try:
            one.send(edition_on(5))
        except Unconfirmed as error:
            said += f"{error} {error.service}"
            assert status != 204
    assert SECRET not in said + caplog.text
    assert caplog.records == []
    # Wherever it was sent on to, nothing follows.
    assert len(server.requests) == 1


def test_without_the_package_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "apprise":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"install 'shelfwise\[chat\]'") as caught:
        channels(f"ntfys://{SECRET}")
    assert SECRET not in str(caught.value)
