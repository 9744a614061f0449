import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.identifiers import PaperId
from recommender.papers import Author, Paper
from recommender.store import Store
from recommender.suggestions import Reason, ReasonKind, Receipt, Shown, State, Suggestion, Verdict

AT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
LATER = AT + timedelta(days=1)
MUCH_LATER = AT + timedelta(days=40)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def suggestion(key: str, *, rank: int = 1, title: str = "", at: datetime = AT) -> Suggestion:
    return Suggestion(
        suggestion_id=key,
        paper=Paper(title=title or f"A suggested paper named {key}"),
        rank=rank,
        score=0.7,
        reasons=(Reason(ReasonKind.TERMS, "speaks of what you read", 0.7, "groups/2/ABCD"),),
        source="daily",
        interest="Methods",
        suggested_at=at,
    )


# The outbox


def test_suggestions_come_back_oldest_first_then_by_rank(store: Store) -> None:
    old, first, second = (
        suggestion("c", rank=5),
        suggestion("b", rank=1, at=LATER),
        suggestion("a", rank=2, at=LATER),
    )
    store.add_suggestions("me", [second, first, old], publishers=["atom"], at=AT)

    assert list(store.suggestions("me")) == [
        (old, State.PENDING),
        (first, State.PENDING),
        (second, State.PENDING),
    ]
    assert store.pending("me", "atom") == (old, first, second)
    assert list(store.suggestions("you")) == []
    assert store.pending("me", "html") == ()


