from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommender.feedback import Learnt, Signs, dislikes, evidence, learnt, outright
from recommender.library import Collection, Item, Library, OtherKind, Tag
from recommender.papers import Paper
from recommender.suggestions import Shown, State, Suggestion, Verdict
from recommender.testing.publishers import suggestion_on

NOW = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
SIGNS = Signs()
SHELF = Collection("SHELF", "Suggested", ours=True)
INTEREST = Collection("BEES", "Bees", parent="SHELF", ours=True)
FILED = Collection("THESIS", "Thesis")
ONE = suggestion_on(1)
MARK = ONE.suggestion_id
SHOWN = Shown(
    suggestion=ONE,
    state=State.DELIVERED,
    places=frozenset({"KEY"}),
    shelves=frozenset({"SHELF"}),
    delivered_at=NOW - timedelta(days=3),
    seen=True,
)
OURS = Item(
    key="KEY",
    paper=ONE.paper,
    collections=("SHELF",),
    tags=(Tag("shelfwise", automatic=True),),
    mark=MARK,
)
OTHER = Item(key="OTHER", paper=Paper(title="The reader's own paper on birds and their songs"))
NOTE = OtherKind("NOTE", "note", parent="KEY", mark=MARK)


def library(*entries: Item | OtherKind, collections: tuple[Collection, ...] = ()) -> Library:
    return Library(
        items=(OTHER, *(e for e in entries if isinstance(e, Item))),
        others=tuple(e for e in entries if isinstance(e, OtherKind)),
        collections=collections or (SHELF, INTEREST, FILED),
    )


def state(one: Shown, of: Library, now: datetime = NOW, signs: Signs = SIGNS) -> State:
    return learnt([one], of, signs, now).states.get(one.suggestion.suggestion_id, one.state)


def is_retired(one: Shown, of: Library, now: datetime = NOW) -> bool:
    return one.suggestion.suggestion_id in learnt([one], of, SIGNS, now).retire


def test_what_lies_untouched_on_the_shelf_waits() -> None:
    found = learnt([SHOWN], library(OURS, NOTE), SIGNS, NOW)
    assert found == Learnt(states={}, seen=frozenset({MARK}), retire=frozenset())


@pytest.mark.parametrize("collections", [("SHELF", "THESIS"), ("THESIS",)])
def test_filed_is_kept(collections: tuple[str, ...]) -> None:
    assert state(SHOWN, library(replace(OURS, collections=collections), NOTE)) is State.KEPT


def test_moved_about_on_our_shelf_is_not_filed() -> None:
    assert state(SHOWN, library(replace(OURS, collections=("BEES",)), NOTE)) is State.DELIVERED


def test_filed_in_a_collection_in_the_trash_is_not_filed() -> None:
    of = library(
        replace(OURS, collections=("SHELF", "THESIS")),
        collections=(SHELF, replace(FILED, trashed=True)),
    )
    assert state(SHOWN, of) is State.DELIVERED


@pytest.mark.parametrize(
    "theirs",
    [
        OURS,
        replace(OURS, key="THEIRS", paper=replace(ONE.paper, ids=())),
        replace(OURS, trashed=True),
    ],
    ids=["alike", "with other names", "trashed"],
)
def test_what_another_machine_has_shelved_is_not_put_there_again(theirs: Item) -> None:
    pending = Shown(suggestion=ONE, state=State.PENDING)
    of = library(replace(theirs, mark="0123456789abcdef"), NOTE)
    found = learnt([pending], of, SIGNS, NOW)
    assert found == Learnt(states={MARK: State.DELIVERED}, seen=frozenset(), retire=frozenset())
    # It stays so: nobody here delivered it, so nothing of it expires or is tidied.
    late = NOW + timedelta(days=400)
    again = learnt([replace(pending, state=State.DELIVERED)], of, SIGNS, late)
    assert again == Learnt(states={}, seen=frozenset(), retire=frozenset())


def test_a_suggestion_of_ours_is_no_other_machines() -> None:
    twin = replace(SHOWN, suggestion=replace(ONE, suggestion_id="0123456789abcdef"))
    pending = Shown(suggestion=ONE, state=State.PENDING)
    of = library(replace(OURS, mark="0123456789abcdef"), NOTE)
    assert learnt([twin, pending], of, SIGNS, NOW).states == {}


def test_tagged_by_the_reader_is_kept() -> None:
    assert state(SHOWN, library(replace(OURS, tags=(*OURS.tags, Tag("ml"))))) is State.KEPT
    more = replace(OURS, tags=(*OURS.tags, Tag("More like this")))
    assert state(SHOWN, library(more)) is State.KEPT


