"""Which sources a run waits for is told on a terminal, and to nobody else."""

import io
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Event
from time import monotonic

import pytest

from recommender.cli import telling_waiting
from recommender.cli.telling_waiting import shown, told
from recommender.cycle import Profile
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN
from recommender.testing.sources import FakeSource


class Stream(io.StringIO):
    """Standard error, perhaps as a terminal.

    Attributes:
        waits: It was told that something is waited for.
    """

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal
        self.waits = Event()

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> int:
        if "Waiting for" in text:
            self.waits.set()
        return super().write(text)


class Slow(FakeSource):
    """Gives its pages once it may."""

    def __init__(self, name: str, may: Event) -> None:
        super().__init__(name)
        self.may = may

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        assert self.may.wait(10)
        yield from super().listings(since, known)


def waited(
    stream: Stream, monkeypatch: pytest.MonkeyPatch, may: Event, terminal: str = "xterm"
) -> str:
    """What is written on standard error while a source with a page is read."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(telling_waiting, "_UNNOTICED", 0.0)
    monkeypatch.setenv("TERM", terminal)
    source = Slow("a source\x1b[31m", may)
    source.publish(name="monday")
    with shown(Profile(name="ada", libraries=[], sources=[source])) as profile:
        [seen] = profile.sources
        assert seen.name == source.name
        assert [page.name for page in seen.listings(None)] == ["monday"]
    return stream.getvalue()


def test_on_a_terminal_it_is_said_which_source_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = Stream(is_terminal=True)
    found = waited(stream, monkeypatch, stream.waits)
    assert "Waiting for a source?[31m (0 s)" in found
    # The line is gone in the end, and nothing was said to programs.
    assert found.rstrip("\r").endswith("\x1b[2K")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("is_terminal", "terminal"), [(True, "dumb"), (False, "xterm")])
def test_where_no_line_can_be_taken_back_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, terminal: str, *, is_terminal: bool
) -> None:
    may = Event()
    may.set()
    assert waited(Stream(is_terminal=is_terminal), monkeypatch, may, terminal) == ""


@pytest.mark.parametrize(("seconds", "is_told"), [(0.0, False), (5.0, True), (601.0, False)])
def test_who_is_quick_or_was_given_up_is_not_waited_for(seconds: float, *, is_told: bool) -> None:
    waiting = telling_waiting._Waiting({"a source": monotonic() - seconds})
    assert ("a source" in waiting.line().plain) == is_told


def test_a_source_that_is_read_is_waited_for_no_more() -> None:
    since = {"a": 10.0, "b": 12.0, "c": 15.0, "d": 19.0, "e": 20.0}
    assert told([], since, 41.4) == ""
    assert told(["b"], since, 41.4) == "Waiting for b (29 s)"
    assert told(list("abc"), since, 41.4) == "Waiting for a, b, c (31 s)"
    assert told(list("abcde"), since, 41.4) == "Waiting for a, b, c and 2 more (31 s)"
