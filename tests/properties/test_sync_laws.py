"""A sync that died anywhere and is run again ends where an unharmed one would."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.library import Changes
from recommender.sync import SyncPlan, plan

KEYS = st.sampled_from("ABCDEFGH")
# What is edited, deleted, and added again at once.
Move = tuple[set[str], set[str], set[str]]
# An entry's version is the library's version when it last changed.
LIBRARIES = st.dictionaries(KEYS, st.just(0))


class Remote:
    """A library with a past: each version changes and deletes some entries."""

    def __init__(self, entries: Mapping[str, int]) -> None:
        self.version = 0
        self.entries = dict(entries)
        self.deleted: dict[str, int] = {}

    def change(self, edited: set[str], deleted: set[str], re_added: set[str]) -> None:
        self.version += 1
        for key in deleted & self.entries.keys():
            del self.entries[key]
            self.deleted[key] = self.version
        for key in edited | (re_added & deleted):
            self.entries[key] = self.version

    def changes(self, since: int, *, complete: bool) -> Changes:
        return Changes(
            version=str(self.version),
            entries={k: str(v) for k, v in self.entries.items() if complete or v > since},
            deleted=frozenset(k for k, v in self.deleted.items() if v > since),
            complete=complete,
        )

    @property
    def state(self) -> dict[str, str]:
        return {k: str(v) for k, v in self.entries.items()}


def carried_out(
    todo: SyncPlan, known: Mapping[str, str], changes: Changes, done: frozenset[str] | None = None
) -> dict[str, str]:
    """The known entries after a plan, or after the part of it whose keys are done."""
    after = dict(known)
    for key in todo.drop:
        if done is None or key in done:
            del after[key]
    for key in todo.fetch:
        if done is None or key in done:
            after[key] = changes.entries[key]
    return after


@st.composite
def moves(draw: st.DrawFn) -> Move:
    keys = st.sets(KEYS, max_size=5)
    return draw(keys), draw(keys), draw(keys)


MANY = settings(max_examples=300)


@MANY
@given(library=LIBRARIES, history=st.lists(moves(), max_size=4), complete=st.booleans())
def test_a_sync_ends_with_the_library_and_a_second_one_does_nothing(
    *, library: dict[str, int], history: list[Move], complete: bool
) -> None:
    remote = Remote(library)
    known = remote.state
    for move in history:
        remote.change(*move)

    changes = remote.changes(0, complete=complete)
    known = carried_out(plan(known, changes), known, changes)
    assert known == remote.state

    second = plan(known, changes)
    assert (second.fetch, second.drop) == ((), frozenset())
    third = plan(known, remote.changes(remote.version, complete=complete))
    assert (third.fetch, third.drop) == ((), frozenset())


@MANY
@given(
    library=LIBRARIES,
    history=st.lists(moves(), max_size=3),
    meanwhile=st.lists(moves(), max_size=2),
    done=st.frozensets(KEYS),
    complete=st.booleans(),
)
def test_a_sync_that_died_half_way_is_run_again(
    *,
    library: dict[str, int],
    history: list[Move],
    meanwhile: list[Move],
    done: frozenset[str],
    complete: bool,
) -> None:
    remote = Remote(library)
    known = remote.state
    for move in history:
        remote.change(*move)
    changes = remote.changes(0, complete=complete)
    half_way = carried_out(plan(known, changes), known, changes, done)

    # The version was not saved, so the next run asks for changes since the same one as before.
    for move in meanwhile:
        remote.change(*move)
    changes = remote.changes(0, complete=complete)
    todo = plan(half_way, changes)

    assert carried_out(todo, half_way, changes) == remote.state
    assert not done & set(todo.fetch) or meanwhile


@MANY
@given(
    library=LIBRARIES,
    listed=st.dictionaries(KEYS, st.sampled_from("12")),
    deleted=st.frozensets(KEYS),
    complete=st.booleans(),
)
def test_no_key_is_both_fetched_and_dropped(
    *, library: dict[str, int], listed: dict[str, str], deleted: frozenset[str], complete: bool
) -> None:
    known = {k: str(v) for k, v in library.items()}
    todo = plan(known, Changes(version="9", entries=listed, deleted=deleted, complete=complete))

    assert not set(todo.fetch) & todo.drop
    assert todo.drop <= known.keys()
    assert set(todo.fetch) <= listed.keys()