def test_tagged_by_another_program_says_nothing() -> None:
    tagged = replace(OURS, tags=(*OURS.tags, Tag("Physics", automatic=True)))
    assert state(SHOWN, library(tagged)) is State.DELIVERED


def test_not_for_me_is_dismissed_whatever_else_was_done() -> None:
    unwanted = replace(OURS, tags=(Tag("Not For Me"), Tag("ml")), collections=("THESIS",))
    assert state(SHOWN, library(unwanted)) is State.DISMISSED
    assert state(SHOWN, library(replace(unwanted, mark="", key="KEY"))) is State.DISMISSED


@pytest.mark.parametrize("kind", ["note", "attachment"])
def test_a_part_that_we_did_not_write_is_kept(kind: str) -> None:
    assert state(SHOWN, library(OURS, NOTE, OtherKind("PART", kind, parent="KEY"))) is State.KEPT


def test_a_part_in_the_trash_says_nothing() -> None:
    part = OtherKind("PART", "note", parent="KEY", trashed=True)
    assert state(SHOWN, library(OURS, NOTE, part)) is State.DELIVERED


def test_an_annotation_in_an_attachment_is_kept() -> None:
    file = OtherKind("FILE", "attachment", parent="KEY", trashed=True)
    mark = OtherKind("INK", "annotation", parent="FILE")
    assert state(SHOWN, library(OURS, file, mark)) is State.KEPT


def test_a_copy_in_another_library_is_kept_even_if_the_first_is_gone() -> None:
    copy = replace(OURS, key="groups/7/ABCD", collections=())
    assert state(SHOWN, library(OURS, copy)) is State.KEPT
    assert state(SHOWN, library(copy)) is State.KEPT
    assert state(SHOWN, library(replace(OURS, trashed=True), copy)) is State.KEPT


def test_trashed_is_dismissed_and_restored_is_not() -> None:
    assert state(SHOWN, library(replace(OURS, trashed=True))) is State.DISMISSED
    assert state(replace(SHOWN, state=State.DISMISSED), library(OURS)) is State.DELIVERED


def test_deleted_is_dismissed_once_it_was_seen() -> None:
    assert state(SHOWN, library()) is State.DISMISSED
    # A picture of the library that is older than the delivery does not show it yet.
    assert state(replace(SHOWN, seen=False), library()) is State.DELIVERED


def test_nothing_is_said_by_a_library_that_is_not_read_any_more() -> None:
    group = replace(SHOWN, places=frozenset({"groups/7/KEY"}))
    assert state(group, library()) is State.DELIVERED
    assert state(SHOWN, Library()) is State.DELIVERED


def test_taken_off_the_shelf_and_filed_nowhere_is_dismissed() -> None:
    assert state(SHOWN, library(replace(OURS, collections=()))) is State.DISMISSED


@pytest.mark.parametrize(
    "shelves",
    [(), (replace(SHELF, trashed=True),), (Collection("NEW", "Another", ours=True),)],
    ids=["deleted", "in the trash", "another one"],
)
@pytest.mark.parametrize("collections", [(), ("SHELF",)])
def test_that_the_shelf_itself_is_gone_dismisses_nothing(
    shelves: tuple[Collection, ...], collections: tuple[str, ...]
) -> None:
    emptied = library(replace(OURS, collections=collections), collections=(*shelves, FILED))
    assert state(SHOWN, emptied) is State.DELIVERED


def test_that_a_part_of_the_shelf_is_gone_dismisses_nothing() -> None:
    interest = replace(SHOWN, shelves=frozenset({"BEES"}))
    for parts in ((), (replace(INTEREST, trashed=True),)):
        of = library(replace(OURS, collections=("BEES",)), collections=(SHELF, *parts))
        assert state(interest, of) is State.DELIVERED


def test_filed_in_a_collection_of_the_readers_on_our_shelf_is_kept() -> None:
    own = Collection("OWN", "To read", parent="SHELF")
    of = library(replace(OURS, collections=("OWN",)), collections=(SHELF, own))
    assert state(SHOWN, of) is State.KEPT


def test_another_members_shelf_in_a_group_is_no_copy_of_the_readers() -> None:
    theirs = replace(OURS, key="groups/7/ABCD", collections=("groups/7/SHELF",))
    shelf = Collection("groups/7/SHELF", "Suggested", ours=True)
    of = library(OURS, theirs, collections=(SHELF, shelf))
    assert state(SHOWN, of) is State.DELIVERED


def test_saved_another_way_is_kept_and_ours_goes() -> None:
    own = Item(key="MINE", paper=replace(ONE.paper, title=ONE.paper.title.upper()))
    assert state(SHOWN, library(OURS, own)) is State.KEPT
    assert is_retired(SHOWN, library(OURS, own))
    assert state(SHOWN, library(own)) is State.KEPT
    assert not is_retired(SHOWN, library(own))


