"""What of a forgotten reader's digests and papers is gone, and what stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.editions import Edition
from recommender.store import Store
from recommender.store.editions import Given, LastGiven, SaidOfPaper
from recommender.testing.editions import edition_on
from recommender.testing.publishers import suggestion_on

AT = datetime(2024, 3, 9, tzinfo=UTC)
TOLD = replace(edition_on(5), alarms=("a source is stale",))
WAITS = replace(edition_on(6, n_told=0), alarms=("another source is stale",))
IDS = {one.suggestion.suggestion_id for one in TOLD.told}


@pytest.fixture
def store() -> Iterator[Store]:
    """One edition was sent by mail, and the next may have been."""
    with Store.open(None) as opened:
        opened.add_suggestions("default", map(suggestion_on, (1, 2, 3)), publishers=(), at=AT)
        opened.begin_edition("mail", TOLD)
        opened.record_sent("default", "mail", TOLD.edition_id)
        opened.begin_edition("mail", WAITS)
        yield opened


def test_all_editions_are_there_to_be_read(store: Store) -> None:
    store.begin_edition("chat", TOLD)
    assert store.given("default") == (
        Given("chat", is_sent=False, edition=TOLD),
        Given("mail", is_sent=True, edition=TOLD),
        Given("mail", is_sent=False, edition=WAITS),
    )
    assert store.given("bo") == ()


def test_each_channel_stands_somewhere(store: Store) -> None:
    store.begin_edition("chat", TOLD)
    assert store.last_given("default") == {
        "chat": LastGiven(None, TOLD.at),
        "mail": LastGiven(TOLD.at, WAITS.at),
    }
    later = replace(WAITS, edition_id="default/later", at=WAITS.at + timedelta(days=1))
    for one in (WAITS, later):
        store.begin_edition("mail", one)
        store.record_sent("default", "mail", one.edition_id)
    assert store.last_given("default")["mail"] == LastGiven(later.at, None)
    assert store.last_given("bo") == {}


def test_what_was_sent_says_nothing_any_more_and_is_not_sent_again(store: Store) -> None:
    store.forget_reader("default", at=AT)
    sent, waits = store.given("default")
    assert sent.edition == Edition(edition_id=TOLD.edition_id, profile="default", at=TOLD.at)
    assert waits.edition == WAITS
    assert store.begun_editions("default", "mail") == (WAITS,)
    assert store.told("default", "mail") == IDS
    assert store.edition_ids("default", "mail") == {TOLD.edition_id, WAITS.edition_id}
    assert store.last_edition("default", "mail") == TOLD.at
    store.check()


def test_another_readers_editions_stay_as_they_are(store: Store) -> None:
    store.forget_reader("bo", at=AT)
    assert store.given("default")[0].edition == TOLD


def test_summaries_and_what_was_asked_of_own_papers_go(store: Store) -> None:
    store.keep_summary("a-model", "German", "d1", "Bienen tanzen.", at=AT)
    assert store.said_of_papers() == (SaidOfPaper("d1", "a-model", "German", "Bienen tanzen."),)
    memory = store.memory("enriching")
    memory["cites doi:10.1000/own"] = "{}"
    memory["doi:10.1000/listed"] = "{}"
    store.memory("mail")["cites"] = "mine"
    store.forget_reader("default", at=AT)
    assert store.said_of_papers() == ()
    assert dict(memory) == {"doi:10.1000/listed": "{}"}
    assert dict(store.memory("mail")) == {"cites": "mine"}
