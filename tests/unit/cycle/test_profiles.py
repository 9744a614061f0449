"""Several profiles in one store: what is listed for one is not suggested to another."""

from dataclasses import replace

from recommender import cycle
from recommender.cycle.choosing import ELSEWHERE
from recommender.store import Store
from recommender.testing.models import listed_on
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import TOMORROW, run


def test_each_profile_has_its_own_sources(profile: cycle.Profile, store: Store) -> None:
    hers, his = FakeSource("hers"), FakeSource("his")
    hers.publish(*listed_on("bees"))
    his.publish(*listed_on("verse"))
    ada = replace(profile, name="ada", sources=[hers], is_apart=True)
    bo = replace(profile, name="bo", sources=[his], is_apart=True)
    first = run(ada, store)
    second = run(bo, store, TOMORROW)
    assert first.suggestions
    assert second.suggestions
    venues = [{one.paper.venue for one in record.suggestions} for record in (first, second)]
    assert venues == [{"Journal of Bees"}, {"Journal of Verse"}]
    assert second.excluded[ELSEWHERE] > 0


def test_what_both_list_is_for_both(profile: cycle.Profile, store: Store) -> None:
    hers, his = FakeSource("hers"), FakeSource("his")
    for source in (hers, his):
        source.publish(*listed_on("bees"))
    first = run(replace(profile, name="ada", sources=[hers], is_apart=True), store)
    second = run(replace(profile, name="bo", sources=[his], is_apart=True), store, TOMORROW)
    assert [s.paper for s in first.suggestions] == [s.paper for s in second.suggestions]
