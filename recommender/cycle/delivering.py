"""What a cycle writes: suggestions from the outbox to the publishers, and what is over off them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from recommender.cycle import reading
from recommender.cycle.profile import Profile
from recommender.errors import IntegrationError, StaleLibrary, StoreError, TransientError
from recommender.ports import Publisher
from recommender.records import Failure
from recommender.store import Store
from recommender.suggestions import Receipt, State

_TRIES = 3  # each time the library moved on under our hands, it is read again first


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a cycle's deliveries.

    Attributes:
        n_delivered: Suggestions that a publisher delivered now; two publishers count twice.
        n_tidied: Those that were taken away now.
        n_left: Those that were to be taken away, but somebody had touched them.
        learnt: What the library told of earlier suggestions when it was read again in between.
    """

    n_delivered: int = 0
    n_tidied: int = 0
    n_left: int = 0
    failures: tuple[Failure, ...] = ()
    learnt: Mapping[str, State] = field(default_factory=dict)


def deliver(profile: Profile, store: Store, now: datetime) -> Delivered:
    """Deliver what is in the outbox, and take away what is over; one that fails stops no other.

    Raises:
        StoreError: If the store cannot be used.
    """
    failures: list[Failure] = []
    published: list[Receipt] = []
    retired: list[Receipt] = []
    learnt: dict[str, State] = {}
    for publisher in profile.publishers:
        # A shelf that takes nothing can still be tidied.
        for done, act in (
            (published, partial(_published, profile, publisher, store, now, learnt)),
            (retired, partial(_retired, profile, publisher, store, now)),
        ):
            try:
                receipts = act()
            except StoreError:
                raise
            except TransientError as error:
                # It would not answer to a second question either.
                failures.append(reading.failure(publisher.name, error))
                break
            except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
                failures.append(reading.failure(publisher.name, error))
            else:
                done.extend(receipts)
                failures += _failed(publisher, receipts)
    return Delivered(
        n_delivered=sum(not receipt.failure for receipt in published),
        n_tidied=sum(not (receipt.touched or receipt.failure) for receipt in retired),
        n_left=sum(receipt.touched for receipt in retired),
        failures=tuple(failures),
        learnt=learnt,
    )


def _published(
    profile: Profile,
    publisher: Publisher,
    store: Store,
    now: datetime,
    learnt: dict[str, State],
) -> Sequence[Receipt]:
    for attempt in range(1, _TRIES + 1):
        try:
            receipts = tuple(publisher.publish(store.pending(profile.name, publisher.name)))
        except StaleLibrary:
            if attempt == _TRIES:
                raise
            # Perhaps the reader, or another machine, has just saved what we were about to.
            library, _ = reading.libraries(profile, store)
            learnt |= reading.learn(profile, library, store, now)
        else:
            if seen := {receipt.suggestion_id for receipt in receipts if receipt.seen}:
                store.record_learnt({}, seen=seen, at=now)
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
