from collections.abc import Iterator
from dataclasses import replace

import pytest

from recommender import cycle
from recommender.selection import Wishes
from recommender.store import Store
from recommender.testing.channels import FakeChannel
from recommender.testing.models import library_on, listed_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import EVERYTHING


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


@pytest.fixture
def library() -> FakeLibrary:
    fake = FakeLibrary()
    fake.put(*library_on("bees", "verse").items)
    return fake


@pytest.fixture
def source() -> FakeSource:
    fake = FakeSource()
    fake.publish(*listed_on("bees", "bridges", "verse"), name="monday")
    return fake


@pytest.fixture
def shelf() -> FakePublisher:
    return FakePublisher()


@pytest.fixture
def profile(library: FakeLibrary, source: FakeSource, shelf: FakePublisher) -> cycle.Profile:
    wishes = Wishes(limit=4, threshold=0.0, explore=False)
    return cycle.Profile(
        name="ada", libraries=[library], sources=[source], publishers=[shelf], wishes=wishes
    )


@pytest.fixture
def mail() -> FakeChannel:
    return FakeChannel("mail to ada")


@pytest.fixture
def told(profile: cycle.Profile, mail: FakeChannel) -> cycle.Profile:
    """Whose reader gets a mail with each run."""
    return replace(profile, wishes=EVERYTHING, telling=cycle.Telling(channels=[mail]))
