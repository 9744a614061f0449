"""The store against plain dicts, values against their rows, and pages in any order."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from recommender.suggestions import Receipt, Shown, State, Suggestion, Verdict
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
        st.builds(lambda i, key, mark: replace(i, key=key, mark=mark), items(), keys, ANY_TEXT),
        st.builds(
            OtherKind,
            keys,
            ANY_TEXT,
            parent=ANY_TEXT,
            read_at=st.none() | MOMENTS.map(lambda at: at.astimezone(UTC)),
            trashed=st.booleans(),
            mark=ANY_TEXT,
        ),
        st.builds(Unreadable, keys, skipped),
    )


def library_of(saved: Iterable[Entry], folders: tuple[Collection, ...]) -> Library:
    saved = tuple(saved)
    return Library(
        items=tuple(e for e in saved if isinstance(e, Item)),
        collections=folders,
        others=tuple(e for e in saved if isinstance(e, OtherKind)),
        skipped=tuple(e.skipped for e in saved if isinstance(e, Unreadable)),
    )


FOLDERS = st.lists(
    st.builds(Collection, KEYS, ANY_TEXT, st.none() | KEYS, st.booleans(), st.booleans()),
    max_size=2,
).map(tuple)


@dataclass
class Delivery:
    """What the oracle knows of one row of the outbox."""

    state: str = "pending"
    place: str = ""
    shelf: str = ""
    memo: str = ""
    delivered_at: datetime | None = None

    def deliver(self, receipt: Receipt, at: datetime) -> None:
        if self.state not in {"pending", "failed"}:
            return
        self.state = "failed" if receipt.failure else "delivered"
        self.delivered_at = None if receipt.failure else at
        self.place = receipt.place or self.place
        self.shelf = receipt.shelf or self.shelf
        self.memo = receipt.memo or self.memo

    def retire(self, receipt: Receipt) -> None:
        if self.state == "retiring" and not receipt.failure:
            self.state = "touched" if receipt.touched else "retired"


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
        self.outbox: dict[tuple[str, str], Delivery] = {}
        self.seen: set[str] = set()
        self.verdicts: dict[str, Verdict | None] = {}
        self.memory: dict[str, dict[str, str]] = {"zotero": {}, "atom": {}}
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
        # In a zone's repeated hour a moment equals none of another zone (PEP 495), itself included.
        mark = until.astimezone(UTC)
        self.watermark = max(mark, self.watermark or mark)

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
                self.outbox |= {(one.suggestion_id, p): Delivery() for p in publishers}

    def known(self) -> st.SearchStrategy[str]:
        return st.sampled_from([*self.suggested, "unknown"])

    def receipts(self) -> st.SearchStrategy[list[Receipt]]:
        one = st.builds(
            Receipt,
            self.known(),
            st.sampled_from(["", "", "no"]),
            st.sampled_from(["", "P", "Q"]),
            st.sampled_from(["", "S", "T"]),
            st.sampled_from(["", "{}"]),
            st.booleans(),
        )
        return st.lists(one, max_size=4)

    @rule(publisher=PUBLISHERS, data=st.data(), at=MOMENTS)
    def deliver(self, publisher: str, data: st.DataObject, at: datetime) -> None:
        receipts = data.draw(self.receipts())
        self.store.record_receipts(publisher, receipts, at=at)
        for receipt in receipts:
            row = receipt.suggestion_id, publisher
            if row not in self.outbox:
                continue
            self.outbox[row].deliver(receipt, at.astimezone(UTC))
            profile, one, state = self.suggested[row[0]]
            if state is State.PENDING and not any(
                delivery.state in {"pending", "failed"}
                for (key, _), delivery in self.outbox.items()
                if key == row[0]
            ):
                self.suggested[row[0]] = (profile, one, State.DELIVERED)

    @rule(data=st.data(), times=st.integers(1, 2))
    def learn(self, data: st.DataObject, times: int) -> None:
        states = data.draw(st.dictionaries(self.known(), st.sampled_from(State), max_size=2))
        seen, retire = data.draw(st.tuples(st.sets(self.known()), st.sets(self.known())))
        for _ in range(times):
            self.store.record_learnt(states, seen=seen, retire=retire, at=AT)
        for key in states.keys() & self.suggested.keys():
            self.suggested[key] = (*self.suggested[key][:2], states[key])
        self.seen |= seen & self.suggested.keys()
        for (key, _), delivery in self.outbox.items():
            if key in retire and delivery.state == "delivered":
                delivery.state = "retiring"

    @rule(publisher=PUBLISHERS, data=st.data(), times=st.integers(1, 2))
    def take_away(self, publisher: str, data: st.DataObject, times: int) -> None:
        receipts = data.draw(self.receipts())
        for _ in range(times):
            self.store.record_retired(publisher, receipts, at=AT)
        for receipt in receipts:
            if delivery := self.outbox.get((receipt.suggestion_id, publisher)):
                delivery.retire(receipt)

    @rule(data=st.data(), verdict=st.none() | st.sampled_from(Verdict))
    def say(self, data: st.DataObject, verdict: Verdict | None) -> None:
        key = data.draw(self.known())
        self.store.record_verdict(key, verdict, at=AT)
        if key in self.suggested:
            self.verdicts[key] = verdict

    @rule(owner=st.sampled_from(["zotero", "atom"]), name=KEYS, value=st.none() | st.text())
    def keep(self, owner: str, name: str, value: str | None) -> None:
        for memory in (self.store.memory(owner), self.memory[owner]):
            if value is None:
                memory.pop(name, None)
            else:
                memory[name] = value

    @rule()
    def try_it_on_a_copy(self) -> None:
        with self.store.copy() as copy:
            assert copy.library("mine") == self.store.library("mine")
            assert copy.shown("me") == self.store.shown("me")
            copy.save_entries("mine", (), drop=self.entries["mine"], version="9")
            copy.record_learnt(
                dict.fromkeys(self.suggested, State.KEPT),
                seen=self.suggested,
                retire=self.suggested,
                at=AT,
            )
            copy.memory("zotero").clear()

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
                    and (delivery := self.outbox.get((s.suggestion_id, publisher)))
                    and delivery.state in {"pending", "failed"}
                )
                assert self.store.to_retire(profile, publisher) == tuple(
                    Receipt(
                        s.suggestion_id,
                        place=delivery.place,
                        shelf=delivery.shelf,
                        memo=delivery.memo,
                    )
                    for s, _ in found
                    if (delivery := self.outbox.get((s.suggestion_id, publisher)))
                    and delivery.state == "retiring"
                )
            assert self.store.shown(profile) == tuple(
                self.shown(s.suggestion_id, s, state) for s, state in found
            )

    def shown(self, key: str, suggestion: Suggestion, state: State) -> Shown:
        deliveries = [delivery for row, delivery in self.outbox.items() if row[0] == key]
        moments = [delivery.delivered_at for delivery in deliveries if delivery.delivered_at]
        gone = {delivery.state for delivery in deliveries if delivery.place}
        return Shown(
            suggestion=suggestion,
            state=state,
            places=frozenset(delivery.place for delivery in deliveries if delivery.place),
            shelves=frozenset(delivery.shelf for delivery in deliveries if delivery.shelf),
            delivered_at=max(moments, default=None),
            seen=key in self.seen,
            retired="retired" in gone,
            touched=any(delivery.state == "touched" for delivery in deliveries),
            verdict=self.verdicts.get(key),
        )

    @invariant()
    def memories_agree(self) -> None:
        for owner, kept in self.memory.items():
            assert self.store.memory(owner) == kept

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
    assert ('"references"' in text) == any(paper.references for paper in versions)

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
