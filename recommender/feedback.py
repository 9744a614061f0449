"""Feedback: what a reader's library says of what was suggested. Pure.

Nobody is asked anything: what the reader does with an item on the shelf is the answer. Everything
is decided anew from the library as it is now, so that what the reader takes back is taken back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from recommender.identity import Works
from recommender.library import Item, Library, OtherKind, is_ours
from recommender.suggestions import Dislike, Shown, State, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """How the reader answers, and how long an answer is waited for.

    Attributes:
        more: The tag that says *more like this*; case does not matter.
        less: The tag that says *not for me*.
        tag: The one that each of our items bears, which says nothing.
        expires_after: How long an untouched suggestion stays.
        expired_weight: How surely a suggestion that was let pass was not wanted, in [0, 1].
    """

    more: str = "more like this"
    less: str = "not for me"
    tag: str = "shelfwise"
    expires_after: timedelta = timedelta(days=30)
    expired_weight: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a library says of the suggestions.

    Attributes:
        states: The new state of each suggestion that has one, by id.
        seen: Suggestions whose item is in the library now, by id.
        retire: Suggestions whose item is to be taken off the shelf if nobody touched it, by id.
    """

    states: Mapping[str, State]
    seen: frozenset[str]
    retire: frozenset[str]


def learnt(shown: Sequence[Shown], library: Library, signs: Signs, now: datetime) -> Learnt:
    """What became of the suggestions, by what is in the library now.

    Args:
        shown: What was suggested.
        library: All of the profile's libraries as one, with the shelf.
        signs: How the reader answers.
        now: When this is.
    """
    picture = _Picture.of(library, signs, {one.suggestion.suggestion_id for one in shown})
    states: dict[str, State] = {}
    seen: set[str] = set()
    retire: set[str] = set()
    for one in shown:
        key = one.suggestion.suggestion_id
        copies = picture.copies(one)
        if copies:
            seen.add(key)
        state = _state(one, copies, picture, now)
        if state is not one.state:
            states[key] = state
        if not one.retired and not one.touched and _is_over(one, state, copies, picture):
            retire.add(key)
    return Learnt(states=states, seen=frozenset(seen), retire=frozenset(retire))


def evidence(library: Library, shown: Sequence[Shown], signs: Signs) -> Library:
    """What of a library tells of the reader's interests: not what we put there and nobody kept.

    Another machine's shelf may be in the library, too; what bears a mark that is not known here is
    judged by what the reader did with it. Our tags are no grouping of the reader's.
    """
    picture = _Picture.of(library, signs)
    states = {one.suggestion.suggestion_id: one.state for one in shown}
    at_place = {place: one.state for one in shown for place in one.places}

    def tells(item: Item) -> bool:
        state = states.get(item.mark) or at_place.get(item.key)
        if state or not item.mark:
            return state in {None, State.KEPT}
        return _is_used(item, picture)

    items = (_without_our_tags(item, signs) for item in library.items if tells(item))
    return replace(library, items=tuple(items))


def outright(library: Library, shown: Sequence[Shown], signs: Signs) -> tuple[Item, ...]:
    """The papers of which the reader said outright that they are good, as items.

    They count wherever they are: in the trash, outside the collections that count, or in no
    library at all, as for those who read suggestions in a feed.
    """
    picture = _Picture.of(library, signs)
    found: list[Item] = []
    for one in shown:
        here = [item for item in picture.copies(one) if not item.trashed]
        if one.verdict is Verdict.GOOD or (
            one.state is State.KEPT and picture.is_tagged(here, signs.more)
        ):
            key = here[0].key if here else one.suggestion.suggestion_id
            found.append(Item(key=key, paper=one.suggestion.paper, added_at=one.delivered_at))
    return tuple(found)


def dislikes(shown: Sequence[Shown], expired_weight: float) -> tuple[Dislike, ...]:
    """What was shown and not wanted: surely where it was dismissed, less so where it expired.

    What is to be forgotten tells nothing.

    Most of what is shown is let pass, by every reader; so all of it together weighs no more than
    ``_MOST_EXPIRED`` single ones.

    Args:
        shown: What was suggested.
        expired_weight: Of one that expired, in [0, 1].
    """
    telling = [one for one in shown if one.verdict is not Verdict.FORGOTTEN]
    n_expired = sum(one.state is State.EXPIRED for one in telling)
    weights = {
        State.DISMISSED: 1.0,
        State.EXPIRED: expired_weight * min(1, _MOST_EXPIRED / max(n_expired, 1)),
    }
    found = ((one.suggestion.paper, weights.get(one.state, 0)) for one in telling)
    return tuple(Dislike(paper, weight) for paper, weight in found if weight > 0)


