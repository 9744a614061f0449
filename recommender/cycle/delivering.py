"""What a cycle writes: suggestions from the outbox to the publishers, and what is over off them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from recommender.cycle import reading
from recommender.cycle.profile import Profile
from recommender.errors import IntegrationError, StaleLibrary
from recommender.ports import Publisher
from recommender.records import Failure
from recommender.store import Store
from recommender.suggestions import Receipt

_TRIES = 3  # each time the library moved on under our hands, it is read again first


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a cycle's deliveries.

    Attributes:
        n_delivered: Suggestions that a publisher delivered now; two publishers count twice.
        n_tidied: Those that were taken away now.
        n_left: Those that were to be taken away, but somebody had touched them.
    """

    n_delivered: int = 0
    n_tidied: int = 0
    n_left: int = 0
    failures: tuple[Failure, ...] = field(default=())


def deliver(profile: Profile, store: Store, now: datetime) -> Delivered:
    """Deliver what is in the outbox, and take away what is over; one that fails stops no other."""
    failures: list[Failure] = []
    n_delivered = n_tidied = n_left = 0
    for publisher in profile.publishers:
        try:
            receipts = _published(profile, publisher, store, now)
            failures += _failed(publisher, receipts)
            n_delivered += sum(not receipt.failure for receipt in receipts)
            retired = _retired(profile, publisher, store, now)
            failures += _failed(publisher, retired)
            n_left += sum(receipt.touched for receipt in retired)
            n_tidied += sum(not (receipt.touched or receipt.failure) for receipt in retired)
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            failures.append(reading.failure(publisher.name, error))
    return Delivered(n_delivered, n_tidied, n_left, tuple(failures))


def _published(
    profile: Profile, publisher: Publisher, store: Store, now: datetime
) -> Sequence[Receipt]:
    for attempt in range(1, _TRIES + 1):
        try:
            receipts = tuple(publisher.publish(store.pending(profile.name, publisher.name)))
        except StaleLibrary:
            if attempt == _TRIES:
                raise
            # Perhaps the reader, or another machine, has just saved what we were about to.
            library, _ = reading.libraries(profile, store)
            reading.learn(profile, library, store, now)
        else:
            store.record_receipts(publisher.name, receipts, at=now)
            return receipts
    raise AssertionError


def _retired(
    profile: Profile, publisher: Publisher, store: Store, now: datetime
) -> Sequence[Receipt]:
    over = store.to_retire(profile.name, publisher.name)
    if not over:
        return ()
    receipts = tuple(publisher.retire(over))
    store.record_retired(publisher.name, receipts, at=now)
    return receipts


def _failed(publisher: Publisher, receipts: Sequence[Receipt]) -> list[Failure]:
    return [
        Failure(publisher.name, IntegrationError(publisher.name, receipt.failure))
        for receipt in receipts
        if receipt.failure
    ]