def test_adding_again_changes_nothing(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.add_suggestions("me", [suggestion("a", rank=9)], publishers=["atom", "html"], at=LATER)

    assert list(store.suggestions("me")) == [(suggestion("a"), State.DELIVERED)]
    assert store.pending("me", "html") == ()


def test_a_suggestion_is_delivered_when_every_publisher_delivered_it(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom", "html"], at=AT)

    store.record_receipts("atom", [Receipt("a")], at=AT)
    assert [state for _, state in store.suggestions("me")] == [State.PENDING]
    assert store.pending("me", "atom") == ()

    store.record_receipts("html", [Receipt("a", "no space left")], at=AT)
    assert store.pending("me", "html") == (suggestion("a"),)

    store.record_receipts("html", [Receipt("a")], at=LATER)
    assert [state for _, state in store.suggestions("me")] == [State.DELIVERED]
    assert store.pending("me", "html") == ()


def test_what_is_delivered_stays_delivered_whatever_a_later_attempt_says(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.record_receipts("atom", [Receipt("a", "late failure")], at=LATER)

    assert store.pending("me", "atom") == ()
    assert [state for _, state in store.suggestions("me")] == [State.DELIVERED]


def test_attempts_and_the_last_failure_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
        store.record_receipts("atom", [Receipt("a", "first")], at=AT)
        store.record_receipts("atom", [Receipt("a", "second")], at=LATER)

    raw = sqlite3.connect(path)
    assert raw.execute("SELECT state, attempts, last_failure FROM outbox").fetchall() == [
        ("failed", 2, "second")
    ]
    raw.close()


def test_a_place_that_an_earlier_attempt_gave_is_not_forgotten(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["zotero"], at=AT)
    store.record_receipts("zotero", [Receipt("a", "no note", place="K", memo="1")], at=AT)
    store.record_receipts("zotero", [Receipt("a", "timed out")], at=AT)
    assert only(store).places == {"K"}
    assert only(store).delivered_at is None

    store.record_receipts("zotero", [Receipt("a", memo="2")], at=LATER)
    store.record_learnt({}, retire="a", at=LATER)
    assert store.to_retire("me", "zotero") == (Receipt("a", place="K", memo="2"),)


def test_a_receipt_for_what_nobody_asked_for_is_passed_over(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("html", [Receipt("a"), Receipt("unknown")], at=AT)

    assert store.pending("me", "atom") == (suggestion("a"),)


def test_what_was_dismissed_is_not_delivered_any_more(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_learnt({"a": State.DISMISSED, "unknown": State.KEPT}, at=LATER)

    assert store.pending("me", "atom") == ()
    store.record_receipts("atom", [Receipt("a")], at=LATER)
    assert [s.suggestion_id for s, _ in store.suggestions("me", {State.DISMISSED})] == ["a"]
    assert list(store.suggestions("me", {State.PENDING, State.DELIVERED})) == []


def test_what_a_publisher_that_is_no_more_was_to_deliver_is_given_to_those_there_are(
    store: Store,
) -> None:
    added = [suggestion(key, rank=rank) for rank, key in enumerate("abc", 1)]
    store.add_suggestions("me", added, publishers=["shelf", "atom"], at=AT)
    store.add_suggestions("you", [suggestion("d")], publishers=["shelf"], at=AT)
    store.record_receipts("shelf", [Receipt("a"), Receipt("b", "the shelf is gone")], at=AT)
    store.record_receipts("atom", [Receipt("b")], at=AT)
    for _ in range(2):
        store.hand_over("me", publishers=["new shelf", "atom"], at=LATER)
        assert [one.suggestion_id for one in store.pending("me", "new shelf")] == ["b", "c"]
        assert [one.suggestion_id for one in store.pending("me", "atom")] == ["a", "c"]
        assert store.pending("me", "shelf") == ()
    assert [one.suggestion_id for one in store.pending("you", "shelf")] == ["d"]


def test_what_all_others_have_delivered_is_delivered_without_a_publisher_that_is_no_more(
    store: Store,
) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["shelf", "atom"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.hand_over("me", publishers=[], at=LATER)
    assert [state for _, state in store.suggestions("me")] == [State.PENDING]
    store.hand_over("me", publishers=["atom"], at=LATER)
    assert [state for _, state in store.suggestions("me")] == [State.DELIVERED]


def test_suggestions_that_break_off_leave_nothing_behind(store: Store) -> None:
    def broken() -> Iterator[Suggestion]:
        yield suggestion("a")
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        store.add_suggestions("me", broken(), publishers=["atom"], at=AT)

    assert list(store.suggestions("me")) == []


# What became of them


def only(store: Store) -> Shown:
    (one,) = store.shown("me")
    return one


def test_what_was_shown_is_told_with_all_that_is_known_of_it(store: Store) -> None:
    old, new = suggestion("b"), suggestion("a", at=LATER)
    store.add_suggestions("me", [new, old], publishers=["zotero", "bib"], at=AT)
    store.add_suggestions("you", [suggestion("c")], publishers=[], at=AT)
    store.record_receipts("zotero", [Receipt("b", place="K1", memo="{}")], at=LATER)
    store.record_receipts("bib", [Receipt("b", place="K2")], at=AT)

    assert store.shown("me") == (
        Shown(
            suggestion=old,
            state=State.DELIVERED,
            places=frozenset({"K1", "K2"}),
            delivered_at=LATER,
        ),
        Shown(suggestion=new, state=State.PENDING),
    )
    assert store.shown("you") == (Shown(suggestion=suggestion("c"), state=State.PENDING),)
    assert store.shown("nobody") == ()


def test_what_one_of_two_publishers_delivered_is_delivered_at_that_moment(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["zotero", "bib"], at=AT)
    store.record_receipts("zotero", [Receipt("a", place="K")], at=AT)
    store.record_receipts("bib", [Receipt("a", "no space left")], at=LATER)

    assert only(store).delivered_at == AT
    assert only(store).state is State.PENDING


def test_what_is_learnt_is_written_down_at_once(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a"), suggestion("b")], publishers=["z"], at=AT)
    store.record_receipts("z", [Receipt("a", place="K")], at=AT)

    for _ in range(2):
        store.record_learnt(
            {"a": State.EXPIRED, "x": State.KEPT},
            seen={"a", "x"},
            retire={"a", "b", "x"},
            at=MUCH_LATER,
        )

    a, b = store.shown("me")
    assert (a.state, a.seen, a.delivered_at) == (State.EXPIRED, True, AT)
    assert (b.state, b.seen) == (State.PENDING, False)
    # What was never delivered has nothing that could be taken away.
    assert store.to_retire("me", "z") == (Receipt("a", place="K"),)
    assert store.pending("me", "z") == (suggestion("b"),)


def test_what_was_seen_stays_seen(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["z"], at=AT)
    store.record_learnt({}, seen={"a"}, at=AT)
    store.record_learnt({}, seen=(), at=LATER)

    assert only(store).seen


def test_what_was_seen_in_another_library_is_forgotten(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_learnt({}, seen={"a"}, at=LATER)
    store.forget_seen()
    assert [one.seen for one in store.shown("me")] == [False]


def test_a_state_that_is_so_already_keeps_its_moment(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.add_suggestions("me", [suggestion("a")], publishers=["z"], at=AT)
        store.record_learnt({"a": State.KEPT}, at=LATER)
        store.record_learnt({"a": State.KEPT}, at=MUCH_LATER)

    raw = sqlite3.connect(path)
    (told,) = raw.execute("SELECT state_at FROM suggestions").fetchone()
    raw.close()
    assert datetime.fromisoformat(told) == LATER


def test_what_the_reader_said_can_be_said_otherwise_and_taken_back(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["z"], at=AT)
    for verdict in (Verdict.BAD, Verdict.UNDONE, Verdict.GOOD, None):
        store.record_verdict("a", verdict, at=LATER)
        assert only(store).verdict is verdict
    store.record_verdict("unknown", Verdict.BAD, at=LATER)
    assert only(store).verdict is None


# Taking away


@pytest.fixture
def over(store: Store) -> Store:
    """A store with suggestions that two publishers delivered and are to take away."""
    chosen = [suggestion("b", rank=1), suggestion("a", rank=2)]
    store.add_suggestions("me", chosen, publishers=["zotero", "atom"], at=AT)
    receipts = [Receipt("a", place="KA", memo='{"v":1}'), Receipt("b", place="KB")]
    store.record_receipts("zotero", receipts, at=AT)
    store.record_receipts("atom", [Receipt("a"), Receipt("b")], at=LATER)
    store.record_learnt(dict.fromkeys("ab", State.EXPIRED), retire="ab", at=MUCH_LATER)
    return store


def test_what_is_to_be_taken_away_comes_as_it_was_delivered(over: Store) -> None:
    assert over.to_retire("me", "zotero") == (
        Receipt("b", place="KB"),
        Receipt("a", place="KA", memo='{"v":1}'),
    )
    assert over.to_retire("me", "atom") == (Receipt("b"), Receipt("a"))
    assert over.to_retire("you", "zotero") == over.to_retire("me", "html") == ()


def test_what_was_taken_away_is_not_asked_for_again(over: Store) -> None:
    over.record_retired("zotero", [Receipt("a"), Receipt("b", touched=True)], at=MUCH_LATER)

    assert over.to_retire("me", "zotero") == ()
    b, a = over.shown("me")
    assert (a.retired, a.touched) == (True, False)
    assert (b.retired, b.touched) == (False, True)
    assert a.places == {"KA"}
    assert a.delivered_at == b.delivered_at == LATER
    # Repeating changes nothing, and no later sign sends it round again.
    over.record_retired("zotero", [Receipt("a", touched=True), Receipt("b")], at=MUCH_LATER)
    over.record_learnt({}, retire="ab", at=MUCH_LATER)
    assert over.to_retire("me", "zotero") == ()
    assert over.shown("me") == (b, a)


def test_what_could_not_be_taken_away_is_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.add_suggestions("me", [suggestion("a")], publishers=["z"], at=AT)
        store.record_receipts("z", [Receipt("a", place="K", memo="m")], at=AT)
        store.record_learnt({"a": State.EXPIRED}, retire="a", at=LATER)
        store.record_retired("z", [Receipt("a", "it is read-only", touched=True)], at=LATER)

        assert store.to_retire("me", "z") == (Receipt("a", place="K", memo="m"),)
        assert not only(store).touched

    raw = sqlite3.connect(path)
    told = raw.execute("SELECT state, attempts, last_failure FROM outbox").fetchall()
    raw.close()
    assert told == [("retiring", 2, "it is read-only")]


def test_what_is_only_to_be_taken_away_is_not_taken_away_yet(over: Store) -> None:
    assert not any(one.retired for one in over.shown("me"))


def test_what_a_feed_dropped_says_nothing_of_the_library(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.record_learnt({}, retire="a", at=LATER)
    store.record_retired("atom", [Receipt("a")], at=LATER)

    assert not only(store).retired


def test_what_is_only_delivered_cannot_be_retired(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["z"], at=AT)
    store.record_retired("z", [Receipt("a")], at=AT)
    assert store.pending("me", "z") == (suggestion("a"),)

    store.record_receipts("z", [Receipt("a", place="K")], at=AT)
    store.record_retired("z", [Receipt("a")], at=LATER)
    assert not only(store).retired


def test_a_late_delivery_of_what_is_being_taken_away_changes_nothing(over: Store) -> None:
    before = over.shown("me"), over.to_retire("me", "zotero")
    over.record_receipts("zotero", [Receipt("a", place="K9"), Receipt("b", "no")], at=MUCH_LATER)

    assert (over.shown("me"), over.to_retire("me", "zotero")) == before


def test_a_suggestion_counts_as_delivered_by_who_has_taken_it_away(store: Store) -> None:
    store.add_suggestions("me", [suggestion("a")], publishers=["atom", "html"], at=AT)
    store.record_receipts("atom", [Receipt("a")], at=AT)
    store.record_learnt({}, retire="a", at=AT)
    store.record_receipts("html", [Receipt("a")], at=LATER)

    assert only(store).state is State.DELIVERED


def test_five_thousand_suggestions_are_told_quickly(store: Store) -> None:
    chosen = [
        Suggestion(
            suggestion_id=f"{n:016x}",
            paper=Paper(
                title=f"Paper {n} about something",
                abstract="Some words of an abstract of the usual length. " * 30,
                authors=tuple(Author(f"Family{i}", "Given") for i in range(5)),
                ids=(PaperId.parse(f"doi:10.1000/{n}"),),
            ),
            rank=n % 10 + 1,
            score=0.7,
            reasons=tuple(Reason(ReasonKind.TERMS, "what you read", 0.1) for _ in range(7)),
            source="daily",
            interest="Methods",
            suggested_at=AT + timedelta(days=n // 10),
        )
        for n in range(5000)
    ]
    store.add_suggestions("me", chosen, publishers=["zotero", "atom"], at=AT)
    for publisher in ("zotero", "atom"):
        receipts = [Receipt(s.suggestion_id, place=s.suggestion_id[-8:]) for s in chosen]
        store.record_receipts(publisher, receipts, at=AT)
    times = []
    for _ in range(3):
        began = time.thread_time()
        shown = store.shown("me")
        times.append(time.thread_time() - began)
        assert len(shown) == 5000

    assert min(times) < 0.7
