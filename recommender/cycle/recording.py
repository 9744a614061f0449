"""The account that each run leaves in the store, whatever happens; and the last of a sort."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol, TypeVar

from recommender import identity
from recommender.agenda import Work
from recommender.cycle.profile import Profile
from recommender.errors import DamagedStore, IntegrationError, NothingToLearnFrom, StoreError
from recommender.store import CycleRecord, Store

_OF_THE_LIBRARY = (IntegrationError, NothingToLearnFrom)
_OURS = "this program"  # where a record says that a run failed that no adapter is to blame for


class _Account(Protocol):
    def told(self) -> dict[str, Any]:
        """What is kept of it, for JSON."""


_Done = TypeVar("_Done", bound=_Account)


def recorded(
    profile: Profile,
    store: Store,
    now: datetime,
    do: Callable[[], _Done],
    work: Work = Work.PUBLISH,
) -> _Done:
    """What a run did, or raised; either is written down.

    Args:
        profile: Whose run it is.
        store: Where it is written down.
        now: When it begins.
        do: The run.
        work: What it is to do.

    Raises:
        StoreError: If the store cannot be used.
        Exception: Whatever the run raises.
    """
    start = monotonic()

    def leave(told: dict[str, Any]) -> None:
        finished_at = now + timedelta(seconds=monotonic() - start)
        store.record_cycle(profile.name, now, finished_at, {"work": work.value, **told})

    try:
        done = do()
    except DamagedStore:
        # It is set aside as it is, and the run begins anew.
        raise
    except Exception as error:
        where = profile.libraries[0].name if isinstance(error, _OF_THE_LIBRARY) else _OURS
        # A store that failed may hold no record either; that it failed is raised all the same.
        with suppress(StoreError):
            leave({"failures": [{"where": where, "error": type(error).__name__}]})
        raise
    finally:
        # What runs share of papers is for one run: a process that does many is not to grow by it.
        identity.forget()
    leave(done.told())
    return done


def last_that(
    store: Store, profile: str, is_meant: Callable[[Mapping[str, Any]], bool]
) -> CycleRecord | None:
    """The last of a profile's accounts that is meant; None where none is.

    Raises:
        StoreError: If the store cannot be read.
    """
    n = 1
    while True:
        # Any number of other runs may have come after it.
        found = store.last_cycles(profile, n)
        if len(found) < n or any(is_meant(one.record) for one in found):
            return next((one for one in found if is_meant(one.record)), None)
        n *= 10