def test_saved_another_way_and_thrown_away_is_dismissed() -> None:
    own = Item(key="MINE", paper=ONE.paper, trashed=True)
    assert state(SHOWN, library(replace(OURS, trashed=True), own)) is State.DISMISSED
    assert state(replace(SHOWN, places=frozenset(), seen=False), library(own)) is State.DISMISSED


def test_merged_into_ours_is_not_thrown_away() -> None:
    own = Item(key="MINE", paper=ONE.paper, trashed=True)
    assert state(SHOWN, library(OURS, own)) is State.DELIVERED


def test_another_machines_copy_of_the_suggestion_is_not_saved_by_the_reader() -> None:
    twin = replace(OURS, key="TWIN", mark="f" * 16)
    assert state(SHOWN, library(OURS, twin)) is State.DELIVERED
    assert not is_retired(SHOWN, library(OURS, twin))


def test_untouched_until_its_expiry_is_expired_and_taken_away() -> None:
    late = NOW + SIGNS.expires_after - timedelta(days=3)
    assert state(SHOWN, library(OURS), late - timedelta(seconds=1)) is State.DELIVERED
    assert state(SHOWN, library(OURS), late) is State.EXPIRED
    assert is_retired(SHOWN, library(OURS), late)


def test_what_was_taken_away_by_us_stays_expired() -> None:
    gone = replace(SHOWN, state=State.EXPIRED, retired=True)
    tidied = replace(OURS, trashed=True, tidied=True)
    for of in (library(tidied), library()):
        assert state(gone, of, NOW + timedelta(days=90)) is State.EXPIRED
        assert not is_retired(gone, of, NOW + timedelta(days=90))


def test_what_another_machine_tidied_is_not_dismissed() -> None:
    tidied = replace(OURS, trashed=True, tidied=True)
    assert state(SHOWN, library(tidied)) is State.DELIVERED
    assert state(SHOWN, library(tidied), NOW + timedelta(days=30)) is State.EXPIRED


def test_what_we_tidied_and_the_reader_restored_is_kept() -> None:
    gone = replace(SHOWN, state=State.EXPIRED, retired=True)
    assert state(gone, library(replace(OURS, tidied=True))) is State.KEPT
    trashed_again = replace(OURS, tidied=True, trashed=True)
    assert state(replace(gone, state=State.KEPT), library(trashed_again)) is State.KEPT


def test_what_was_expired_and_is_filed_after_all_is_kept() -> None:
    gone = replace(SHOWN, state=State.EXPIRED, retired=True)
    assert state(gone, library(replace(OURS, collections=("THESIS",)))) is State.KEPT


def test_what_was_touched_is_left_but_says_nothing_more() -> None:
    touched = replace(SHOWN, state=State.EXPIRED, touched=True)
    late = NOW + timedelta(days=90)
    assert state(touched, library(OURS), late) is State.EXPIRED
    assert not is_retired(touched, library(OURS), late)
    assert state(touched, library(replace(OURS, trashed=True)), late) is State.DISMISSED


def test_what_is_not_delivered_yet_waits_unless_the_reader_has_it() -> None:
    pending = Shown(suggestion=ONE, state=State.PENDING)
    assert state(pending, library(), NOW + timedelta(days=90)) is State.PENDING
    assert state(pending, library(OURS)) is State.PENDING
    assert state(pending, library(replace(OURS, collections=()))) is State.PENDING
    assert state(pending, library(replace(OURS, trashed=True))) is State.DISMISSED
    assert state(pending, library(Item(key="MINE", paper=ONE.paper))) is State.KEPT
    thrown = Item(key="MINE", paper=ONE.paper, trashed=True)
    assert state(pending, library(thrown)) is State.DISMISSED


def test_half_delivered_stays_pending_for_the_other_publisher() -> None:
    half = replace(SHOWN, state=State.PENDING)
    assert state(half, library(OURS), NOW + timedelta(days=90)) is State.PENDING


def test_where_no_item_is_made_only_time_and_the_library_tell() -> None:
    fed = replace(SHOWN, places=frozenset(), seen=False)
    assert state(fed, library()) is State.DELIVERED
    assert state(fed, library(), NOW + timedelta(days=30)) is State.EXPIRED
    assert state(fed, library(Item(key="MINE", paper=ONE.paper))) is State.KEPT


