"""Turns: all that ask a service share its manners, whichever threads they run in."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from integrations.web.client import Web
from integrations.web.patience import Patience, moment, rest, wait
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Fault, Server
from integrations.web.testing.wire import Clock, Wire
from integrations.web.turns import EVERYBODY, Pace, Turns
from recommender.errors import RateLimited

EVERY = 0.02  # seconds
PACE = Pace("Birds", every=timedelta(seconds=EVERY))
FOREVER = 60.0


def turns() -> tuple[Turns, Clock]:
    clock = Clock()
    return Turns(clock, clock.sleep), clock


class Watched:
    """Turns of threads, with the moments at which they were given."""

    def __init__(self) -> None:
        self._own = threading.local()
        self.turns = Turns(self._clock)
        self.given_at: list[float] = []

    def _clock(self) -> float:
        self._own.now = time.monotonic()
        return float(self._own.now)

    def note(self) -> None:
        """Take note of the turn that this thread has."""
        # It was given when the clock was looked at last, however late the thread goes on.
        self.given_at.append(self._own.now)

    @property
    def shortest(self) -> float:
        """The least that lay between two turns."""
        return min(later - earlier for earlier, later in pairwise(sorted(self.given_at)))


@pytest.mark.parametrize("at_once", [1, 3])
def test_threads_keep_the_distance_and_are_no_more_than_allowed(at_once: int) -> None:
    pace = Pace("Birds", timedelta(seconds=EVERY), at_once)
    watched = Watched()
    # As many as are allowed meet here, and no more.
    meeting = threading.Barrier(at_once)
    inside: list[int] = []
    most: list[int] = []

    def take(number: int) -> None:
        with watched.turns.one(pace, FOREVER):
            watched.note()
            inside.append(number)
            most.append(len(inside))
            meeting.wait(FOREVER)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(12)))
    assert len(watched.given_at) == 12
    assert watched.shortest >= EVERY - 1e-6
    assert max(most) == at_once


def test_the_first_turn_is_now_and_the_next_one_later() -> None:
    taking, clock = turns()
    for _ in range(3):
        with taking.one(PACE, FOREVER):
            pass
    assert clock.waits == pytest.approx([EVERY, EVERY])


def test_who_was_slow_need_not_wait() -> None:
    taking, clock = turns()
    with taking.one(PACE, FOREVER):
        clock.now += 5
    with taking.one(PACE, FOREVER):
        pass
    assert clock.waits == []


def test_services_do_not_wait_for_each_other() -> None:
    taking, clock = turns()
    for name in ("Birds", "Bats", "Gulls"):
        with taking.one(Pace(name, timedelta(hours=1)), FOREVER):
            pass
    assert clock.waits == []


def test_equal_manners_are_the_same_manners() -> None:
    taking, clock = turns()
    for _ in range(2):
        with taking.one(Pace("Birds", timedelta(seconds=3)), FOREVER):
            pass
    assert clock.waits == [3]


def test_a_turn_that_would_come_too_late_is_given_back() -> None:
    taking, clock = turns()
    slow = Pace("Birds", timedelta(seconds=100))
    with taking.one(slow, FOREVER):
        pass
    with pytest.raises(RateLimited, match="Birds wants to be left alone for 100 more") as raised:
        taking.one(slow, FOREVER).__enter__()
    assert raised.value.retry_after == timedelta(seconds=100)
    assert clock.waits == []
    clock.now += 100
    with taking.one(slow, 0):
        pass
    assert clock.waits == []


def test_who_waits_for_a_place_waits_no_longer_than_allowed() -> None:
    taking = Turns(longest=0.05)
    with taking.one(PACE, FOREVER):
        start = time.monotonic()
        with pytest.raises(RateLimited, match="Birds is being asked by others here"):
            taking.one(PACE, FOREVER).__enter__()
        assert 0.05 <= time.monotonic() - start < 5
    with taking.one(PACE, FOREVER):
        pass


def test_one_service_is_one_whatever_its_paces() -> None:
    taking, clock = turns()
    slow, fast = Pace("Birds", timedelta(seconds=3)), Pace("Birds", timedelta(seconds=1))
    with taking.one(slow, FOREVER):
        pass
    taking.rest(slow, 20)
    with taking.one(fast, FOREVER):
        assert clock.waits == [20]


def test_waiting_for_others_is_told_and_does_not_count() -> None:
    clock = Clock()
    taking = Turns(clock, clock.sleep)
    with taking.one(PACE, 0.0) as queued:
        assert queued == 0


def test_a_failure_gives_the_place_back() -> None:
    taking, _ = turns()
    for _ in range(3):
        with pytest.raises(KeyError), taking.one(PACE, FOREVER):
            raise KeyError


def test_a_rest_is_for_everybody_who_asks_later() -> None:
    taking, clock = turns()
    taking.rest(PACE, 20)
    taking.rest(PACE, 5)
    with taking.one(PACE, FOREVER):
        assert clock.waits == [20]


def test_who_waits_already_hears_of_a_rest() -> None:
    clock = Clock()
    told: list[float] = []

    def sleep(seconds: float) -> None:
        if not told:
            told.append(seconds)
            # Somebody else's answer comes meanwhile.
            taking.rest(PACE, 30)
        clock.sleep(seconds)

    taking = Turns(clock, sleep)
    with taking.one(PACE, FOREVER):
        pass
    with taking.one(PACE, FOREVER):
        assert clock.now == pytest.approx(30)


def test_what_one_client_is_told_all_clients_of_the_service_obey() -> None:
    clock = Clock()
    taking = Turns(clock, clock.sleep)
    asked_at: list[float] = []

    def service(_: Request) -> Response:
        asked_at.append(clock.now)
        return Response(200, {}, b"good")

    with Server(service) as server:
        patience = Patience(sleep=clock.sleep, clock=clock, pauses=())
        one, other = (
            Web(Pace("Birds", timedelta(seconds=3)), patience=patience, turns=taking,
                transport=Wire(server))
            for _ in range(2)
        )  # fmt: skip
        server.faults.at(0, Fault(429, {"Retry-After": "40"}))
        with pytest.raises(RateLimited):
            one.get("https://birds.example/a")
        other.get("https://terns.example/b")
        one.get("https://birds.example/c")
    assert asked_at == [40, 43]


def test_clients_in_many_threads_keep_the_distance() -> None:
    watched = Watched()

    def ask(_: int) -> bytes:
        # The last look at the clock of the turns is the one that gave the turn.
        answer = Web(PACE, turns=watched.turns, transport=Wire(server)).get("http://birds.example")
        watched.note()
        return answer.content

    with Server(lambda _: Response(200, {}, b"good")) as server, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [b"good"] * 8
    assert watched.shortest >= EVERY - 1e-6


def test_everybody_shares_by_default() -> None:
    with Server(lambda _: Response(200)) as server:
        web = Web(Pace("shared by default", timedelta(0)), transport=Wire(server))
    assert web._turns is EVERYBODY


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None), ({"retry-after": "7"}, 7), ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after": "-1"}, 0), ({"retry-after": "inf"}, 1e9), ({"retry-after": "nan"}, None),
        ({"retry-after": "x"}, None), ({"retry-after": "7, 9"}, None),
        ({"backoff": "3", "retry-after": "7"}, 7), ({"backoff": "9", "retry-after": "7"}, 9),
        ({"retry-after": "Mon, 02 Mar 2026 10:01:00 GMT"}, None),
        ({"retry-after": "Mon, 02 Mar 2026 10:01:00 GMT",
          "date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 60),
        ({"retry-after": "Mon, 02 Mar 2026 10:01:00 GMT",
          "date": "Mon, 02 Mar 2026 12:00:00 +0200"}, 60),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:00 GMT",
          "date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT",
          "date": "Mon, 01 Jan 0001 00:00:00 GMT"}, 1e9),
    ],
)  # fmt: skip
def test_how_long_an_answer_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait(headers) == seconds
    assert rest(429, headers) == rest(503, headers) == seconds
    without = {name: value for name, value in headers.items() if name != "retry-after"}
    assert rest(200, headers) == rest(404, headers) == wait(without)


@pytest.mark.parametrize(
    "spelled", ["", "x", "99", "Mon, 99 Mar 2026 10:00:00 GMT", "\xff", "()" * 99]
)
def test_what_is_no_moment_is_none(spelled: str) -> None:
    assert moment(spelled) is None
