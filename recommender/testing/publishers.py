"""The contract of every publisher, and one in memory."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import ClassVar, Protocol

import pytest

from recommender.errors import IntegrationError, PermanentError
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Paper
from recommender.ports import Publisher
from recommender.suggestions import Reason, ReasonKind, Receipt, Suggestion, suggestion_id


def suggestion_on(number: int) -> Suggestion:
    """An invented suggestion; the same number gives the same one, and its rank."""
    # The letter keeps one title from being the beginning of another.
    title = f"Waggle dances, part {number}a"
    return Suggestion(
        suggestion_id=suggestion_id("a profile", [title]),
        paper=Paper(
            title=title,
            abstract="How bees tell each other the way.",
            authors=(Author("Ode", "Ada"), Author("The Hive Group")),
            venue="Journal of Bees",
            published="2024-03-05",
            ids=(PaperId.of(Scheme.DOI, f"10.1000/waggle.{number}"),),
            kind=Kind.ARTICLE,
        ),
        rank=number,
        score=0.5,
        reasons=(
            Reason(ReasonKind.TERMS, "about bees and their dances", 0.375),
            Reason(ReasonKind.VENUE, "in the Journal of Bees, of which you have 3", 0.125),
        ),
        source="a source",
        interest="Bees",
        suggested_at=datetime(2024, 3, 6, 6, 30, tzinfo=UTC),
    )


class FakePublisher:
    """A shelf in memory.

    Args:
        name: What it is called.
        failing: Why a suggestion cannot be put there or taken away, by its id.
        places: The library's keys of the items that are made of suggestions, by their ids; empty
            for a shelf outside any library.

    Attributes:
        shelf: What was put there, by id, in the order of arrival.
        touched: The ids of those that a person changed.
        foreign: The place holds something that is not ours.
    """

    def __init__(
        self,
        name: str = "a shelf",
        failing: Mapping[str, str] | None = None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._places = dict(places or {})
        self.failing = dict(failing or {})
        self.shelf: dict[str, Suggestion] = {}
        self.touched: set[str] = set()
        self.foreign = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Keep those that are not failing.

        Raises:
            PermanentError: If the place is foreign.
        """
        self._refuse()
        for suggestion in suggestions:
            if suggestion.suggestion_id not in self.failing:
                self.shelf.setdefault(suggestion.suggestion_id, suggestion)
        return [self._receipt(suggestion.suggestion_id) for suggestion in suggestions]

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Forget those that are neither touched nor failing.

        Raises:
            PermanentError: If the place is foreign.
        """
        self._refuse()
        return [self._retired(receipt) for receipt in receipts]

    def address(self, place: str) -> str:
        """Where the item of a key is."""
        return f"shelf://{place}" if place else ""

    def _receipt(self, one: str) -> Receipt:
        if one not in self.shelf:
            return Receipt(one, self.failing[one])
        place = self._places.get(one, "")
        return Receipt(one, place=place, memo=f"made as {place}" if place else "")

    def _retired(self, receipt: Receipt) -> Receipt:
        one = receipt.suggestion_id
        if one not in self.shelf:
            return Receipt(one)
        if one in self.touched:
            return Receipt(one, touched=True)
        if one in self.failing:
            return Receipt(one, self.failing[one])
        given = self._receipt(one)
        if (receipt.place, receipt.memo) != (given.place, given.memo):
            return Receipt(one, f"{one}: the receipt is not the one that was given")
        del self.shelf[one]
        return Receipt(one)

    def _refuse(self) -> None:
        if self.foreign:
            raise PermanentError(self._name, f"{self._name}: holds something else; choose another")


class Place(Protocol):
    """Where a publisher under test puts suggestions, seen from outside it."""

    def publisher(self) -> Publisher:
        """A publisher for this place, opened anew each time; in a library, one just synced."""

    def state(self) -> object:
        """All there is to see, with when it was last written; equal only if nothing was."""

    def text(self) -> str:
        """What a person reads on the shelf; it has the title of each suggestion there once."""

    def touch(self, suggestion: Suggestion) -> None:
        """Change a suggestion that is there, as a person would."""

    def occupy(self) -> None:
        """Put something there that no publisher made, where the publisher would begin."""

    def break_down(self) -> None:
        """Make everything fail from now on."""


class PublisherContract:
    """What every publisher must do; subclass it with a ``place`` fixture, empty at first.

    Attributes:
        shares_places: It puts suggestions beside what is not ours, instead of refusing the place.
    """

    shares_places: ClassVar[bool] = False

    @pytest.fixture
    def place(self) -> Place:
        """The place under test."""
        raise NotImplementedError

    def test_its_name_is_one_line_and_stays(self, place: Place) -> None:
        name = place.publisher().name
        assert name.strip()
        assert len(name.splitlines()) == 1
        assert place.publisher().name == name

    def test_there_is_a_receipt_for_each_in_the_same_order(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (3, 1, 2)]
        ids = [suggestion.suggestion_id for suggestion in given]
        publisher = place.publisher()
        receipts = publisher.publish(given)
        assert [r.suggestion_id for r in receipts] == ids
        assert [r.suggestion_id for r in publisher.retire(receipts[::-1])] == ids[::-1]

    def test_what_is_published_is_there_once(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (1, 2, 3)]
        assert _failures(place.publisher().publish(given)) == []
        assert _there(place, given) == [1, 1, 1]

    def test_one_given_twice_is_there_once_and_gets_two_receipts(self, place: Place) -> None:
        one, other = place.publisher().publish([suggestion_on(1), suggestion_on(1)])
        assert _failures([one, other]) == []
        assert one.place == other.place
        assert _there(place, [suggestion_on(1)]) == [1]

    def test_no_two_suggestions_are_made_into_one_item(self, place: Place) -> None:
        receipts = place.publisher().publish([suggestion_on(n) for n in (1, 2, 3)])
        places = [receipt.place for receipt in receipts if receipt.place]
        assert len(places) in {0, 3}
        assert len(set(places)) == len(places)

    def test_no_suggestions_get_no_receipts(self, place: Place) -> None:
        assert list(place.publisher().publish([])) == []
        assert list(place.publisher().retire([])) == []

    def test_publishing_again_changes_nothing(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (1, 2)]
        publisher = place.publisher()
        places = {r.suggestion_id: r.place for r in publisher.publish(given)}
        before = place.state()
        for again in (publisher, place.publisher()):
            for order in (given, given[::-1], given[:1]):
                receipts = again.publish(order)
                assert _failures(receipts) == []
                assert [r.place for r in receipts] == [places[s.suggestion_id] for s in order]
                assert place.state() == before

    def test_what_is_there_stays_when_more_comes(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (1, 2, 3)]
        place.publisher().publish(given[:2])
        assert _failures(place.publisher().publish(given[1:])) == []
        assert _there(place, given) == [1, 1, 1]

    def test_what_is_there_is_not_written_anew(self, place: Place) -> None:
        place.publisher().publish([suggestion_on(1)])
        place.touch(suggestion_on(1))
        before = place.state()
        assert _failures(place.publisher().publish([suggestion_on(1)])) == []
        assert place.state() == before

    def test_what_is_retired_is_gone_and_the_others_stay(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (1, 2, 3)]
        receipts = place.publisher().publish(given)
        [retired] = place.publisher().retire([receipts[1]])
        assert (retired.failure, retired.touched) == ("", False)
        assert _there(place, given) == [1, 0, 1]

    def test_what_was_published_twice_is_retired_by_either_receipt(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (1, 2)]
        first = place.publisher().publish(given)
        again = place.publisher().publish(given)
        retired = place.publisher().retire([first[0], again[1]])
        assert [(r.failure, r.touched) for r in retired] == [("", False)] * 2
        assert _there(place, given) == [0, 0]

    def test_retiring_again_changes_nothing(self, place: Place) -> None:
        receipts = place.publisher().publish([suggestion_on(n) for n in (1, 2)])
        place.publisher().retire(receipts[:1])
        before = place.state()
        [again] = place.publisher().retire(receipts[:1])
        assert (again.failure, again.touched) == ("", False)
        assert place.state() == before

    def test_retiring_what_never_was_there_changes_nothing(self, place: Place) -> None:
        before = place.state()
        [retired] = place.publisher().retire([Receipt(suggestion_on(1).suggestion_id)])
        assert (retired.failure, retired.touched) == ("", False)
        assert place.state() == before

    def test_what_a_person_touched_stays_and_the_others_go(self, place: Place) -> None:
        given = [suggestion_on(n) for n in (1, 2, 3)]
        receipts = place.publisher().publish(given)
        place.touch(given[1])
        retired = place.publisher().retire(receipts)
        assert [receipt.touched for receipt in retired] == [False, True, False]
        assert _there(place, given) == [0, 1, 0]

    def test_what_a_person_touched_is_no_failure_and_stays_as_it_is(self, place: Place) -> None:
        receipts = place.publisher().publish([suggestion_on(1)])
        place.touch(suggestion_on(1))
        before = place.state()
        for _ in range(2):
            [retired] = place.publisher().retire(receipts)
            assert (retired.failure, retired.touched) == ("", True)
            assert place.state() == before

    def test_a_place_that_holds_something_else_is_refused_and_left_alone(
        self, place: Place
    ) -> None:
        if self.shares_places:
            pytest.skip("this publisher puts suggestions beside what is not ours")
        place.occupy()
        before = place.state()
        with pytest.raises(PermanentError) as caught:
            place.publisher().publish([suggestion_on(1)])
        assert len(str(caught.value).splitlines()) == 1
        assert caught.value.service
        assert place.state() == before

    def test_nothing_is_taken_from_a_place_that_holds_something_else(self, place: Place) -> None:
        place.occupy()
        before = place.state()
        # Whether it refuses the place, or finds that nothing of ours is there, is its own choice.
        with suppress(PermanentError):
            place.publisher().retire([Receipt(suggestion_on(1).suggestion_id)])
        assert place.state() == before

    def test_when_everything_fails_nobody_is_told_otherwise(self, place: Place) -> None:
        given = [suggestion_on(1), suggestion_on(2)]
        publisher = place.publisher()
        place.break_down()
        told = _told(lambda: publisher.publish(given), given)
        assert [len(failure.splitlines()) for failure in told] == [1, 1]

    def test_when_nothing_can_be_taken_away_nobody_is_told_otherwise(self, place: Place) -> None:
        given = [suggestion_on(1), suggestion_on(2)]
        receipts = place.publisher().publish(given)
        publisher = place.publisher()
        place.break_down()
        told = _told(lambda: publisher.retire(receipts), given)
        assert [len(failure.splitlines()) for failure in told] == [1, 1]


def _told(act: Callable[[], Sequence[Receipt]], suggestions: Sequence[Suggestion]) -> list[str]:
    try:
        return _failures(act())
    except IntegrationError as error:
        return [f"{error.service}: {error}"] * len(suggestions)


def _failures(receipts: Sequence[Receipt]) -> list[str]:
    return [receipt.failure for receipt in receipts if receipt.failure]


def _there(place: Place, suggestions: Sequence[Suggestion]) -> list[int]:
    text = place.text()
    return [text.count(suggestion.paper.title) for suggestion in suggestions]
