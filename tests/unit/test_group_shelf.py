"""The shelf as a group in a reader's own BibTeX file: what it writes, and what never."""

import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.files import bibtex
from integrations.files.group_shelf import GroupShelf
from integrations.files.library import FileLibrary
from recommender.errors import IntegrationError, PermanentError, StaleLibrary, TransientError
from recommender.library import Item
from recommender.papers import Author, Paper
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.bib_files import (
    BIBDESK,
    JABREF,
    KINDS,
    PLAIN,
    delete,
    edit,
    entry_of,
    opened,
    raw,
    shelf_in,
)

ONE, TWO = suggestion_on(1), suggestion_on(2)
KEY, OTHER_KEY = (f"ode2024waggle-{one.suggestion_id[:6]}" for one in (ONE, TWO))
GONE = [Receipt(ONE.suggestion_id), Receipt(TWO.suggestion_id)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.bib"


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def ours(path: Path) -> dict[str, Item]:
    """The entries of ours by their marks, as the library reads them."""
    library = FileLibrary(str(path))
    found = library.fetch(library.changes(None).entries)
    return {one.mark: one for one in found if isinstance(one, Item) and one.mark}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("tail", ["", "\n", "\n\n \n", " ", "\t\n", "\x85", "\u2028"])
def test_what_is_put_in_and_taken_out_again_leaves_no_trace(
    path: Path, kind: str, end: str, tail: str
) -> None:
    before = (KINDS[kind].rstrip() + tail).replace("\n", end)
    shelf_in(written(path, before)).publish([ONE, TWO])
    assert raw(path).endswith(tail.replace("\n", end))
    assert raw(path).count(end) == raw(path).count("\r" if "\r" in end else "\n")
    assert ours(path).keys() == {ONE.suggestion_id, TWO.suggestion_id}
    assert list(shelf_in(path).retire(GONE)) == GONE
    assert raw(path) == before


@pytest.mark.parametrize("kind", KINDS)
def test_each_program_finds_the_group_where_it_looks_for_it(path: Path, kind: str) -> None:
    shelf_in(written(path, KINDS[kind])).publish([ONE, TWO])
    found = bibtex.read(path.read_bytes())
    names = {c.key: c.name for c in found.collections if c.ours}
    assert list(names.values()) == ["Shelfwise"]
    assert [one.collections for one in ours(path).values()] == [tuple(names)] * 2
    # BibDesk looks at no field of the entries, JabRef at nothing else.
    assert ("groups = {Shelfwise}" in entry_of(raw(path), ONE)) is (kind != "BibDesk")
    assert ("1 StaticGroup:Shelfwise\\;0\\;1\\;" in raw(path)) is (kind == "JabRef")
    listed = f"<string>{KEY},{OTHER_KEY}</string>"
    assert (listed in raw(path)) is (kind == "BibDesk")


def test_the_readers_lines_stay_in_their_places(path: Path) -> None:
    shelf_in(written(path, JABREF)).publish([ONE])
    theirs = JABREF.rstrip().removesuffix("}")
    assert raw(path).startswith(theirs)
    added = raw(path).removeprefix(theirs)
    assert added.startswith("1 StaticGroup:Shelfwise\\;0\\;1\\;")
    assert added.partition("\n")[2].startswith(f"}}\n\n@article{{{KEY},\n")


@pytest.mark.parametrize(
    ("text", "group"),
    [
        (JABREF.replace("Methods", "Shelfwise"), "2 StaticGroup:Shelfwise"),
        (BIBDESK.replace("To read", "Shelfwise"), "<string>Shelfwise</string>"),
    ],
)
def test_a_group_that_the_reader_made_is_used_and_stays(path: Path, text: str, group: str) -> None:
    shelf_in(written(path, text)).publish([ONE])
    assert raw(path).count(group) == 1
    shelf_in(path).retire(GONE)
    assert raw(path) == text


def test_a_group_in_which_bibdesk_put_something_of_the_readers_stays(path: Path) -> None:
    shelf_in(written(path, BIBDESK)).publish([ONE])
    shelf_in(written(path, raw(path).replace(f">{KEY}<", f">{KEY},frisch1967<"))).retire(GONE)
    assert "<string>frisch1967</string>" in raw(path)


def test_a_group_in_which_the_reader_put_something_stays(path: Path) -> None:
    shelf_in(written(path, JABREF)).publish([ONE])
    text = raw(path).replace("groups = {Thesis}", "groups = {Thesis, Shelfwise}")
    shelf_in(written(path, text)).retire(GONE)
    assert ONE.suggestion_id not in raw(path)
    assert "1 StaticGroup:Shelfwise" in raw(path)


def test_a_list_of_groups_that_is_broken_is_left_alone(path: Path) -> None:
    text = BIBDESK.replace("</plist>", "")
    shelf_in(written(path, text)).publish([ONE])
    assert "groups = {Shelfwise}" in entry_of(raw(path), ONE)
    shelf_in(path).retire(GONE)
    assert raw(path) == text


def test_a_tree_without_groups_and_one_on_a_single_line_get_ours(path: Path) -> None:
    for text in (
        f"{PLAIN}@Comment{{jabref-meta: grouping:\n0 AllEntriesGroup:;\n}}\n",
        f"{PLAIN}@Comment{{jabref-meta: grouping: 0 AllEntriesGroup:;}}\n",
    ):
        shelf_in(written(path, text)).publish([ONE])
        assert "1 StaticGroup:Shelfwise" in raw(path)
        assert "Shelfwise" in {c.name for c in bibtex.read(path.read_bytes()).collections}
        shelf_in(path).retire(GONE)
        assert raw(path) == text


def test_a_group_that_was_taken_away_or_renamed_is_not_made_again(path: Path) -> None:
    shelf_in(written(path, JABREF)).publish([ONE])
    text = raw(path).replace("{Shelfwise},", "{New papers},")
    written(path, text.replace("Group:Shelfwise", "Group:New papers"))
    before = raw(path)
    for act in (lambda: shelf_in(path).publish([TWO]), shelf_in(path).check):
        with pytest.raises(PermanentError) as caught:
            act()
        assert "the group Shelfwise is gone; make it again, or set" in str(caught.value)
    assert raw(path) == before
    # Under its new name it is the same shelf.
    assert not shelf_in(path, "New papers").publish([TWO])[0].failure
    assert raw(path).count("StaticGroup:New papers") == 1
    found = bibtex.read(path.read_bytes())
    assert [c.name for c in found.collections if c.ours] == ["New papers"]


def test_groups_that_fill_themselves_are_no_choice_of_the_readers(path: Path) -> None:
    # One of the reader's groups holds whatever Ode wrote.
    shelf_in(written(path, JABREF)).publish([ONE])
    assert ours(path)[ONE.suggestion_id].collections == ("Shelfwise",)
    assert list(shelf_in(path).retire(GONE[:1])) == GONE[:1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Waggle dances", "Wagging dances"),
        ("groups = {Shelfwise}", "groups = {Shelfwise, Thesis}"),
        ("  day = {5},\n", ""),
        ("},\n", "},\n  % a remark of mine\n"),
        ("  title", "\ttitle"),
        ("@article", "@misc"),
    ],
)
def test_whatever_was_changed_stays(path: Path, old: str, new: str) -> None:
    shelf_in(written(path, PLAIN)).publish([ONE])
    edit(path, ONE, old, new)
    before = raw(path)
    assert [r.touched for r in shelf_in(path).retire(GONE[:1])] == [True]
    assert raw(path) == before


