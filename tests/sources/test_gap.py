"""Two weeks away, with an outage in their middle: nothing lost, nothing twice, and with manners."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from integrations.sources import biorxiv, huggingface
from integrations.web.client import Web
from integrations.web.patience import Patience
from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import Fault, Moment, Server
from integrations.web.testing.wire import Clock, Wire
from integrations.web.turns import Pace, Turns
from recommender.cycle.asking import Asked, asked
from recommender.ports import Access, Source
from recommender.store import Store

FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=n) for n in range(20)]
A_DAY = 3
PER_ANSWER = 2
OUT = Fault(500, {}, b"out of order")


def listed(day: date) -> list[int]:
    """The numbers of a day's papers: none at weekends, and none before the service began."""
    working = day >= FIRST and day.weekday() < 5
    return [(day - FIRST).days * 10 + n for n in range(A_DAY)] if working else []


def title(number: int) -> str:
    return f"How birds flock together in the autumn, part {number}"


def published(first: str, last: str) -> list[tuple[int, str]]:
    """What came out on some days and before the day that is played, with its day."""
    return [(n, f"{day}") for day in DAYS if first <= f"{day}" <= last for n in listed(day)]


def biorxiv_facade(request: Request, today: date) -> Response:
    _, _, first, last, cursor, _ = request.parts
    found = published(first, min(last, f"{today}"))
    rows = [
        {
            "title": title(n),
            "authors": "Roe, A.; Li, B.",
            "doi": f"10.64898/2026.03.01.{n:06}",
            "date": day,
            "version": "1",
            "category": "ecology",
            "abstract": f"On part {n}.",
            "published": "NA",
            "server": "biorxiv",
        }
        for n, day in found
    ]
    part = rows[int(cursor) :][:PER_ANSWER]
    if not part:
        return as_json({"messages": [{"status": "no posts found"}], "collection": []})
    message = {"status": "ok", "cursor": int(cursor), "count": len(part), "total": f"{len(rows)}"}
    return as_json({"messages": [message], "collection": part})


def huggingface_facade(request: Request, today: date) -> Response:
    day = date.fromisoformat(request.query["date"])
    if day > today:
        return as_json({"error": "Invalid date"}, 400)
    while not listed(day) and day > FIRST:
        day -= timedelta(days=1)  # a day without papers shows those of the day before it
    rows: list[dict[str, Any]] = [
        {
            "paper": {
                "id": f"2603.{n:05}",
                "authors": [{"name": "Ann Roe"}],
                "title": title(n),
                "summary": f"On part {n}.",
                "upvotes": n,
                "submittedOnDailyAt": f"{day}T00:00:00.000Z",
                "publishedAt": f"{day}T00:00:00.000Z",
            }
        }
        for n in listed(day)
    ]
    start = int(request.query.get("p", "0")) * int(request.query["limit"])
    return as_json(rows[start : start + int(request.query["limit"])])


@dataclass
class Service:
    """A service in the course of its days.

    Attributes:
        today: What day it is there.
        began: When each request came, by the clock of whoever asks.
    """

    answers: Callable[[Request, date], Response]
    pace: Pace
    opens: Callable[[str, Access, Web], Source]
    today: date = FIRST
    clock: Clock = field(default_factory=Clock)
    began: list[float] = field(default_factory=list)

    def facade(self, request: Request) -> Response:
        return self.answers(request, self.today)

    def note(self, _: int, moment: Moment) -> None:
        if moment == "before":
            self.began.append(self.clock.now)

    @contextmanager
    def serving(self) -> Iterator[Server]:
        with Server(self.facade) as server:
            server.hook = self.note
            yield server

    def run(self, server: Server, store: Store) -> Asked:
        now = datetime.combine(self.today, time(18), UTC)
        patience = Patience(sleep=self.clock.sleep, clock=self.clock, chance=lambda: 0.5)
        turns = Turns(self.clock, self.clock.sleep)
        web = Web(self.pace, patience=patience, turns=turns, transport=Wire(server))
        source = self.opens("", Access(now=now), web)
        self.clock.now += 3600
        return asked([source], store, now)


SERVICES = {
    "bioRxiv": lambda: Service(
        biorxiv_facade,
        biorxiv.PACE,
        lambda place, access, web: biorxiv.BiorxivSource(place, access, web=web),
    ),
    "Hugging Face": lambda: Service(
        huggingface_facade,
        huggingface.PACE,
        lambda place, access, web: huggingface.HuggingFaceSource(place, access, web=web),
    ),
}


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("works_for", [0, 1, 3, 8])
def test_two_weeks_with_an_outage_in_the_middle(name: str, works_for: int) -> None:
    service = SERVICES[name]()
    with service.serving() as server, Store.open(None) as store:
        service.run(server, store)
        service.today = FIRST + timedelta(days=16)
        left = iter(range(works_for))
        server.faults.when(lambda _: next(left, None) is None, OUT, times=10**6)
        broken = service.run(server, store)
        assert broken.failures
        server.faults.clear()
        service.today += timedelta(days=1)
        after = service.run(server, store)
        assert not after.failures
        expected = sorted(title(n) for n, _ in published(f"{FIRST}", f"{service.today}"))
        assert sorted(c.paper.title for c in store.candidates()) == expected
        # Another run brings nothing, and nothing twice.
        n_before = len(server.requests)
        again = service.run(server, store)
        assert not sum(one.n_new for one in again.sources)
        assert len(server.requests) - n_before <= 6
    for one, other in pairwise(service.began):
        assert other - one >= service.pace.every.total_seconds() - 1e-6


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_asks_for_a_pause_gets_it(name: str) -> None:
    service = SERVICES[name]()
    service.today = FIRST + timedelta(days=4)
    with service.serving() as server, Store.open(None) as store:
        server.faults.at(1, Fault(429, {"Retry-After": "17"}, b"{}"))
        assert not service.run(server, store).failures
        assert store.n_candidates() == 5 * A_DAY
    assert service.began[2] - service.began[1] >= 17


@pytest.mark.parametrize("name", SERVICES)
def test_a_run_each_day_lists_each_paper_on_its_day(name: str) -> None:
    service = SERVICES[name]()
    with service.serving() as server, Store.open(None) as store:
        for day in DAYS:
            service.today = day
            [told] = service.run(server, store).sources
            assert told.n_new == len(listed(day))
