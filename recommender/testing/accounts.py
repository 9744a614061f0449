"""The contract of every account, and one in memory."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol

import pytest

from recommender.errors import IntegrationError, NotAuthorized, PermanentError, TransientError
from recommender.library import Collection, Item
from recommender.ports import Account, Choice, Finding
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.libraries import FakeLibrary
from recommender.testing.publishers import FakePublisher, suggestion_on

_SERVICE = "fake account"
_PLACES = 2
_SHELF = "Suggested"


class FakeAccount:
    """An account in memory: the reader's own library and a group's, and a shelf in the first.

    Args:
        world: What the service holds, and whether it answers.
        libraries: Those that are read, the shelf's first.
        has_shelf: Whether a shelf is wanted.
        key: What the service gave for access.
    """

    def __init__(
        self, world: "FakeService", libraries: Sequence[str], key: str, *, has_shelf: bool
    ) -> None:
        self._world = world
        self._named = tuple(libraries)
        self._key = key
        self._has_shelf = has_shelf

    def libraries(self) -> Sequence[FakeLibrary]:
        """The libraries that were named; the shelf is in the first."""
        return [self._world.libraries[name] for name in self._named]

    def shelf(self) -> FakePublisher | None:
        """The shelf in the first library; None where none is wanted."""
        return _Shelf(self._world, self.libraries()[0]) if self._has_shelf else None

    def check(self) -> Iterator[Finding]:
        """One line on each library; that nothing answers is one line, too."""
        if self._world.error:
            yield Finding("the service does not answer", "try again later", failed=True)
            return
        for library in self.libraries():
            n = len(library.changes(None).entries)
            yield Finding(f"{library.name} has {n} entries", "" if n else "add some that you like")

    def choices(self) -> Sequence[Choice]:
        """All libraries, the reader's own first.

        Raises:
            IntegrationError: If the service does not answer.
        """
        self._world.ask(self._key)
        return [
            Choice(name, one.name, tuple(c.name for c in one.changes(None).collections))
            for name, one in self._world.libraries.items()
        ]

    def authorise(self, before: Callable[[], None] = lambda: None) -> str:
        """The reader's answer.

        Raises:
            NotAuthorized: If it is no.
        """
        self._world.ask(self._key)
        before()
        self._world.n_questions += 1
        if not self._world.allows:
            raise NotAuthorized(_SERVICE, "the reader said no; ask again when they would say yes")
        return "a permission"

    def colour(self, tags: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Give colours to tags that have none.

        Raises:
            PermanentError: If there are too many.
        """
        self._world.ask(self._key)
        new = {name: colour for name, colour in tags if name not in self._world.colours}
        if len(self._world.colours) + len(new) > _PLACES:
            raise PermanentError(_SERVICE, "no place is left for a colour; free one")
        self._world.colours |= new
        return tuple(new)


class FakeService:
    """What a ``FakeAccount`` reaches.

    Attributes:
        libraries: By the name that settings give them, the reader's own first.
        colours: Of tags.
        allows: Whether the reader says yes when they are asked.
        error: What every request raises; None while the service answers.
    """

    def __init__(self) -> None:
        self.libraries = {name: FakeLibrary(f"fake library {name}") for name in ("own", "group")}
        self.colours: dict[str, str] = {}
        self.allows = False
        self.n_questions = 0
        self.n_requests = 0
        self.error: IntegrationError | None = None

    def ask(self, key: str) -> None:
        """One request.

        Raises:
            IntegrationError: If the service does not answer, or does not know the key.
        """
        self.n_requests += 1
        if self.error:
            raise self.error
        if not key:
            raise NotAuthorized(_SERVICE, "there is no key; give one")

    def fail(self) -> None:
        """Let every request fail from now on."""
        self.error = TransientError(_SERVICE, "the service sleeps; try again later")
        for library in self.libraries.values():
            library.error = self.error


