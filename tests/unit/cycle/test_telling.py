"""What a reader is told by channels: once each, nothing lost, and never nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import cycle
from recommender.cycle import telling
from recommender.editions import Edition, Rhythm
from recommender.errors import TransientError
from recommender.papers import Paper
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import State, Verdict
from recommender.testing.channels import FakeChannel, Trouble
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.publishers import FakePublisher
from recommender.testing.reference_managers import FakeLibrary
from recommender.testing.sources import FakeSource
from tests.unit.cycle.worlds import NOW, run

DAY = timedelta(days=1)
WAITING = {State.PENDING, State.DELIVERED}
WEEKLY = Rhythm(every="week", on=0)


def ids(edition: Edition) -> set[str]:
    return {one.suggestion.suggestion_id for one in edition.told}


def suggested(store: Store) -> set[str]:
    return {one.suggestion.suggestion_id for one in store.shown("ada")}


def with_rhythm(profile: cycle.Profile, rhythm: Rhythm) -> cycle.Profile:
    return replace(profile, telling=replace(profile.telling, rhythm=rhythm))


def test_what_is_suggested_is_told_with_the_run(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    record = run(told, store)
    [edition] = mail.taken
    assert ids(edition) == {one.suggestion_id for one in record.suggestions}
    assert edition.edition_id == "ada/2026-03-02"
    assert edition.looked == f"Looked at {len(list(store.candidates()))} new papers from 1 source."
    assert not edition.quiet
    assert edition.since is None
    assert record.n_editions == 1
    [kept] = store.last_cycles("ada", 1)
    assert kept.record["editions"] == 1
    assert "digest" in kept.record["seconds"]


def test_a_quiet_day_is_told_with_its_reason_unless_nobody_wants_to_know(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    run(told, store)
    silent = with_rhythm(told, Rhythm(quiet=False))
    assert run(silent, store, NOW + DAY).n_editions == 0
    run(told, store, NOW + 2 * DAY)
    assert len(mail.taken) == 2
    assert not mail.taken[1].told
    assert mail.taken[1].quiet == (
        "Nothing to suggest: what is new to you has no word in common with your library."
    )


def test_that_there_is_nothing_is_told_once_a_day(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    for hour in range(4):
        run(told, store, NOW + timedelta(hours=hour))
    assert len(mail.taken) == 1
    source.publish(paper_on("bees", 60), name="later")
    run(told, store, NOW + timedelta(hours=5))
    assert len(mail.taken[1].told) == 1
    run(told, store, NOW + DAY)
    assert mail.taken[2].quiet


@pytest.mark.parametrize("rhythm", [Rhythm(), WEEKLY])
def test_a_clock_that_ran_ahead_keeps_nothing_back(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel, rhythm: Rhythm
) -> None:
    told = with_rhythm(told, rhythm)
    mail.trouble = Trouble.AWAY
    run(replace(told, sources=[FakeSource()]), store, NOW + 40 * DAY)
    mail.trouble = None
    for n in range(1, 9):
        run(told, store, NOW + n * DAY)
    assert set[str]().union(*map(ids, mail.taken)) == suggested(store) != set()


def test_what_was_begun_before_a_long_absence_is_sent(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    mail.trouble = Trouble.LOST
    run(told, store)
    mail.trouble = None
    taken = mail.taken.pop()
    run(told, store, NOW + 60 * DAY)
    assert mail.taken[0] == taken


def test_a_weekly_one_tells_what_the_week_brought_once(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    told = with_rhythm(told, WEEKLY)
    for n in range(1, 15):
        source.publish(paper_on("bees", 40 + n), name=f"day {n}")
        run(told, store, NOW + n * DAY)
    # The first comes at once; after that each Monday.
    assert [edition.at.date() for edition in mail.taken] == [
        date(2026, 3, 3),
        date(2026, 3, 9),
        date(2026, 3, 16),
    ]
    assert sum(len(edition.told) for edition in mail.taken) == len(suggested(store))
    assert set[str]().union(*map(ids, mail.taken)) == suggested(store)
    assert mail.taken[1].looked.startswith("Looked at 6 new papers")


def test_what_was_not_taken_comes_with_the_next(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    mail.trouble = Trouble.LATER
    record = run(told, store)
    [failure] = record.failures
    assert isinstance(failure.error, TransientError)
    assert failure.where == mail.name
    assert record.n_editions == 0
    assert not mail.taken
    source.publish(paper_on("bees", 60), name="tuesday")
    mail.trouble = None
    run(told, store, NOW + 5 * DAY)
    [edition] = mail.taken
    assert ids(edition) == suggested(store)
    # Nothing of the first days is lost, and the reader learns from when on it tells.
    assert edition.edition_id == "ada/2026-03-07"


def test_after_a_gap_it_says_from_when_on_it_tells(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    run(told, store)
    source.publish(paper_on("bees", 60), name="much later")
    run(told, store, NOW + 20 * DAY)
    assert mail.taken[1].since == date(2026, 3, 3)


def test_what_may_have_been_taken_is_sent_again_as_it_was(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    mail.trouble = Trouble.LOST
    run(told, store)
    source.publish(paper_on("bees", 60), name="tuesday")
    mail.trouble = None
    record = run(told, store, NOW + DAY)
    first, again, second = mail.taken
    assert again == first
    assert not ids(again) & ids(second)
    assert record.n_editions == 2


def test_what_cannot_be_sent_by_mistake_keeps_nothing_waiting(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    good = mail.send

    def mistaken(edition: Edition) -> None:
        raise ValueError("a title of the reader's")

    mail.send = mistaken  # type: ignore[method-assign]
    assert run(told, store).failures
    mail.send = good  # type: ignore[method-assign]
    run(told, store, NOW + DAY)
    [edition] = mail.taken
    assert ids(edition) == suggested(store)


def test_what_is_refused_for_long_though_it_may_have_been_taken_keeps_nothing_waiting(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    mail.trouble = Trouble.LOST
    run(told, store)
    mail.trouble = Trouble.REFUSED
    source.publish(paper_on("bees", 60), name="tuesday")
    assert run(told, store, NOW + 13 * DAY).failures
    assert store.begun_editions("ada", mail.name)
    assert run(told, store, NOW + 15 * DAY).failures
    assert not store.begun_editions("ada", mail.name)
    mail.trouble = None
    run(told, store, NOW + 16 * DAY)
    lost, then = mail.taken
    assert [one.suggestion.paper for one in then.told] == [paper_on("bees", 60)]
    assert ids(lost) | ids(then) == suggested(store)


def test_what_waits_no_more_is_not_told(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    mail.trouble = Trouble.LATER
    run(told, store)
    answered = min(suggested(store))
    store.record_verdict(answered, Verdict.BAD, at=NOW)
    mail.trouble = None
    run(told, store, NOW + DAY)
    assert ids(mail.taken[0]) == suggested(store) - {answered}


def test_one_channel_that_fails_keeps_no_other_waiting(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    class Buggy(FakeChannel):
        def send(self, edition: Edition) -> None:
            raise ValueError("a title of the reader's")

    telling = replace(told.telling, channels=[Buggy("buggy"), mail])
    record = run(replace(told, telling=telling), store)
    assert len(mail.taken) == 1
    [failure] = record.failures
    assert str(failure.error) == "buggy: failed unexpectedly (ValueError); please report it"


def test_of_what_was_before_a_channel_the_last_alone_is_news(
    told: cycle.Profile, source: FakeSource, store: Store, mail: FakeChannel
) -> None:
    silent = replace(told, telling=cycle.Telling())
    run(silent, store)
    source.publish(paper_on("bees", 60), name="later")
    run(silent, store, NOW + 9 * DAY)
    fresh = run(told, store, NOW + 9 * DAY + timedelta(hours=1))
    assert not fresh.suggestions
    [edition] = mail.taken
    assert len(edition.told) == 1
    assert edition.told[0].suggestion.paper == paper_on("bees", 60)


def test_whoever_wants_no_more_gets_no_more(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    telling.stop(store, "ada", mail.name, NOW)
    assert not run(told, store).failures
    assert not mail.taken
    telling.start_again(store, "ada", mail.name)
    run(told, store, NOW + DAY)
    assert ids(mail.taken[0]) == suggested(store)


class Laconic:
    """Says the same of everything."""

    name = "a model"

    def summary(self, paper: Paper, language: str) -> str:
        return "In a sentence."


def test_an_edition_leads_to_where_the_reader_has_it_and_can_answer(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    with Store.open(None) as other:
        [first, *_] = run(replace(told, telling=cycle.Telling()), other).suggestions
    shelf = FakePublisher("another", places={first.suggestion_id: "KEY"})
    links = cycle.Links(
        page="http://127.0.0.1:8765",
        answers=lambda one: (f"good/{one}", f"bad/{one}"),
        stop=lambda channel: f"stop/{channel}",
    )
    profile = replace(
        told,
        publishers=[shelf],
        telling=replace(told.telling, links=links, summariser=Laconic()),
    )
    run(profile, store)
    [edition] = mail.taken
    one = next(t for t in edition.told if t.suggestion.suggestion_id == first.suggestion_id)
    assert (one.gist, one.gist_by) == ("In a sentence.", "a model")
    assert one.own == "shelf://KEY"
    assert one.good == f"good/{first.suggestion_id}"
    assert edition.page == links.page
    assert edition.stop == f"stop/{mail.name}"


def test_a_preview_tells_what_was_suggested_last_and_sends_nothing(
    told: cycle.Profile, store: Store, mail: FakeChannel
) -> None:
    record = run(told, store)
    edition = telling.preview(told, store, NOW + DAY)
    assert ids(edition) == {one.suggestion_id for one in record.suggestions}
    assert edition.looked
    assert len(mail.taken) == 1


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([None, *Trouble]), st.integers(1, 6)),
        max_size=8,
    ),
    st.sampled_from([Rhythm(), Rhythm(quiet=False), WEEKLY]),
)
def test_whatever_goes_wrong_each_suggestion_is_told_under_one_name(
    days: Sequence[tuple[int, Trouble | None, int]], rhythm: Rhythm
) -> None:
    library, source, mail = FakeLibrary(), FakeSource(), FakeChannel()
    library.put(*library_on("bees").items)
    source.publish(*listed_on("bees"), name="first")
    profile = cycle.Profile(
        name="ada",
        libraries=[library],
        sources=[source],
        publishers=[FakePublisher()],
        wishes=Wishes(limit=4, threshold=0.0, explore=False),
        telling=cycle.Telling(channels=[mail], rhythm=rhythm),
    )
    now: datetime = NOW
    with Store.open(None) as store:
        for n, (n_new, trouble, pause) in enumerate(days):
            mail.trouble = trouble
            if n_new:
                source.publish(
                    *(paper_on("bees", 50 + 3 * n + i) for i in range(n_new)), name=str(n)
                )
            run(profile, store, now)
            now += pause * DAY
        mail.trouble = None
        for _ in range(2):
            run(profile, store, now)
            now += 7 * DAY
        names: dict[str, set[str]] = {}
        for edition in mail.taken:
            for one in ids(edition):
                names.setdefault(one, set()).add(edition.edition_id)
        # What was let pass while no mail went is told no more.
        waiting = {s.suggestion.suggestion_id for s in store.shown("ada") if s.state in WAITING}
        assert waiting <= names.keys() <= suggested(store)
        assert all(len(found) == 1 for found in names.values())
        by_name = {edition.edition_id: edition for edition in mail.taken}
        assert all(edition == by_name[edition.edition_id] for edition in mail.taken)
