"""What every source that asks a service keeps to, whatever goes wrong on the way."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import ClassVar

import pytest

from integrations.sources import days
from integrations.web.client import Web
from integrations.web.testing.exchange import HTML, Request, Response
from integrations.web.testing.server import (
    EMPTY_200,
    RESET_AFTER,
    RESET_BEFORE,
    Fault,
    Moment,
    Server,
)
from integrations.web.testing.wire import Clock, served
from integrations.web.turns import Pace
from recommender.errors import IntegrationError, TransientError
from recommender.listings import Listing
from recommender.papers import Paper
from recommender.ports import Access, Source
from recommender.testing.sources import SourceContract

PASSING = {
    "reset before": RESET_BEFORE,
    "reset after": RESET_AFTER,
    "500": Fault(500, {"Content-Type": HTML}, b"<h1>Oops</h1>"),
    "502": Fault(502, {"Content-Type": HTML}, b"<h1>Bad gateway</h1>"),
    "503 with a pause": Fault(503, {"Retry-After": "4"}, b"busy"),
    "429": Fault(429, {"Content-Type": HTML}, b"Rate exceeded."),
    "429 with a pause": Fault(429, {"Retry-After": "7"}, b"{}"),
    "429 until a moment": Fault(
        429,
        {
            "Date": "Mon, 02 Mar 2026 10:00:00 GMT",
            "Retry-After": "Mon, 02 Mar 2026 10:00:05 GMT",
        },
        b"{}",
    ),
    "cut off": Fault(keep=20),
}
"""What goes away by itself: asked again, the service answers."""

LASTING = {
    "400": Fault(400, {"Content-Type": HTML}, b"<h1>Bad request</h1>"),
    "403": Fault(403, {"Content-Type": HTML}, b"<h1>Forbidden</h1>"),
    "404 page": Fault(404, {"Content-Type": HTML}, b"<!DOCTYPE html><h1>Not found</h1>"),
    "200 page": Fault(200, {"Content-Type": HTML}, b"<!DOCTYPE html><p>Log in to the network</p>"),
    "200 empty": EMPTY_200,
    "200 {}": Fault(200, {"Content-Type": "application/json"}, b"{}"),
    "200 list": Fault(200, {"Content-Type": "application/json"}, b'[1, null, "a"]'),
    "200 binary": Fault(200, {"Content-Type": "application/xml"}, bytes(range(256))),
}
"""What stays as it is however often one asks: a clear failure, and nothing invented."""


class ServedSourceContract(SourceContract):
    """The contract of sources for one that asks a service; here the service is on loopback.

    Subclass it and give ``pace``, ``access``, ``facade`` and ``opened``. The facade is the service
    at ``access.now`` with at least two dated pages.

    Attributes:
        pace: The service's manners.
        access: What the source is opened with.
        tolerates: Lasting faults that this service uses to say that there is nothing.
        in_stretches: Whether the facade's pages are asked for in several stretches of days, each of
            them whole by itself.
    """

    pace: ClassVar[Pace]
    access: ClassVar[Access]
    tolerates: ClassVar[frozenset[str]] = frozenset()
    in_stretches: ClassVar[bool] = False

    def facade(self, request: Request) -> Response:
        """The service's answer; ``request.headers["host"]`` says which of its hosts was meant."""
        raise NotImplementedError

    def opened(self, web: Web) -> Source:
        """The source, asking through this."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def many_are_two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Facades have few rows; where a service has many, a source asks in stretches."""
        monkeypatch.setattr(days, "LONG", 2)

    @pytest.fixture
    def server(self) -> Iterator[Server]:
        with Server(self.facade) as server:
            yield server

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def source(self, server: Server, clock: Clock) -> Source:
        return self.opened(served(self.pace, server, clock))

    @pytest.fixture
    def failing(self, server: Server, clock: Clock) -> Source:
        server.faults.when(lambda _: True, PASSING["500"], times=10**6)
        return self.opened(served(self.pace, server, clock))

    @pytest.mark.parametrize("name", PASSING)
    def test_what_goes_wrong_once_changes_nothing(
        self, name: str, source: Source, server: Server
    ) -> None:
        expected = list(source.listings(None))
        for position in range(len(server.requests)):
            server.faults.at(len(server.requests) + position, PASSING[name])
            assert list(source.listings(None)) == expected
            server.faults.clear()

    @pytest.mark.parametrize("name", PASSING)
    def test_what_keeps_going_wrong_is_transient_and_loses_nothing(
        self, name: str, source: Source, server: Server
    ) -> None:
        expected = list(source.listings(None))
        for position in range(len(server.requests)):
            server.faults.when(_from(position), PASSING[name], times=10**6)
            found, error = _read(source)
            server.faults.clear()
            assert isinstance(error, TransientError)
            _is_told(error)
            assert _begins(found, expected)
        assert list(source.listings(None)) == expected

    @pytest.mark.parametrize("name", LASTING)
    def test_what_is_no_answer_is_said_and_nothing_is_invented(
        self, name: str, source: Source, server: Server
    ) -> None:
        expected = list(source.listings(None))
        for position in range(len(server.requests)):
            server.faults.at(len(server.requests) + position, LASTING[name])
            found, error = _read(source)
            server.faults.clear()
            if error is None:
                assert name in self.tolerates or any(page.skipped for page in found)
            else:
                _is_told(error)
                # Its page is not there, and what came before is as ever.
                assert _begins(found, expected)
            assert _papers(found) <= _papers(expected)
        assert list(source.listings(None)) == expected

    def test_it_keeps_the_services_manners(
        self, source: Source, server: Server, clock: Clock
    ) -> None:
        list(source.listings(None))
        between = len(server.requests) - 1
        assert clock.now == pytest.approx(between * self.pace.every.total_seconds())
        assert all(r.headers["user-agent"].startswith("shelfwise/") for r in server.requests)

    def test_two_readings_ask_no_more_at_once_than_the_service_likes(
        self, source: Source, server: Server
    ) -> None:
        under_way: set[int] = set()
        most = 0

        def note(position: int, moment: Moment) -> None:
            nonlocal most
            if moment == "after":
                under_way.discard(position)
                return
            under_way.add(position)
            most = max(most, len(under_way))
            time.sleep(0.002)  # so that another one could come meanwhile

        server.hook = note
        with ThreadPoolExecutor(2) as threads:
            one, other = threads.map(lambda _: list(source.listings(None)), range(2))
        assert one == other
        assert 0 < most <= self.pace.at_once

    def test_what_is_known_by_a_mark_is_asked_for_only_if_it_changed(
        self, source: Source, server: Server
    ) -> None:
        known = _marks(source.listings(None))
        if not known:
            pytest.skip("this source marks no page")
        n_before = len(server.requests)
        again = list(source.listings(None, known))
        conditions = {"if-none-match", "if-modified-since"}
        conditional = [r for r in server.requests[n_before:] if conditions & r.headers.keys()]
        assert conditional
        assert {page.name for page in again if page.unchanged} == known.keys()

    def test_a_gap_with_an_outage_in_its_middle_loses_nothing(
        self, source: Source, server: Server
    ) -> None:
        everything = _papers(source.listings(None))
        n_dated = []
        for position in range(len(server.requests)):
            server.faults.when(_from(position), PASSING["500"], times=10**6)
            before, error = _read(source)
            server.faults.clear()
            assert error
            read = [page.published_at for page in before if page.published_at]
            rest = source.listings(max(read, default=None), _marks(before))
            assert _papers([*before, *rest]) == everything
            n_dated.append(len(read))
        assert n_dated[0] == 0
        # A failure of the last request of many loses what came before it only if that is no whole.
        assert n_dated[-1] > 0 or not self.in_stretches


def _from(position: int) -> Callable[[Request], bool]:
    asked = count()
    return lambda _: next(asked) >= position


def _read(
    source: Source, since: datetime | None = None
) -> tuple[list[Listing], IntegrationError | None]:
    found: list[Listing] = []
    try:
        found.extend(source.listings(since))
    except IntegrationError as error:
        return found, error
    return found, None


def _marks(pages: Iterable[Listing]) -> dict[str, str]:
    return {page.name: page.mark for page in pages if page.mark and not page.skipped}


def _papers(pages: Iterable[Listing]) -> set[Paper]:
    return {entry.paper for page in pages for entry in page.papers}


def _begins(found: Sequence[Listing], expected: Sequence[Listing]) -> bool:
    """Whether pages are the first of those expected, but for what will come once more."""
    whole = [page for page in found if page in expected]
    again = [replace(page, published_at=None, mark="") for page in expected]
    return whole == expected[: len(whole)] and all(
        page in again for page in found if page not in whole
    )


def _is_told(error: IntegrationError) -> None:
    assert error.service
    assert str(error)
    assert "\n" not in str(error)
    assert "://" not in str(error)
