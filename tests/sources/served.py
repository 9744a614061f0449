"""What every source that asks a service keeps to, whatever goes wrong on the way."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import ClassVar

import pytest

from integrations.web.client import Web
from integrations.web.testing.exchange import HTML, Request, Response
from integrations.web.testing.server import EMPTY_200, RESET_AFTER, RESET_BEFORE, Fault, Server
from integrations.web.testing.wire import Clock, served
from integrations.web.turns import Pace
from recommender.errors import IntegrationError, TransientError
from recommender.listings import Listing
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
    """

    pace: ClassVar[Pace]
    access: ClassVar[Access]
    tolerates: ClassVar[frozenset[str]] = frozenset()

    def facade(self, request: Request) -> Response:
        """The service's answer; ``request.headers["host"]`` says which of its hosts was meant."""
        raise NotImplementedError

    def opened(self, web: Web) -> Source:
        """The source, asking through this."""
        raise NotImplementedError

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
            assert found == expected[: len(found)]
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
                assert found == expected[: len(found)]
            known = {entry.paper for page in expected for entry in page.papers}
            assert {entry.paper for page in found for entry in page.papers} <= known
        assert list(source.listings(None)) == expected

    def test_it_keeps_the_services_manners(
        self, source: Source, server: Server, clock: Clock
    ) -> None:
        list(source.listings(None))
        between = len(server.requests) - 1
        assert clock.now == pytest.approx(between * self.pace.every.total_seconds())
        assert all(r.headers["user-agent"].startswith("shelfwise/") for r in server.requests)

    def test_a_gap_with_an_outage_in_its_middle_loses_nothing(
        self, source: Source, server: Server
    ) -> None:
        everything = list(source.listings(None))
        dates = [page.published_at for page in everything if page.published_at]
        if not dates:
            pytest.skip("this source dates none of its pages")
        since = min(dates)
        server.faults.when(_from(1), PASSING["500"], times=10**6)
        before, error = _read(source, everything[0].published_at)
        server.faults.clear()
        if error is None:  # one request is all that it takes
            return
        read = [page.published_at for page in before if page.published_at]
        after = list(source.listings(max(read, default=since)))
        names = {page.name for page in [*before, *after]}
        assert names >= {page.name for page in source.listings(since)}


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


def _is_told(error: IntegrationError) -> None:
    assert error.service
    assert str(error)
    assert "\n" not in str(error)
    assert "://" not in str(error)
