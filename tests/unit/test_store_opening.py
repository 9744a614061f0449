import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommender.errors import StoreError
from recommender.library import Collection, Item, Library, OtherKind
from recommender.papers import Paper
from recommender.store import Store, database
from recommender.store.database import Database
from recommender.store.schema import APPLICATION_ID, MIGRATIONS, NEWEST
from recommender.suggestions import Reason, ReasonKind, Receipt, State

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
NOT_ROOT = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="an administrator may write everywhere"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def save_one(store: Store) -> None:
    store.save_entries("mine", [(Item(key="A", paper=Paper(title="T")), "1")], version="1")


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(path, patience=timedelta(milliseconds=1))
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    assert "; " in text, "it says what to do"
    return text


def test_what_was_saved_is_there_when_it_is_opened_again(path: Path) -> None:
    with Store.open(path) as store:
        save_one(store)
    with Store.open(path) as store:
        assert store.known_entries("mine") == {"A": "1"}


def test_a_new_file_is_marked_as_ours_and_keeps_a_log(path: Path, raw: sqlite3.Connection) -> None:
    Store.open(path).close()

    assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert raw.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@POSIX
def test_only_its_owner_may_read_it(path: Path) -> None:
    with Store.open(path) as store:
        save_one(store)
        files = sorted(path.parent.iterdir())
        assert [f.name for f in files] == ["store.sqlite", "store.sqlite-shm", "store.sqlite-wal"]
        assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}