class _Shelf(FakePublisher):
    def __init__(self, world: FakeService, library: FakeLibrary) -> None:
        super().__init__(f"the shelf in {library.name}")
        self._world = world
        self._library = library

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Put suggestions on the shelf, and their items into the library."""
        self._world.ask("a key")
        self._library.declare(Collection(_SHELF, _SHELF, ours=True))
        for one in suggestions:
            key = f"item {one.suggestion_id}"
            self._places[one.suggestion_id] = key
            item = Item(key=key, paper=one.paper, collections=(_SHELF,), mark=one.suggestion_id)
            self._library.put(item)
        return super().publish(suggestions)


class AccountWorld(Protocol):
    """A service's own side; each suite's fixture gives one, with a library that has papers in it.

    Attributes:
        key: What gives access, which appears in no text.
    """

    key: str

    @property
    def named(self) -> tuple[str, ...]:
        """The libraries that the settings name, as they name them: two, if there can be several.

        The reader's own is the first; the shelf is in it.
        """

    def account(self, *, has_shelf: bool = True) -> Account:
        """The account under test, opened anew each time with the same memory."""

    def n_requests(self) -> int:
        """How often the service was asked for anything."""

    def add_collection(self, outer: str, inner: str) -> None:
        """Let the reader make a collection, and one inside it, in their own library."""

    def allow(self) -> None:
        """Let the reader say yes from now on when they are asked; first, they say no."""

    def colours(self) -> Mapping[str, str]:
        """The tags that have a colour, in the reader's own library."""

    def fail(self) -> None:
        """Let every request fail from now on."""