def test_what_was_filed_by_bibdesk_stays(path: Path) -> None:
    shelf_in(written(path, BIBDESK)).publish([ONE, TWO])
    text = raw(path).replace("lindauer1961,frisch1967<", f"lindauer1961,frisch1967,{KEY}<")
    written(path, text)
    assert [r.touched for r in shelf_in(path).retire(GONE)] == [True, False]
    assert f"<string>{KEY}</string>" in raw(path)


def test_what_was_copied_stays(path: Path) -> None:
    shelf_in(written(path, PLAIN)).publish([ONE])
    written(path, f"{raw(path)}\n{entry_of(raw(path), ONE)}\n")
    before = raw(path)
    assert [r.touched for r in shelf_in(path).retire(GONE[:1])] == [True]
    assert raw(path) == before


def test_moving_an_entry_in_the_file_or_ending_lines_otherwise_is_no_change(path: Path) -> None:
    shelf_in(written(path, PLAIN)).publish([ONE, TWO])
    entry = delete(path, ONE)
    written(path, f"{entry}\n\n{raw(path)}".replace("\n", "\r\n"))
    assert list(shelf_in(path).retire(GONE)) == GONE
    assert raw(path).strip().replace("\r\n", "\n") == PLAIN.strip()


def test_cite_keys_of_the_readers_are_taken(path: Path) -> None:
    shelf_in(written(path, f"{PLAIN}@misc{{{KEY.upper()}, title = {{x}}}}\n")).publish([ONE])
    [item] = ours(path).values()
    assert item.key == f"ode2024waggle-{ONE.suggestion_id}-1"


