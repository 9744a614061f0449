"""A reader for whom a run was done, and the map of their interests."""

from datetime import UTC, datetime
from pathlib import Path

from recommender import config
from recommender.cli import running
from recommender.config import Settings
from recommender.page import interests, rendering
from recommender.page.interest_map import InterestMap, MappedInterest
from recommender.store import Store
from tests.system.own import Own

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def run_in(folder: Path) -> Own:
    """Settle a reader in a folder, and do a run."""
    own = Own(folder)
    own.settle("[selection]\nlimit = 12\nthreshold = 0.0")
    running.done(config.read_own(own.file))
    return own


def seen(settings: Settings, store: Store) -> InterestMap:
    found = drawn(settings, store)
    assert found
    return found


def drawn(settings: Settings, store: Store) -> InterestMap | None:
    """What is on the page once it is drawn."""
    for _ in range(1000):
        found, is_due = interests.view(settings, store, NOW)
        if not is_due:
            return found
    raise AssertionError("nothing was drawn in a minute")


def names(settings: Settings, store: Store) -> list[str]:
    return [one.name for one in seen(settings, store).interests]


def interest(settings: Settings, store: Store, name: str) -> MappedInterest:
    return next(one for one in seen(settings, store).interests if one.name == name)


def rendered(
    drawn: InterestMap | None, said: str = "", beside: str = "", *, is_due: bool = False
) -> str:
    return rendering.page(
        "interests",
        {
            "map": drawn,
            "is_due": is_due,
            "is_outside": False,
            "said": said,
            "beside": beside,
            "token": "t0ken",
            "profile": "ada",
            "profiles": ["ada", "bo"],
            "places": [("Interests", "/interests")],
            "here": "/interests",
            "at": lambda path, **_: path,
        },
    )