_MOST_EXPIRED = 10


@dataclass(frozen=True)
class _Picture:
    """A library, to be asked for what we made and for what the reader did.

    Attributes:
        items: By key.
        marked: The items that bear a suggestion's mark, by the mark.
        parts: What belongs to each item.
        libraries: What stands before the keys of each library that has any item.
        shelves: The collections that are ours, in the trash or not.
        standing: Those of them that are not in the trash.
        filing: Those that are the reader's, and not in the trash.
        known: The marks of this machine's suggestions.
    """

    items: Mapping[str, Item]
    marked: Mapping[str, Sequence[Item]]
    parts: Mapping[str, Sequence[OtherKind]]
    libraries: frozenset[str]
    shelves: frozenset[str]
    standing: frozenset[str]
    filing: frozenset[str]
    known: Collection[str]
    signs: Signs

    @classmethod
    def of(cls, library: Library, signs: Signs, known: Collection[str] = ()) -> "_Picture":
        """The picture of a library; ``known`` are the marks of this machine's suggestions."""
        marked: dict[str, list[Item]] = {}
        for item in library.items:
            if item.mark:
                marked.setdefault(item.mark, []).append(item)
        trashed = {c.key for c in library.collections if c.trashed}
        return cls(
            items={item.key: item for item in library.items},
            marked=marked,
            parts=library.parts(),
            libraries=frozenset(_library(item.key) for item in library.items),
            shelves=library.on_shelves(),
            standing=library.on_shelves() - trashed,
            filing=frozenset(library.paths()),
            known=known,
            signs=signs,
        )

    @cached_property
    def own(self) -> Sequence[Item]:
        """The items that no shelf of ours made, kept ones first."""
        return sorted((i for i in self.items.values() if not i.mark), key=lambda i: i.trashed)

    @cached_property
    def works(self) -> Works:
        """Their papers, by identity; only who asks for it pays for it."""
        return Works.of(item.paper for item in self.own)

    @cached_property
    def others(self) -> Works:
        """The papers that another machine's shelf made items of, by identity."""
        made = (i for i in self.items.values() if i.mark and i.mark not in self.known)
        return Works.of(item.paper for item in made)

    def copies(self, one: Shown) -> tuple[Item, ...]:
        """The items that a suggestion was made into, wherever they are now."""
        placed = (self.items[place] for place in sorted(one.places) if place in self.items)
        marked = self.marked.get(one.suggestion.suggestion_id, ())
        return tuple({item.key: item for item in (*placed, *marked)}.values())

    def saved_otherwise(self, one: Shown) -> Item | None:
        """The reader's own item of the same work, which no shelf of ours made."""
        row = self.works.match(one.suggestion.paper)
        found = None if row is None else self.own[row]
        return None if found is None or found.key in one.places else found

    def is_tagged(self, items: Iterable[Item], name: str) -> bool:
        """Whether any of these items has a tag, in whatever case."""
        return any(tag.name.casefold() == name.casefold() for i in items for tag in i.tags)

    def is_on_anothers_shelf(self, one: Shown) -> bool:
        """Whether another machine has put the same work into the library."""
        return self.others.match(one.suggestion.paper) is not None


def _state(one: Shown, copies: Sequence[Item], picture: _Picture, now: datetime) -> State:
    if one.verdict is Verdict.GOOD:
        return State.KEPT
    if one.verdict is Verdict.BAD:
        return State.DISMISSED
    if one.verdict is Verdict.FORGOTTEN:
        return State.EXPIRED
    here = [item for item in copies if not item.trashed]
    is_undone = one.verdict is Verdict.UNDONE
    if picture.is_tagged(here, picture.signs.less) and not is_undone:
        return State.DISMISSED
    saved = picture.saved_otherwise(one)
    if saved and not saved.trashed:
        return State.KEPT
    if any(_is_kept(item, one, picture) for item in here):
        return State.KEPT
    # Merging two items puts one of them into the trash; what is still here is not thrown away.
    if (saved and not here) or _is_thrown_out(one, copies, picture):
        return _without_dismissal(one) if is_undone else State.DISMISSED
    if one.state is State.PENDING and not copies and picture.is_on_anothers_shelf(one):
        # It knows the paper by another name; one item of it is enough.
        return State.DELIVERED
    return _waiting(one, present=bool(here), signs=picture.signs, now=now)


