"""``shelfwise run`` where the library is a .bib: the shelf is a group in it, or a file beside."""

from typing import Any

import pytest

from recommender.config import DEFAULT
from tests.system import invented
from tests.system.own import Own, Run, answer
from tests.unit.bib_files import delete, edit, raw

FEW = "[selection]\nlimit = 3"
IN_FILE = '[shelf]\nvia = "file"'


def suggested(own: Own) -> list[Any]:
    with own.store() as store:
        return [one.suggestion for one in store.shown(DEFAULT)]


def test_suggestions_reach_the_readers_file_and_come_back_as_learnt(run: Run, own: Own) -> None:
    before = raw(own.library)
    found = run("run", "--config", own.settle(FEW, IN_FILE))
    assert found.returncode == 0, found.stderr
    assert "Delivered: 3 suggestions." in found.stderr
    assert raw(own.library).startswith(before.rstrip())
    thrown, filed, left = suggested(own)
    delete(own.library, thrown)
    edit(own.library, filed, "{Shelfwise}", "{Shelfwise, Thesis}")
    found = run("run", "--config", own.file)
    assert found.returncode == 0, found.stderr
    assert "Learnt of earlier suggestions: 1 kept, 1 dismissed." in found.stderr
    states = own.states()
    assert (states[thrown.paper.title], states[filed.paper.title]) == ("dismissed", "kept")
    assert states[left.paper.title] == "delivered"
    # What was thrown away is not there again, and what is there is there once.
    assert raw(own.library).count(thrown.paper.title) == 0
    assert {raw(own.library).count(one.paper.title) for one in suggested(own)} == {0, 1}
    # When all is over, only what the reader took stays.
    found = run("uninstall", "--shelf", "--yes", "--config", own.file)
    assert found.returncode == 0, found.stderr
    assert raw(own.library).count("shelfwise = {") == 1
    assert raw(own.library).startswith(before.rstrip())


def test_what_was_delivered_before_its_receipt_was_lost_is_there_once(
    run: Run, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.settle(FEW, IN_FILE)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("recommender.store.Store.record_receipts", killed)
        assert run("run", "--config", own.file).returncode != 0
    there = raw(own.library)
    assert there.count("shelfwise = {") == 3
    assert set(own.states().values()) == {"pending"}
    assert run("run", "--config", own.file).returncode == 0
    assert raw(own.library) == there
    assert list(own.states().values()) == ["delivered"] * 3


def test_in_a_folder_the_shelf_is_a_file_and_what_is_moved_out_of_it_is_kept(
    run: Run, own: Own
) -> None:
    papers = own.folder / "papers"
    papers.mkdir()
    mine = invented.library(papers / "mine.bib")
    own.settle(FEW, IN_FILE, library='kind = "file"\nplace = "papers"')
    before = mine.read_bytes()
    assert run("run", "--config", own.file).returncode == 0
    assert mine.read_bytes() == before
    shelf = papers / "Shelfwise.bib"
    moved, thrown, _ = suggested(own)
    entry = delete(shelf, moved)
    mine.write_bytes(f"{raw(mine)}\n{entry}\n".encode())
    delete(shelf, thrown)
    found = run("run", "--config", own.file)
    assert "Learnt of earlier suggestions: 1 kept, 1 dismissed." in found.stderr
    assert own.states()[moved.paper.title] == "kept"


def test_unless_asked_nothing_is_written_into_the_readers_file(run: Run, own: Own) -> None:
    before = raw(own.library), own.library.stat().st_mtime_ns
    for shelf in ("", '[shelf]\nvia = "none"'):
        assert run("run", "--config", own.settle(FEW, shelf)).returncode == 0
    assert answer(run("run", "--dry-run", "--json", "--config", own.settle(FEW, IN_FILE)))
    assert run("doctor", "--config", own.file).returncode == 0
    assert (raw(own.library), own.library.stat().st_mtime_ns) == before


def test_doctor_says_where_suggestions_go_and_why_they_cannot(run: Run, own: Own) -> None:
    own.settle(IN_FILE)
    assert "suggestions go into its group Shelfwise" in run("doctor", "--config", own.file).stdout
    own.library.write_bytes(raw(own.library).replace("Bo ", "Bö ").encode("latin-1"))
    found = run("doctor", "--config", own.file)
    assert found.returncode == 1
    assert "is not in UTF-8" in found.stdout
    assert "what to do: save it so, or set shelf.via" in found.stdout


@pytest.mark.parametrize(
    ("library", "shelf", "told"),
    [
        ("", 'collection = "a, b"', "shelf.collection: 'a, b' can be no group in a file"),
        ("", "per_interest = true", "shelf.per_interest: a file has one group for all"),
        ('kind = "file"\nplace = "*.bib"', "", 'shelf.via: "file" wants a file or a folder'),
        ('kind = "zotero"', "", 'shelf.via: "file" is for a library that is a file'),
    ],
)
def test_a_shelf_that_there_cannot_be_is_told(
    run: Run, own: Own, library: str, shelf: str, told: str
) -> None:
    own.settle(f"{IN_FILE}\n{shelf}", library=library)
    found = run("run", "--config", own.file)
    assert found.returncode == 2
    assert told in invented.sentence(found.stderr)
