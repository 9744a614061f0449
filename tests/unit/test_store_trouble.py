"""What happens to the store when a file is locked, damaged or newer, or a run is killed."""

import inspect
import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.editions import Edition
from recommender.errors import StoreError
from recommender.guidance import Pinned
from recommender.ingest import Candidate, unseen
from recommender.library import Collection, Entry, Item, Library, Tag
from recommender.listings import Listed, Listing
from recommender.papers import Author, Paper
from recommender.store import SavedModel, Store
from recommender.suggestions import Receipt, State, Suggestion, Verdict

AT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)


def item(key: str, *tags: Tag) -> Item:
    return Item(key=key, paper=Paper(title="A title"), tags=tags)


def at_version(version: str, *entries: Entry) -> list[tuple[Entry, str]]:
    return [(entry, version) for entry in entries]


def listed(paper: Paper) -> tuple[Candidate, ...]:
    page = Listing(source="daily", name="hot", papers=(Listed(position=1, paper=paper),))
    return unseen([page]).candidates


def suggestion(key: str) -> Suggestion:
    return Suggestion(
        suggestion_id=key,
        paper=Paper(title="A suggested paper of some words"),
        rank=1,
        score=0.7,
        reasons=(),
        source="daily",
        interest="",
        suggested_at=AT,
    )


def forget(store: Store, name: str) -> None:
    with suppress(KeyError):
        del store.memory("zotero")[name]


EDITION = Edition(edition_id="me/1", profile="me", at=AT)
CALLS: dict[str, Callable[[Store], object]] = {
    "library_version": lambda s: s.library_version("mine"),
    "known_entries": lambda s: s.known_entries("mine"),
    "save_entries": lambda s: s.save_entries("mine", at_version("1", item("A")), version="1"),
    "library": lambda s: s.library("mine"),
    "watermark": lambda s: s.watermark("daily"),
    "candidates_named": lambda s: s.candidates_named(["text:0"]),
    "marks": lambda s: s.marks("daily"),
    "news_at": lambda s: s.news_at("daily"),
    "take_back": lambda s: s.take_back("daily", AT),
    "save_listed": lambda s: s.save_listed(listed(Paper(title="T")), watermarks={}, at=AT),
    "candidates": lambda s: list(s.candidates()),
    "candidates_since": lambda s: list(s.candidates_since(AT)),
    "first_seen": lambda s: list(s.first_seen()),
    "n_candidates": lambda s: s.n_candidates(),
    "states_since": lambda s: s.states_since("me"),
    "suggestions": lambda s: list(s.suggestions("me")),
    "add_suggestions": lambda s: s.add_suggestions(
        "me", [suggestion("a")], publishers=["atom"], at=AT
    ),
    "pending": lambda s: s.pending("me", "atom"),
    "record_receipts": lambda s: s.record_receipts("atom", [Receipt("a")], at=AT),
    "shown": lambda s: s.shown("me"),
    "shown_of": lambda s: s.shown_of(["a"]),
    "one_shown": lambda s: s.one_shown("a"),
    "last_shown": lambda s: s.last_shown("me"),
    "search": lambda s: s.search("me", "words", n=1),
    "record_learnt": lambda s: s.record_learnt({"a": State.KEPT}, seen="a", retire="a", at=AT),
    "forget_seen": lambda s: s.forget_seen(),
    "hand_over": lambda s: s.hand_over("me", publishers=["atom"], at=AT),
    "to_retire": lambda s: s.to_retire("me", "atom"),
    "record_retired": lambda s: s.record_retired("atom", [Receipt("a")], at=AT),
    "record_verdict": lambda s: s.record_verdict("a", Verdict.GOOD, at=AT),
    "copy": lambda s: s.copy().close(),
    "memory": lambda s: s.memory("zotero").get("shelf"),
    "memory, counted": lambda s: len(s.memory("zotero")),
    "memory, gone through": lambda s: list(s.memory("zotero")),
    "saved in memory": lambda s: s.memory("zotero").update(shelf="K"),
    "saved in memory, and deleted": lambda s: forget(s, "other"),
    "counts": lambda s: s.counts(1, [b"x"]),
    "save_counts": lambda s: s.save_counts(1, {b"x": b"y"}, at=AT, used=[b"z"]),
    "prune_counts": lambda s: s.prune_counts(AT),
    "meanings": lambda s: s.meanings("e", [b"x"]),
    "save_meanings": lambda s: s.save_meanings("e", {b"x": b"y"}, at=AT, used=[b"z"]),
    "saved_model": lambda s: s.saved_model("me"),
    "save_model": lambda s: s.save_model("me", SavedModel(1, "f", AT, b"x")),
    "tuned_weights": lambda s: s.tuned_weights("me"),
    "save_tuned_weights": lambda s: s.save_tuned_weights("me", {"terms": 1.0}, at=AT),
    "forget_tuned_weights": lambda s: s.forget_tuned_weights("me"),
    "save_scores": lambda s: s.save_scores("me", "f", [(1, 0.5, 0)]),
    "candidates_to_score": lambda s: list(s.candidates_to_score("me", "f")),
    "scores": lambda s: s.scores("me", "f", 0.5),
    "candidates_of": lambda s: s.candidates_of([1]),
    "count_scored": lambda s: s.count_scored("me", "f", 0.5),
    "answered_since": lambda s: s.answered_since("me", AT),
    "begin_edition": lambda s: s.begin_edition("mail", EDITION),
    "begun_editions": lambda s: s.begun_editions("me", "mail"),
    "record_sent": lambda s: s.record_sent("me", "mail", "me/1"),
    "withdraw_edition": lambda s: s.withdraw_edition("me", "mail", "me/1"),
    "last_edition": lambda s: s.last_edition("me", "mail"),
    "given": lambda s: s.given("me"),
    "last_given": lambda s: s.last_given("me"),
    "said_of_papers": lambda s: s.said_of_papers(),
    "edition_ids": lambda s: s.edition_ids("me", "mail"),
    "told": lambda s: s.told("me", "mail"),
    "summary": lambda s: s.summary("model", "", "x"),
    "keep_summary": lambda s: s.keep_summary("model", "", "x", "So.", at=AT),
    "pins": lambda s: s.pins("me"),
    "pin": lambda s: s.pin("me", Pinned("Bees", ("A",)), at=AT),
    "unpin": lambda s: s.unpin("me", "Bees"),
    "model_mark": lambda s: s.model_mark("me"),
    "record_cycle": lambda s: s.record_cycle("me", AT, AT, {}),
    "tidy": lambda s: s.tidy(AT, runs=timedelta(1), listed=timedelta(1)),
    "forget_suggestions": lambda s: s.forget_suggestions(["a"], at=AT),
    "forget_reader": lambda s: s.forget_reader("me", at=AT),
    "check": lambda s: s.check(),
    "standing": lambda s: s.standing(),
    "lasting": lambda s: s.lasting(),
    "take_over": lambda s: s.take_over({}),
    "last_cycles": lambda s: s.last_cycles("me", 1),
}
_WRITES = (
    "begin_",
    "withdraw",
    "keep_",
    "unpin",
    "save_",
    "saved in",
    "add",
    "record",
    "forget",
    "hand",
    "prune",
    "tidy",
    "take",
)
WRITING = {name for name in CALLS if name.startswith(_WRITES)} | {"pin"}