@pytest.mark.parametrize("answer", [State.KEPT, State.DISMISSED])
def test_an_answer_stays_when_what_showed_it_is_gone_for_good(answer: State) -> None:
    answered = replace(SHOWN, state=answer, places=frozenset(), seen=False)
    assert state(answered, library(), NOW + timedelta(days=90)) is answer
    undone = replace(answered, verdict=Verdict.UNDONE, state=State.DISMISSED)
    assert state(undone, library()) is State.DELIVERED


def test_a_verdict_stands_over_every_sign() -> None:
    bad = replace(SHOWN, verdict=Verdict.BAD)
    assert state(bad, library(replace(OURS, collections=("THESIS",)))) is State.DISMISSED
    assert is_retired(bad, library(OURS))
    good = replace(SHOWN, verdict=Verdict.GOOD)
    assert state(good, library(replace(OURS, trashed=True))) is State.KEPT


def test_a_dismissal_that_was_taken_back_stays_taken_back() -> None:
    undone = replace(SHOWN, state=State.DISMISSED, verdict=Verdict.UNDONE)
    for of in (library(), library(replace(OURS, trashed=True))):
        assert state(undone, of) is State.DELIVERED
    tagged = library(replace(OURS, tags=(*OURS.tags, Tag("not for me"))))
    assert state(undone, tagged) is State.DELIVERED
    kept = library(replace(OURS, collections=("THESIS",)))
    assert state(undone, kept) is State.KEPT


def test_learning_twice_changes_nothing_more() -> None:
    of = library(replace(OURS, collections=("THESIS",)))
    found = learnt([SHOWN], of, SIGNS, NOW)
    assert learnt([replace(SHOWN, state=found.states[MARK])], of, SIGNS, NOW).states == {}


def test_what_nobody_kept_of_ours_is_no_evidence() -> None:
    of, untagged = library(OURS), replace(OURS, tags=())
    assert evidence(of, [SHOWN], SIGNS).items == (OTHER,)
    assert evidence(of, [replace(SHOWN, state=State.KEPT)], SIGNS).items == (OTHER, untagged)
    unmarked = library(replace(OURS, mark=""))
    assert evidence(unmarked, [SHOWN], SIGNS).items == (OTHER,)


def test_another_machines_shelf_is_evidence_only_where_the_reader_used_it() -> None:
    foreign = replace(OURS, key="THEIRS", mark="e" * 16)
    filed = replace(foreign, key="FILED", collections=("SHELF", "THESIS"))
    found = evidence(library(foreign, filed), [], SIGNS).items
    assert found == (OTHER, replace(filed, tags=()))


def test_our_tags_are_no_grouping_of_the_readers() -> None:
    signs = Signs(more="yes", less="no", tag="fresh")
    mine = replace(OTHER, tags=(Tag("Yes"), Tag("fresh", automatic=True), Tag("no"), Tag("ml")))
    [item] = evidence(Library(items=(mine,)), [], signs).items
    assert item.tags == (Tag("ml"),)
    copied = replace(OURS, tags=(Tag("fresh"),))
    assert state(SHOWN, library(copied), signs=signs) is State.DELIVERED


def test_what_was_called_good_teaches_wherever_it_is() -> None:
    good = replace(SHOWN, state=State.KEPT, verdict=Verdict.GOOD)
    for of, key in ((library(), MARK), (library(replace(OURS, trashed=True)), MARK)):
        [item] = outright(of, [good], SIGNS)
        assert (item.key, item.paper, item.trashed) == (key, ONE.paper, False)
    tagged = library(replace(OURS, tags=(Tag("more like this"),)))
    [item] = outright(tagged, [replace(SHOWN, state=State.KEPT)], SIGNS)
    assert item.key == "KEY"
    assert outright(library(OURS), [replace(SHOWN, state=State.KEPT), SHOWN], SIGNS) == ()


def test_dismissed_is_disliked_and_expired_a_little() -> None:
    def shown(number: int, became: State) -> Shown:
        one: Suggestion = suggestion_on(number)
        return Shown(suggestion=one, state=became)

    given = [shown(n, became) for n, became in enumerate(State)]
    found = {dislike.paper.title: dislike.weight for dislike in dislikes(given, 0.1)}
    by_state = {one.state: one.suggestion.paper.title for one in given}
    assert found == {by_state[State.DISMISSED]: 1.0, by_state[State.EXPIRED]: 0.1}
    assert len(dislikes(given, 0.0)) == 1


def test_all_that_expired_weighs_no_more_than_ten() -> None:
    given = [Shown(suggestion=suggestion_on(n), state=State.EXPIRED) for n in range(300)]
    assert sum(dislike.weight for dislike in dislikes(given, 0.1)) == pytest.approx(1.0)
    assert sum(dislike.weight for dislike in dislikes(given[:4], 0.1)) == pytest.approx(0.4)