@POSIX
def test_an_existing_files_permissions_are_its_owners_choice(path: Path) -> None:
    Store.open(path).close()
    path.chmod(0o640)
    Store.open(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_folders_around_it_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "store.sqlite"
    Store.open(path).close()

    assert path.is_file()


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    with Store.open(path) as store:
        save_one(store)
    with Store.open(path) as again:
        assert again.known_entries("mine") == {"A": "1"}


def test_closing_twice_does_nothing(path: Path) -> None:
    store = Store.open(path)
    save_one(store)
    store.close()
    store.close()
    with Store.open(path) as again:
        assert again.known_entries("mine") == {"A": "1"}


def test_stores_in_memory_share_nothing() -> None:
    with Store.open(None) as one, Store.open(None) as other:
        save_one(one)
        assert other.known_entries("mine") == {}


def test_a_file_of_a_newer_version_is_refused_and_left_alone(
    path: Path, raw: sqlite3.Connection
) -> None:
    Store.open(path).close()
    raw.execute(f"PRAGMA user_version = {NEWEST + 1}")

    assert "newer version of this program; update" in refusal(path)
    assert raw.execute("PRAGMA user_version").fetchone() == (NEWEST + 1,)


def test_another_programs_file_is_refused_and_left_alone(
    path: Path, raw: sqlite3.Connection
) -> None:
    raw.execute("CREATE TABLE items (x)")
    before = path.read_bytes()

    assert "another program's; name another file" in refusal(path)
    assert path.read_bytes() == before


def test_another_programs_mark_is_enough(path: Path, raw: sqlite3.Connection) -> None:
    raw.execute("PRAGMA application_id = 7")

    assert "another program's" in refusal(path)


@pytest.mark.parametrize("content", [b"x", b"@article{a}\n" * 3, b"@article{a}\n" * 500])
def test_a_file_that_is_no_sqlite_file_is_refused_and_left_alone(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)

    assert "is no SQLite file; move it away or name another" in refusal(path)
    assert path.read_bytes() == content


@pytest.fixture
def filled(path: Path) -> Path:
    with Store.open(path) as store:
        store.save_entries(
            "mine",
            ((Item(key=f"K{n}", paper=Paper(title="T" * 500)), "1") for n in range(200)),
            version="1",
        )
    return path


@pytest.mark.parametrize("kept", [600, 4096, 20_000, 100_000])
def test_a_truncated_file_is_refused(filled: Path, kept: int) -> None:
    filled.write_bytes(filled.read_bytes()[:kept])

    assert "is damaged; the next run sets it aside" in refusal(filled)


@pytest.mark.parametrize("page", [0, 1, 3, 20])
def test_a_file_with_a_page_of_garbage_is_refused(filled: Path, page: int) -> None:
    content = bytearray(filled.read_bytes())
    # The first hundred bytes say that it is an SQLite file at all.
    start = page * 4096 or 100
    content[start : start + 2000] = os.urandom(2000)
    filled.write_bytes(content)

    assert "is damaged; the next run sets it aside" in refusal(filled)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened; check" in refusal(tmp_path)


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "cannot be made" in refusal(tmp_path / "file" / "store.sqlite")


@NOT_ROOT
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert "cannot be made" in refusal(tmp_path / "store.sqlite")


def test_a_locked_file_is_refused(path: Path, raw: sqlite3.Connection) -> None:
    Store.open(path).close()
    raw.execute("PRAGMA locking_mode = EXCLUSIVE")
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("DELETE FROM cycles")

    assert "in use by another run; wait" in refusal(path)


def test_a_mistake_of_ours_is_not_called_the_files_fault(path: Path) -> None:
    with (
        Store.open(path) as store,
        store._database.writing() as connection,
        pytest.raises(sqlite3.OperationalError, match="syntax"),
    ):
        connection.execute("SELEKT")


def test_a_transaction_that_is_interrupted_leaves_the_store_usable(path: Path) -> None:
    def interrupted(database: Database) -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO cursors VALUES ('library', 'mine', '9')")
            raise KeyboardInterrupt

    with Store.open(path) as store:
        with pytest.raises(KeyboardInterrupt):
            interrupted(store._database)
        assert store.library_version("mine") is None
        save_one(store)


def test_a_writer_has_the_file_before_it_reads(path: Path) -> None:
    with (
        Store.open(path) as store,
        Store.open(path, patience=timedelta(0)) as other,
        store._database.writing(),
        pytest.raises(StoreError, match="in use"),
    ):
        save_one(other)


def test_a_file_of_the_first_form_keeps_what_was_listed(
    path: Path, raw: sqlite3.Connection
) -> None:
    raw.executescript(MIGRATIONS[1])
    raw.execute('INSERT INTO papers VALUES (7, \'{"title":"Bees","kind":"other"}\', ?)', ("x",))
    raw.execute("INSERT INTO names VALUES ('text:1', 7)")
    raw.execute("INSERT INTO listed VALUES (7, 's', 'monday', 3, NULL)")
    raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    raw.execute("PRAGMA user_version = 1")
    raw.commit()

    with Store.open(path) as store:
        (found,) = store.candidates()
        assert store.candidates_named(["text:1"]) == (found,)
    assert (found.paper, found.versions) == (Paper(title="Bees"), (Paper(title="Bees"),))
    assert [place.position for place in found.provenance] == [3]


SECOND_FORM = """
INSERT INTO entries VALUES (1, 'mine', 'A', '3', 'item', '{"paper":{"title":"T","kind":"other"}}');
INSERT INTO entries VALUES (2, 'mine', 'N', '3', 'other', '{"kind":"note"}');
INSERT INTO collections
    VALUES ('mine', 0, '{"key":"C","name":"Bees","parent":null,"trashed":true}');
INSERT INTO cursors VALUES ('library', 'mine', '3');
INSERT INTO suggestions VALUES ('a', 'me', json_object(
    'paper', json('{"title":"Bees","kind":"other"}'), 'score', 0.5,
    'reasons', json('[["terms","of bees",0.5]]'), 'source', 's', 'interest', '', 'exploring', 0
), 1, '2024-05-06T00:00:00.000000+00:00', 'pending', 'x');
INSERT INTO outbox VALUES ('a', 'atom', 'delivered', 3, '', '2024-05-07T00:00:00.000000+00:00');
INSERT INTO outbox VALUES ('a', 'html', 'failed', 2, 'no space left', 'y');
INSERT INTO outbox VALUES ('a', 'bib', 'pending', 0, '', 'z');
INSERT INTO cycles VALUES ('me', '2024-05-06T00:00:00+00:00', '2024-05-06T00:00:00+00:00', '{}');
"""


def test_a_file_of_the_second_form_keeps_everything(path: Path, raw: sqlite3.Connection) -> None:
    raw.executescript(MIGRATIONS[1] + MIGRATIONS[2] + SECOND_FORM)
    raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    raw.execute("PRAGMA user_version = 2")

    with Store.open(path) as store:
        assert store.library("mine") == Library(
            items=(Item(key="A", paper=Paper(title="T")),),
            others=(OtherKind("N", "note"),),
            collections=(Collection("C", "Bees", trashed=True),),
        )
        assert store.library_version("mine") == "3"
        assert len(store.last_cycles("me", 9)) == 1
        (one,) = store.shown("me")
        assert one.suggestion.reasons == (Reason(ReasonKind.TERMS, "of bees", 0.5),)
        assert (one.state, one.delivered_at) == (State.PENDING, datetime(2024, 5, 7, tzinfo=UTC))
        assert (one.seen, one.verdict, one.places) == (False, None, frozenset())
        assert store.pending("me", "atom") == ()
        assert store.pending("me", "html") == store.pending("me", "bib") == (one.suggestion,)
        later = datetime(2024, 6, 1, tzinfo=UTC)
        store.record_learnt({"a": State.EXPIRED}, retire="a", at=later)
        assert store.to_retire("me", "atom") == (Receipt("a"),)
        assert store.to_retire("me", "html") == ()
    told = "SELECT publisher, state, attempts, last_failure, place, memo FROM outbox"
    assert raw.execute(told).fetchall() == [
        ("atom", "retiring", 3, "", "", ""),
        ("bib", "pending", 0, "", "", ""),
        ("html", "failed", 2, "no space left", "", ""),
    ]


SECOND = "CREATE TABLE added (x);\nINSERT INTO added VALUES (1);\n"


def test_an_older_file_is_brought_to_the_newest_form(
    path: Path, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path) as store:
        save_one(store)
    monkeypatch.setitem(MIGRATIONS, NEWEST + 1, SECOND)
    monkeypatch.setattr(database, "NEWEST", NEWEST + 1)
    for _ in range(2):
        with Store.open(path) as store:
            assert store.known_entries("mine") == {"A": "1"}

    assert raw.execute("SELECT x FROM added").fetchall() == [(1,)]
    assert raw.execute("PRAGMA user_version").fetchone() == (NEWEST + 1,)


@pytest.mark.parametrize(
    "script",
    [
        f"{SECOND} DROP TABLE nowhere;\n",
        # It leaves a row whose paper is not there.
        f"{SECOND} REPLACE INTO names (name, paper_id) VALUES ('x', 99);\n",  # noqa: S608 - a script of ours
    ],
)
def test_a_migration_that_fails_changes_nothing(
    path: Path, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    Store.open(path).close()
    monkeypatch.setitem(MIGRATIONS, NEWEST + 1, script)
    monkeypatch.setattr(database, "NEWEST", NEWEST + 1)

    with pytest.raises((StoreError, sqlite3.OperationalError)):
        Store.open(path)
    assert raw.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert raw.execute("SELECT * FROM sqlite_master WHERE name = 'added'").fetchall() == []


def test_processes_that_make_the_store_at_once_all_find_it_made(path: Path) -> None:
    opening = """
        import sys
        from pathlib import Path
        from recommender.library import Collection, Item, Library, OtherKind
        from recommender.papers import Paper
        from recommender.store import Store

        print("ready", flush=True)
        sys.stdin.readline()
        key = sys.argv[2]
        with Store.open(Path(sys.argv[1])) as store:
            store.save_entries(key, [(Item(key=key, paper=Paper(title="T")), "1")], version="1")
    """
    others = [
        subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-c", textwrap.dedent(opening), str(path), str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for n in range(4)
    ]
    for other in others:
        assert other.stdout
        assert other.stdout.readline() == "ready\n"
    # All are let go before any is waited for.
    for other in others:
        assert other.stdin
        other.stdin.write("\n")
        other.stdin.flush()
    for other in others:
        assert other.communicate()[1] == ""
    with Store.open(path) as store:
        assert [store.library_version(str(n)) for n in range(4)] == ["1"] * 4
