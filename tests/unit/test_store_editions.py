"""What channels were given: begun, sent or taken back, and whole after a damage."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recommender.editions import Edition, Told
from recommender.store import Store
from recommender.testing.publishers import suggestion_on

AT = datetime(2024, 3, 6, 23, 30, tzinfo=ZoneInfo("America/New_York"))
TOLD = (
    Told(
        suggestion=suggestion_on(1),
        gist="Bees tell each other the way.",
        gist_by="a model",
        good="https://page.example.org/good",
        bad="https://page.example.org/bad",
        own="zotero://select/library/items/ABCD2345",
    ),
    Told(suggestion=suggestion_on(2)),
)
EDITION = Edition(
    edition_id="me/2024-03-06",
    profile="me",
    at=AT,
    told=TOLD,
    looked="Looked at 3 new papers from 1 source.",
    quiet="",
    since=date(2024, 3, 1),
    alarms=("a source has been stale for 5 days",),
    page="https://page.example.org",
    stop="https://page.example.org/stop",
)
IDS = {one.suggestion.suggestion_id for one in TOLD}


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        opened.add_suggestions("me", [one.suggestion for one in TOLD], publishers=["shelf"], at=AT)
        yield opened


def test_what_was_begun_is_sent_again_as_it_is(store: Store) -> None:
    store.begin_edition("mail", EDITION)
    store.begin_edition("mail", replace(EDITION, looked="something else"))
    [again] = store.begun_editions("me", "mail")
    assert again == EDITION
    # The day that it names is the reader's.
    assert again.at.isoformat() == AT.isoformat()
    assert store.begun_editions("me", "chat") == ()
    assert store.begun_editions("you", "mail") == ()
    assert store.told("me", "mail") == IDS
    assert store.last_edition("me", "mail") is None


def test_what_was_sent_is_over(store: Store) -> None:
    store.begin_edition("mail", EDITION)
    store.record_sent("me", "mail", EDITION.edition_id)
    store.withdraw_edition("me", "mail", EDITION.edition_id)
    assert store.begun_editions("me", "mail") == ()
    assert store.last_edition("me", "mail") == AT
    assert store.told("me", "mail") == IDS
    assert store.edition_ids("me", "mail") == {EDITION.edition_id}


def test_what_was_not_taken_was_never_there(store: Store) -> None:
    store.begin_edition("mail", EDITION)
    store.begin_edition("chat", EDITION)
    store.withdraw_edition("me", "mail", EDITION.edition_id)
    assert store.begun_editions("me", "mail") == ()
    assert store.told("me", "mail") == frozenset()
    assert store.edition_ids("me", "mail") == frozenset()
    assert store.begun_editions("me", "chat") == (EDITION,)
    store.withdraw_edition("me", "mail", EDITION.edition_id)


def test_the_last_one_is_the_latest_that_was_sent(store: Store) -> None:
    for n in range(3):
        edition = replace(EDITION, edition_id=f"me/{n}", at=AT + timedelta(days=n), told=())
        store.begin_edition("mail", edition)
        if n < 2:
            store.record_sent("me", "mail", edition.edition_id)
    assert store.last_edition("me", "mail") == AT + timedelta(days=1)
    assert [one.edition_id for one in store.begun_editions("me", "mail")] == ["me/2"]


def test_it_is_taken_over_by_another_store(store: Store) -> None:
    store.begin_edition("mail", EDITION)
    store.record_sent("me", "mail", EDITION.edition_id)
    store.begin_edition("chat", EDITION)
    with Store.open(None) as other:
        other.take_over(store.lasting())
        other.check()
        assert other.told("me", "mail") == IDS
        assert other.last_edition("me", "mail") == AT
        assert other.begun_editions("me", "chat") == (EDITION,)


def test_what_lasts_changed_when_something_was_told(store: Store) -> None:
    before = store.standing().changed
    store.begin_edition("mail", EDITION)
    begun = store.standing().changed
    store.record_sent("me", "mail", EDITION.edition_id)
    assert len({before, begun, store.standing().changed}) == 3
