"""The store against plain dicts, values against their rows, and pages in any order."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from recommender.ingest import names_on, unseen
from recommender.library import Collection, Entry, Item, Library, OtherKind, Unreadable
from recommender.listings import Listing
from recommender.papers import Paper, Skipped
from recommender.store import Store, rows
from recommender.suggestions import Receipt, State, Suggestion
from recommender.testing.strategies import items, listings, papers, suggestions

AT = datetime(2024, 5, 6, tzinfo=UTC)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - the zone follows
    datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)
# Half a surrogate pair is no UTF-8, but JSON from outside can hold it.
ANY_TEXT = st.text(st.characters(), max_size=5)
KEYS = st.sampled_from("ABCD")
LIBRARY_NAMES = st.sampled_from(["mine", "ours"])
PROFILES = st.sampled_from(["me", "you"])
PUBLISHERS = st.sampled_from(["atom", "html"])


def entries(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Entry]:
    skipped = st.builds(Skipped, ANY_TEXT, ANY_TEXT)
    return st.one_of(
        st.builds(lambda item, key: replace(item, key=key), items(), keys),
        st.builds(OtherKind, keys, ANY_TEXT),
        st.builds(Unreadable, keys, skipped),
    )


def library_of(saved: Iterable[Entry], folders: tuple[Collection, ...]) -> Library:
    saved = tuple(saved)
    return Library(
        items=tuple(e for e in saved if isinstance(e, Item)),
        collections=folders,
        other_kinds=sum(isinstance(e, OtherKind) for e in saved),
        skipped=tuple(e.skipped for e in saved if isinstance(e, Unreadable)),
    )


FOLDERS = st.lists(
    st.builds(Collection, KEYS, ANY_TEXT, st.none() | KEYS, st.booleans()), max_size=2
).map(tuple)


class StoreAgainstDicts(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(self.folder / "store.sqlite")
        self.entries: dict[str, dict[str, tuple[Entry, str]]] = {"mine": {}, "ours": {}}
        self.folders: dict[str, tuple[Collection, ...]] = {"mine": (), "ours": ()}
        self.versions: dict[str, str] = {}
        self.pages: list[Listing] = []
        self.watermark: datetime | None = None
        self.suggested: dict[str, tuple[str, Suggestion, State]] = {}
        self.outbox: dict[tuple[str, str], bool] = {}
        self.cycles: dict[str, dict[datetime, int]] = {"me": {}, "you": {}}

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = Store.open(self.folder / "store.sqlite")

    @rule(
        name=LIBRARY_NAMES,
        changed=st.lists(st.tuples(entries(KEYS), st.sampled_from("123")), max_size=3),
        drop=st.sets(KEYS),
        folders=FOLDERS,
        version=st.sampled_from("123"),
        times=st.integers(1, 2),
    )
    def sync(
        self,
        name: str,
        changed: list[tuple[Entry, str]],
        drop: set[str],
        folders: tuple[Collection, ...],
        version: str,
        times: int,
    ) -> None:
        for _ in range(times):
            self.store.save_entries(
                name, iter(changed), drop=drop, collections=folders, version=version
            )
        known = self.entries[name]
        for key in drop - {entry.key for entry, _ in changed}:
            known.pop(key, None)
        known.update({entry.key: (entry, own) for entry, own in changed})
        self.folders[name] = folders
        self.versions[name] = version

    @rule(pages=st.lists(listings(), max_size=3), until=MOMENTS)
    def ingest(self, pages: list[Listing], until: datetime) -> None:
        found = unseen(pages, self.store.candidates_named(names_on(pages)))
        assert found == unseen(pages, self.store.candidates())
        self.store.save_listed(
            [*found.candidates, *found.again], watermarks={"a source": until}, at=AT
        )
        self.pages += pages
        self.watermark = max(until, self.watermark or until)

    @rule(
        profile=PROFILES,
        chosen=st.lists(suggestions(), max_size=3),
        publishers=st.sets(PUBLISHERS, min_size=1),
        times=st.integers(1, 2),
    )
    def suggest(
        self, profile: str, chosen: list[Suggestion], publishers: set[str], times: int
    ) -> None:
        for _ in range(times):
            self.store.add_suggestions(profile, chosen, publishers=publishers, at=AT)
        for one in chosen:
            if one.suggestion_id not in self.suggested:
                self.suggested[one.suggestion_id] = (profile, one, State.PENDING)
                self.outbox |= {(one.suggestion_id, p): False for p in publishers}

    @rule(publisher=PUBLISHERS, data=st.data())
    def deliver(self, publisher: str, data: st.DataObject) -> None:
        known = st.sampled_from([*self.suggested, "unknown"])
        receipts = data.draw(
            st.lists(st.builds(Receipt, known, st.sampled_from(["", "no"])), max_size=4)
        )
        self.store.record_receipts(publisher, receipts, at=AT)
        for receipt in receipts:
            row = receipt.suggestion_id, publisher
            if row not in self.outbox:
                continue
            self.outbox[row] |= not receipt.failure
            profile, one, state = self.suggested[row[0]]
            everybody = all(done for (key, _), done in self.outbox.items() if key == row[0])
            if everybody and state is State.PENDING:
                self.suggested[row[0]] = (profile, one, State.DELIVERED)

    @rule(data=st.data(), state=st.sampled_from(State))
    def settle(self, data: st.DataObject, state: State) -> None:
        key = data.draw(st.sampled_from([*self.suggested, "unknown"]))
        self.store.record_states({key: state}, at=AT)
        if key in self.suggested:
            self.suggested[key] = (*self.suggested[key][:2], state)

    @rule(profile=PROFILES, began=MOMENTS, n=st.integers())
    def end_cycle(self, profile: str, began: datetime, n: int) -> None:
        self.store.record_cycle(profile, began, AT, {"n": n})
        self.cycles[profile][began.astimezone(UTC)] = n

    @invariant()
    def libraries_agree(self) -> None:
        for name, known in self.entries.items():
            assert self.store.known_entries(name) == {k: own for k, (_, own) in known.items()}
            assert list(self.store.known_entries(name)) == list(known)
            saved = (entry for entry, _ in known.values())
            assert self.store.library(name) == library_of(saved, self.folders[name])
            assert self.store.library_version(name) == self.versions.get(name)

    @invariant()
    def listed_papers_agree(self) -> None:
        candidates = unseen(self.pages).candidates
        assert tuple(self.store.candidates()) == candidates
        for name in {name for c in candidates for name in c.names}:
            found = self.store.candidates_named([name, "unknown"])
            assert found == tuple(c for c in candidates if name in c.names)
        assert self.store.watermark("a source") == self.watermark

    @invariant()
    def suggestions_agree(self) -> None:
        for profile in ("me", "you"):
            mine = {k: (s, state) for k, (p, s, state) in self.suggested.items() if p == profile}
            found = list(self.store.suggestions(profile))
            assert {s.suggestion_id: (s, state) for s, state in found} == mine
            assert found == sorted(found, key=lambda row: (row[0].suggested_at, row[0].rank))
            only = {State.KEPT, State.PENDING}
            wanted = [row for row in found if row[1] in only]
            assert list(self.store.suggestions(profile, only)) == wanted
            for publisher in ("atom", "html"):
                assert self.store.pending(profile, publisher) == tuple(
                    s
                    for s, state in found
                    if state is State.PENDING
                    and self.outbox.get((s.suggestion_id, publisher)) is False
                )

    @invariant()
    def cycles_agree(self) -> None:
        for profile, known in self.cycles.items():
            latest = sorted(known, reverse=True)[:2]
            found = self.store.last_cycles(profile, 2)
            assert [c.started_at for c in found] == latest
            assert [c.record for c in found] == [{"n": known[began]} for began in latest]


StoreAgainstDicts.TestCase.settings = settings(max_examples=25, stateful_step_count=20)
TestStoreAgainstDicts = StoreAgainstDicts.TestCase


@given(entries(ANY_TEXT))
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert rows.entry_of(entry.key, *rows.entry_row(entry)) == entry


@given(st.lists(papers(), max_size=3), st.text(min_size=1), ANY_TEXT)
def test_papers_come_back_as_they_were_and_what_is_unknown_is_passed_over(
    versions: list[Paper], extra: str, value: str
) -> None:
    text = rows.versions_row(versions)
    assert rows.versions_of(text) == tuple(versions)
    assert text.isascii()

    newer = [{f"new {extra}": value} | one for one in json.loads(text)]
    assert rows.versions_of(json.dumps(newer)) == tuple(versions)


@given(suggestions())
def test_a_suggestion_comes_back_as_it_was(suggestion: Suggestion) -> None:
    again = rows.suggestion_of(
        suggestion.suggestion_id,
        suggestion.rank,
        rows.instant(suggestion.suggested_at),
        rows.suggestion_row(suggestion),
    )
    assert again == suggestion


@given(MOMENTS, MOMENTS)
def test_instants_sort_as_moments_do(one: datetime, other: datetime) -> None:
    # In one zone the clock shows 01:30 twice a year; the moment is what counts (PEP 495).
    assert rows.moment(rows.instant(one)) == one.astimezone(UTC)
    assert rows.moment(rows.instant(one)).tzinfo is UTC
    assert (rows.instant(one) < rows.instant(other)) == (
        one.astimezone(UTC) < other.astimezone(UTC)
    )


@given(st.lists(listings(), max_size=4), st.data())
def test_the_order_and_grouping_in_which_pages_are_saved_changes_nothing(
    pages: list[Listing], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(pages))
    cut = data.draw(st.integers(0, len(pages)))
    with Store.open(None) as at_once, Store.open(None) as bit_by_bit:
        at_once.save_listed(unseen(pages).candidates, watermarks={}, at=AT)
        for part in (shuffled[:cut], shuffled[cut:], shuffled[:cut]):
            found = unseen(part, bit_by_bit.candidates_named(names_on(part)))
            bit_by_bit.save_listed([*found.candidates, *found.again], watermarks={}, at=AT)

        assert set(at_once.candidates()) == set(bit_by_bit.candidates())