def _is_kept(item: Item, one: Shown, picture: _Picture) -> bool:
    """Whether the reader did anything with an item of ours that means *this is mine now*."""
    # What we had put into the trash is here again: the reader fetched it.
    return item.tidied or _elsewhere(item, one, picture) or _is_used(item, picture)


def _is_used(item: Item, picture: _Picture) -> bool:
    signs = picture.signs
    if not picture.filing.isdisjoint(item.collections):
        return True
    if any(_is_readers(tag.name, automatic=tag.automatic, signs=signs) for tag in item.tags):
        return True
    return any(not part.mark and not part.trashed for part in picture.parts.get(item.key, ()))


def _is_readers(name: str, *, automatic: bool, signs: Signs) -> bool:
    if name.casefold() == signs.more.casefold():
        return True
    return not automatic and not _is_our_tag(name, signs)


def _is_our_tag(name: str, signs: Signs) -> bool:
    ours = {signs.tag.casefold(), signs.more.casefold(), signs.less.casefold()}
    return is_ours(name) or name.casefold() in ours


def _without_our_tags(item: Item, signs: Signs) -> Item:
    own = tuple(tag for tag in item.tags if not _is_our_tag(tag.name, signs))
    return item if own == item.tags else replace(item, tags=own)


def _elsewhere(item: Item, one: Shown, picture: _Picture) -> bool:
    """Whether an item is a copy that the reader made in another library.

    What lies on a shelf there is another member's suggestion, not a copy.
    """
    libraries = {_library(place) for place in one.places}
    is_shelved = not picture.shelves.isdisjoint(item.collections)
    return bool(libraries) and _library(item.key) not in libraries and not is_shelved


def _library(key: str) -> str:
    return key.rpartition("/")[0]


def _is_thrown_out(one: Shown, copies: Sequence[Item], picture: _Picture) -> bool:
    """Whether the reader threw an item of ours away, or took it off the shelf and filed it nowhere.

    Deleting an item while looking at a collection takes it out of that collection only; so that is
    how most people throw something off a shelf.
    """
    if not copies:
        # Nothing follows for a library that is not read any more, nor from our own tidying.
        is_read = any(_library(place) in picture.libraries for place in one.places)
        return one.seen and is_read and not one.retired
    here = [item for item in copies if not item.trashed]
    if not here:
        return any(not item.tidied for item in copies)
    # What lost its place when the reader took the shelf itself away was not taken off it.
    if one.state is State.PENDING or picture.standing.isdisjoint(one.shelves):
        return False
    return all(picture.shelves.isdisjoint(item.collections) for item in here)


def _waiting(one: Shown, *, present: bool, signs: Signs, now: datetime) -> State:
    """The state of a suggestion of which the reader said nothing."""
    if one.delivered_at is None or one.state is State.PENDING:
        return one.state
    if not present and (one.retired or _is_settled(one)):
        # What is gone says nothing new.
        return one.state
    return State.EXPIRED if now - one.delivered_at >= signs.expires_after else State.DELIVERED


def _is_settled(one: Shown) -> bool:
    """Whether the reader has given an answer, and has not taken it back."""
    if one.state is State.DISMISSED:
        return one.verdict is not Verdict.UNDONE
    return one.state is State.KEPT


def _without_dismissal(one: Shown) -> State:
    """Neither wanted nor unwanted: the reader took a dismissal back."""
    return State.DELIVERED if one.state is State.DISMISSED else one.state


def _is_over(one: Shown, state: State, copies: Sequence[Item], picture: _Picture) -> bool:
    """Whether an item of ours has no more business on the shelf."""
    if not one.delivered_at:
        return False
    if state is State.EXPIRED or one.verdict is Verdict.BAD:
        return True
    # Two copies of one paper help nobody, so ours goes.
    return state is State.KEPT and any(not i.trashed for i in copies) and _has_own(one, picture)


def _has_own(one: Shown, picture: _Picture) -> bool:
    saved = picture.saved_otherwise(one)
    return saved is not None and not saved.trashed