def test_every_public_method_is_tried_below() -> None:
    public = {n for n, _ in inspect.getmembers(Store, callable) if not n.startswith("_")}

    assert public - {"open", "close", "save_copy"} == {name for name in CALLS if " " not in name}


@pytest.mark.parametrize("name", CALLS)
def test_a_locked_file_is_one_clear_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    Store.open(path).close()
    # Readers never wait for a writer in this journal mode, so it is put back to the one where
    # they do.
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    with Store.open(path, patience=timedelta(milliseconds=1)) as store:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another run; wait") as caught:
            CALLS[name](store)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

        other.execute("ROLLBACK")
        CALLS[name](store)
    other.close()


@pytest.mark.parametrize("name", CALLS)
def test_readers_do_not_wait_for_a_writer(name: str, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path, patience=timedelta(milliseconds=1)) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        if name in WRITING:
            with pytest.raises(StoreError, match="in use"):
                CALLS[name](store)
        else:
            CALLS[name](store)
        other.close()


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    writer = """
        import sqlite3, sys, time
        other = sqlite3.connect(sys.argv[1], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        print("locked", flush=True)
        time.sleep(0.3)
        other.execute("COMMIT")
    """
    with Store.open(path) as store:
        command = [sys.executable, "-c", textwrap.dedent(writer), str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603 - our own
            assert other.stdout
            assert other.stdout.readline() == "locked\n"
            began = time.monotonic()
            store.save_entries("mine", at_version("1", item("A")), version="1")
            assert time.monotonic() - began > 0.1
    assert other.returncode == 0


@pytest.mark.parametrize("table", ["entries", "collections", "suggestions", "papers", "cycles"])
def test_a_row_that_nobody_can_read_is_one_clear_line(table: str, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        folder = [Collection("C", "Folder")]
        store.save_entries("mine", at_version("1", item("A")), collections=folder, version="1")
        store.save_listed(listed(Paper(title="T")), watermarks={}, at=AT)
        store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
        store.record_cycle("me", AT, AT, {})
        raw = sqlite3.connect(path)
        with raw:
            column = "record" if table == "cycles" else "payload"
            raw.execute(f"UPDATE {table} SET {column} = '{{'")  # noqa: S608 - names from above
        raw.close()
        reading = {
            "entries": "library",
            "collections": "library",
            "papers": "candidates",
            "cycles": "last_cycles",
        }
        with pytest.raises(StoreError, match="is damaged; the next run"):
            CALLS[reading.get(table, table)](store)
        if table == "suggestions":
            with pytest.raises(StoreError, match="is damaged; the next run"):
                store.shown("me")


def test_a_store_from_a_program_that_knew_more_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        before = listed(Paper(title="A title", authors=(Author("Family"),)))
        store.save_entries("mine", at_version("1", item("A", Tag("t"))), version="1")
        store.save_listed(before, watermarks={}, at=AT)
        store.add_suggestions("me", [suggestion("a")], publishers=["atom"], at=AT)
        raw = sqlite3.connect(path)
        with raw:
            for table in ("entries", "papers", "suggestions"):
                newer = "json_set(payload, '$.new', json('[1]'), '$.paper.new', 'x')"
                raw.execute(f"UPDATE {table} SET payload = {newer}")  # noqa: S608 - names from above
        raw.close()

        assert store.library("mine").items == (item("A", Tag("t")),)
        assert tuple(store.candidates()) == before
        assert [s for s, _ in store.suggestions("me")] == [suggestion("a")]


# A process that is killed at its n-th statement, or while entries are being fetched.
KILLED = """
    import os, sys
    from pathlib import Path
    from recommender.library import Collection, Item
    from recommender.papers import Paper
    from recommender.store import Store

    path, statement, entry = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    store = Store.open(path)
    left = [statement]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)

    def entries():
        for n in range(20):
            if n == entry:
                os._exit(9)
            yield Item(key=f"K{n}", paper=Paper(title=f"New {n}")), "2"

    store._database._connection.set_trace_callback(count)
    store.save_entries(
        "mine", entries(), drop=["OLD"], collections=[Collection("C", "New")], version="2"
    )
"""


def run_and_kill(path: Path, *, statement: int, entry: int) -> int:
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(path), str(statement), str(entry)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own


# The 26th statement is the commit.
@pytest.mark.parametrize(("statement", "entry"), [(-1, 7), (2, -1), (9, -1), (25, -1), (26, -1)])
def test_a_killed_run_leaves_all_or_nothing(statement: int, entry: int, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    before = Library(items=(item("OLD"),), collections=(Collection("C", "Old"),))
    with Store.open(path) as store:
        store.save_entries(
            "mine", at_version("1", *before.items), collections=before.collections, version="1"
        )

    assert run_and_kill(path, statement=statement, entry=entry) == 9

    with Store.open(path) as store:
        assert store.library_version("mine") == "1"
        assert store.library("mine") == before
        assert store.known_entries("mine") == {"OLD": "1"}


def test_the_same_run_unharmed_leaves_everything(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    assert run_and_kill(path, statement=27, entry=-1) == 0

    with Store.open(path) as store:
        assert store.library_version("mine") == "2"
        assert len(store.library("mine").items) == len(store.known_entries("mine")) == 20


LEARNING = """
    import os, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from recommender.store import Store
    from recommender.suggestions import State

    left = int(sys.argv[2])

    def count(_: str) -> None:
        global left
        left -= 1
        if left == 0:
            os._exit(9)

    store = Store.open(Path(sys.argv[1]))
    store._database._connection.set_trace_callback(count)
    store.record_learnt(
        {"a": State.EXPIRED, "b": State.KEPT}, seen="ab", retire="a", at=datetime.now(UTC)
    )
"""


# Two states, two sightings and one to take away, between the beginning and the end.
@pytest.mark.parametrize("statement", range(1, 9))
def test_what_is_learnt_is_written_as_a_whole_or_not_at_all(statement: int, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        chosen = [suggestion("a"), suggestion("b")]
        store.add_suggestions("me", chosen, publishers=["zotero"], at=AT)
        store.record_receipts("zotero", [Receipt("a", place="K"), Receipt("b")], at=AT)
        before = store.shown("me")
    command = [sys.executable, "-c", textwrap.dedent(LEARNING), str(path), str(statement)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own

    with Store.open(path) as store:
        if statement == 8:
            assert ended == 0
            assert [one.state for one in store.shown("me")] == [State.EXPIRED, State.KEPT]
            assert store.to_retire("me", "zotero") == (Receipt("a", place="K"),)
        else:
            assert ended == 9
            assert store.shown("me") == before
            assert store.to_retire("me", "zotero") == ()