def test_the_file_keeps_its_mode_its_link_and_its_mark_of_utf_8(tmp_path: Path) -> None:
    path = written(tmp_path / "real.bib", f"\ufeff{PLAIN}")
    path.chmod(0o640)
    link = tmp_path / "link.bib"
    link.symlink_to(path)
    shelf_in(link).publish([replace(ONE, paper=replace(ONE.paper, title="Ünïcode 漢字 🐝"))])
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_bytes().startswith(b"\xef\xbb\xbf% My")
    assert ours(path)[ONE.suggestion_id].paper.title == "Ünïcode 漢字 🐝"
    shelf_in(link).retire(GONE)
    assert raw(path) == f"\ufeff{PLAIN}"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PLAIN.replace("von", "vön").encode("latin-1"), "is not in UTF-8"),
        (PLAIN.encode("utf-16"), "is not in UTF-8"),
        (f"% Encoding: windows-1252\n{PLAIN}".encode(), "is not in UTF-8"),
        (
            f"%% Saved with string encoding Western (ISO Latin 1) \n{PLAIN}".encode(),
            "is not in UTF-8",
        ),
        (b"TY  - JOUR\nTI  - On hives\nER  - \n", "is no BibTeX file"),
        (b"", "is no BibTeX file"),
        (f"{PLAIN}@article{{x, title = {{A, author = {{B}}".encode(), "is never closed"),
        (f"{PLAIN}@article{{x, title = {{A}}\n".encode(), "is never closed"),
        (f'{PLAIN}@article{{x, title = "A}}'.encode(), "is never closed"),
        (JABREF.rstrip().removesuffix("}").encode(), "is never closed"),
    ],
)
def test_what_cannot_be_written_without_harm_is_refused(path: Path, data: bytes, told: str) -> None:
    path.write_bytes(data)
    with pytest.raises(PermanentError) as caught:
        shelf_in(path).publish([ONE])
    assert f"{path}: " in str(caught.value)
    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert path.read_bytes() == data


def test_a_library_that_changed_since_it_was_read_is_read_again_first(path: Path) -> None:
    library = FileLibrary(str(written(path, PLAIN)))
    shelf = GroupShelf(path, group="Shelfwise", tag="shelfwise", is_current=library.is_current)
    library.changes(None)
    with path.open("a", encoding="utf-8") as file:
        file.write("@article{new, title = {Just saved}, author = {Me}}\n")
    before = raw(path)
    with pytest.raises(StaleLibrary):
        shelf.publish([ONE])
    assert raw(path) == before
    library.changes(None)
    assert not shelf.publish([ONE])[0].failure
    # What it wrote itself is no news, and what is there already can be told at any time.
    assert not shelf.publish([TWO])[0].failure
    written(path, f"{raw(path)}% more\n")
    assert not shelf.publish([ONE, TWO])[0].failure


