"""A source that nobody waits for any more asks for nothing more."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import served
from integrations.web.turns import Pace
from recommender import giving_up
from recommender.cycle.asking import asked
from recommender.errors import TransientError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN
from recommender.store import Store

PACE = Pace("Birds", every=timedelta(seconds=1))
NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


class Endless:
    """A source whose one page takes a hundred requests.

    Attributes:
        is_done: It was given up, or has asked for everything.
        errors: What ended it.
    """

    name = "endless"

    def __init__(self, web: Web) -> None:
        self.web = web
        self.is_done = Event()
        self.errors: list[Exception] = []

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        try:
            for number in range(100):
                self.web.get(f"https://birds.example/{number}")
            yield Listing(source=self.name, name="birds", papers=())
        except TransientError as error:
            self.errors.append(error)
            raise
        finally:
            self.is_done.set()


@pytest.mark.parametrize("fault", [Fault(), Fault(503)])
def test_a_source_that_was_given_up_ends_at_its_next_request(fault: Fault) -> None:
    goes_on, is_asked = Event(), Event()

    def facade(_: Request) -> Response:
        is_asked.set()
        goes_on.wait(10)
        return Response(200, {}, b"good")

    with Server(facade) as server, Store.open(None) as store:
        if fault.status:
            server.faults.at(0, Fault(fault.status, acts=True))
        source = Endless(served(PACE, server))
        found = asked([source], store, NOW, longest=timedelta(seconds=0.2))
        assert is_asked.wait(10)
        goes_on.set()
        assert source.is_done.wait(10)
        # What was under way is read to its end, and a failure is no reason to try again.
        assert len(server.requests) == 1
    assert len(source.errors) == 1
    [failure] = found.failures
    assert "took longer than" in str(failure.error)


def test_others_ask_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(lambda _: Response(200, {}, b"good")) as server:
        web = served(PACE, server)
        assert web.get("https://birds.example").content == b"good"
        monkeypatch.setattr("integrations.web.client.is_given_up", lambda: True)
        with pytest.raises(TransientError, match="Birds: nobody waits for it any more"):
            web.get("https://birds.example")
        assert len(server.requests) == 1
    assert not giving_up.is_given_up()