class AccountContract:
    """What every account must do; subclass it with a ``world`` fixture.

    Attributes:
        asks: The reference manager asks the reader for permission itself.
        colours_tags: Tags can have colours, and this way takes them.
    """

    asks: ClassVar[bool] = True
    colours_tags: ClassVar[bool] = True

    @pytest.fixture
    def world(self) -> AccountWorld:
        """The service under test."""
        raise NotImplementedError

    def test_opening_asks_nothing(self, world: AccountWorld) -> None:
        before = world.n_requests()
        world.account()
        assert world.n_requests() == before

    def test_the_libraries_that_are_named_are_read(self, world: AccountWorld) -> None:
        libraries = world.account().libraries()
        names = [library.name for library in libraries]
        assert len(set(names)) == len(world.named) == len(names)
        assert [library.name for library in world.account().libraries()] == names
        assert libraries[0].changes(None).entries
        keys = [key for library in libraries for key in library.changes(None).entries]
        assert len(set(keys)) == len(keys)

    def test_the_shelf_is_in_the_first_library(self, world: AccountWorld) -> None:
        self._may_write(world)
        account = world.account()
        shelf = account.shelf()
        assert shelf is not None
        account.libraries()[0].changes(None)
        [receipt] = shelf.publish([suggestion_on(1)])
        assert not receipt.failure
        first, *others = world.account().libraries()
        changes = first.changes(None)
        assert receipt.place in changes.entries
        assert not any(receipt.place in other.changes(None).entries for other in others)
        [item] = first.fetch([receipt.place])
        assert isinstance(item, Item)
        assert item.mark == suggestion_on(1).suggestion_id
        assert {c.key for c in changes.collections if c.ours} == set(item.collections)

    def test_the_shelf_has_one_name(self, world: AccountWorld) -> None:
        shelves = [world.account().shelf() for _ in range(2)]
        first, again = (shelf.name for shelf in shelves if shelf)
        assert first == again
        assert first.strip()

    def test_where_no_shelf_is_wanted_there_is_none(self, world: AccountWorld) -> None:
        assert world.account(has_shelf=False).shelf() is None

    def test_where_all_is_well_nothing_has_to_be_done_first(self, world: AccountWorld) -> None:
        self._may_write(world)
        findings = list(world.account().check())
        assert findings
        assert not [finding for finding in findings if finding.failed]
        self._are_lines(world, findings)

    def test_that_nothing_answers_is_found(self, world: AccountWorld) -> None:
        self._may_write(world)
        world.fail()
        findings = list(world.account().check())
        assert any(finding.failed for finding in findings)
        self._are_lines(world, findings)

    def test_the_choices_are_what_settings_can_name(self, world: AccountWorld) -> None:
        world.add_collection("Outer", "Inner")
        choices = world.account().choices()
        places = [choice.place for choice in choices]
        assert places[0] == world.named[0]
        assert set(world.named) <= set(places)
        assert len(set(places)) == len(places)
        assert all(choice.called.strip() for choice in choices)
        assert {"Outer", "Outer/Inner"} <= set(choices[0].collections)

    def test_the_reader_is_asked_after_that_was_announced(self, world: AccountWorld) -> None:
        told: list[int] = []
        account = world.account()
        if not self.asks:
            with pytest.raises(IntegrationError) as caught:
                account.authorise(lambda: told.append(1))
            self._is_told_well(world, caught.value)
            assert not told
            return
        world.allow()
        assert account.authorise(lambda: told.append(1))
        assert told == [1]
        assert account.authorise()

    def test_a_reader_who_says_no_gives_no_permission(self, world: AccountWorld) -> None:
        if not self.asks:
            pytest.skip("this reference manager asks nobody")
        with pytest.raises(NotAuthorized) as caught:
            world.account().authorise()
        self._is_told_well(world, caught.value)

    def test_colours_are_given_once_and_beside_those_that_are_there(
        self, world: AccountWorld
    ) -> None:
        account = world.account()
        if not self.colours_tags:
            with pytest.raises(PermanentError) as caught:
                account.colour([("more", "#00FF00")])
            self._is_told_well(world, caught.value)
            return
        assert list(account.colour([("more", "#00FF00")])) == ["more"]
        assert world.colours() == {"more": "#00FF00"}
        assert list(account.colour([("less", "#FF0000"), ("more", "#0000FF")])) == ["less"]
        assert list(account.colour([("less", "#FF0000")])) == []
        assert world.colours() == {"more": "#00FF00", "less": "#FF0000"}

    def test_what_there_is_no_place_for_changes_nothing(self, world: AccountWorld) -> None:
        if not self.colours_tags:
            pytest.skip("this way takes no colours")
        world.account().colour([("more", "#00FF00")])
        with pytest.raises(PermanentError) as caught:
            world.account().colour([(f"tag {n}", "#FF0000") for n in range(100)])
        self._is_told_well(world, caught.value)
        assert world.colours() == {"more": "#00FF00"}

    def test_each_failure_names_the_service_and_no_key(self, world: AccountWorld) -> None:
        self._may_write(world)
        account = world.account()
        libraries, shelf = account.libraries(), account.shelf()
        assert shelf is not None
        world.fail()
        told: list[IntegrationError] = []
        for act in (
            lambda: libraries[0].changes(None),
            lambda: shelf.publish([suggestion_on(1)]),
            lambda: world.account().choices(),
            lambda: world.account().authorise(),
            lambda: world.account().colour([("more", "#00FF00")]),
        ):
            with pytest.raises(IntegrationError) as caught:
                act()
            told.append(caught.value)
        for error in told:
            self._is_told_well(world, error)

    def _may_write(self, world: AccountWorld) -> None:
        if self.asks:
            world.allow()
            world.account().authorise()

    @staticmethod
    def _are_lines(world: AccountWorld, findings: Sequence[Finding]) -> None:
        for finding in findings:
            assert len(finding.what.splitlines()) == 1
            assert len(finding.remedy.splitlines()) <= 1
            assert finding.remedy or not finding.failed
            assert world.key not in f"{finding}"

    @staticmethod
    def _is_told_well(world: AccountWorld, error: IntegrationError) -> None:
        assert error.service
        assert len(str(error).splitlines()) == 1
        # With what it was made of, as a log would show it.
        assert world.key not in "".join(traceback.format_exception(error))