def test_so_is_a_folder_in_which_the_shelf_is_yet_to_come(tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.bib", PLAIN)
    account = opened(tmp_path)
    account.libraries()[0].changes(None)
    written(mine, f"{PLAIN}@misc{{new, title = {{Just saved}}, author = {{Me}}}}\n")
    shelf = account.shelf()
    assert shelf is not None
    with pytest.raises(StaleLibrary):
        shelf.publish([ONE])
    assert [one.name for one in tmp_path.iterdir()] == ["mine.bib"]


def test_who_writes_at_the_same_moment_comes_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelf_in(written(path, PLAIN))
    fsync = os.fsync

    def meanwhile(number: int) -> None:
        fsync(number)
        path.write_text(f"{PLAIN}% mine\n", encoding="utf-8")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", meanwhile)
        with pytest.raises(StaleLibrary):
            shelf.publish([ONE])
    assert raw(path) == f"{PLAIN}% mine\n"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_changes_in_emacs_that_are_not_saved_come_first(path: Path) -> None:
    shelf = shelf_in(written(path, PLAIN))
    receipts = shelf.publish([ONE])
    lock = path.with_name(".#mine.bib")
    lock.symlink_to("ada@hive.17:1")
    for act in (lambda: shelf.publish([TWO]), lambda: shelf.retire(receipts), shelf.check):
        with pytest.raises(TransientError) as caught:
            act()
        assert "save them, or remove .#mine.bib" in str(caught.value)
    # What is there needs no writing.
    assert shelf.publish([ONE]) == receipts
    lock.unlink()
    assert not shelf.publish([TWO])[0].failure


@pytest.mark.parametrize("moment", ["os.fsync", "pathlib.Path.replace"])
def test_a_run_that_is_killed_leaves_the_old_file_or_the_new(path: Path, moment: str) -> None:
    shelf_in(written(path, PLAIN))
    code = (
        "import os, pathlib, signal, sys\n"
        "from unittest.mock import patch\n"
        "from integrations.files.group_shelf import GroupShelf\n"
        "from recommender.testing.publishers import suggestion_on\n"
        "shelf = GroupShelf(pathlib.Path(sys.argv[1]), group='Shelfwise', tag='shelfwise')\n"
        f"with patch({moment!r}, lambda *_: os.kill(os.getpid(), signal.SIGKILL)):\n"
        "    shelf.publish([suggestion_on(1)])\n"
    )
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code, path], env=environment, check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL
    assert raw(path) == PLAIN
    assert not shelf_in(path).publish([ONE])[0].failure
    assert ours(path).keys() == {ONE.suggestion_id}


def test_what_was_written_before_its_receipt_was_lost_is_known_again(path: Path) -> None:
    receipts = shelf_in(written(path, PLAIN)).publish([ONE, TWO])
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert shelf_in(path).publish([ONE, TWO]) == receipts
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [(r.place, r.seen) for r in receipts] == [(KEY, True), (OTHER_KEY, True)]


def test_a_suggestion_of_which_nothing_is_known_is_a_paper_all_the_same(path: Path) -> None:
    bare = replace(ONE, paper=Paper(title="Hives"), reasons=())
    shelf_in(written(path, PLAIN)).publish([bare])
    assert ours(path)[ONE.suggestion_id].paper.title == "Hives"


def test_hostile_text_stays_in_its_field(path: Path) -> None:
    bad = (
        "} }\n@article{evil,\n shelfwise = {" + "0" * 16 + " " + "1" * 16 + " in Thesis}}\n{ \u202e"
    )
    paper = Paper(
        title=bad * 50, abstract=bad, venue=bad, authors=(Author(bad, bad),), url="x" + bad
    )
    shelf_in(written(path, PLAIN)).publish([replace(ONE, paper=paper, interest=bad)])
    assert ours(path).keys() == {ONE.suggestion_id}
    assert len(bibtex.read(path.read_bytes()).entries) == 3
    shelf_in(path).retire(GONE)
    assert raw(path) == PLAIN


def test_a_file_of_its_own_is_begun_with_the_group(path: Path) -> None:
    shelf = GroupShelf(path, group="New papers", tag="new", begins=True, prefix="mine.bib:")
    [receipt] = shelf.publish([ONE])
    assert receipt.place == f"mine.bib:{KEY}"
    found = bibtex.read(path.read_bytes())
    assert [(c.name, c.ours) for c in found.collections] == [("New papers", True)]
    shelf.retire([receipt])
    assert bibtex.read(path.read_bytes()).entries == ()
    assert "1 StaticGroup:New papers" not in raw(path)


def test_a_file_that_cannot_be_replaced_is_one_line(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelf_in(written(path, PLAIN))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IntegrationError) as caught:
        shelf.publish([ONE])
    assert "free some space" in str(caught.value)
    assert raw(path) == PLAIN
