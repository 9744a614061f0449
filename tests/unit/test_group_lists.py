"""Lists of groups of other kinds: JabRef's of old, and those into which nothing can be put."""

from pathlib import Path

import pytest

from integrations.files import bibtex
from recommender.errors import PermanentError
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.bib_files import BIBDESK, PLAIN, edit, raw, shelf_in

ONE, TWO = suggestion_on(1), suggestion_on(2)
OLD = (
    PLAIN
    + r"""
@comment{jabref-meta: groupsversion:3;}
@comment{jabref-meta: groupstree:
0 AllEntriesGroup:;
1 ExplicitGroup:Thesis\;0\;frisch1967\;;
}
"""
)
ADDED = "1 ExplicitGroup:Shelfwise\\;0\\;suggestions-by-shelfwise\\;;\n"


def moved(path: Path) -> None:
    """Let the reader keep the first suggestion in a group of theirs."""
    edit(path, ONE, "groups = {Shelfwise}", "groups = {Thesis}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.bib"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_tree_of_jabref_3_gets_a_group_that_it_knows_and_loses_it_again(
    path: Path, end: str
) -> None:
    before = OLD.replace("\n", end)
    path.write_bytes(before.encode())
    shelf_in(path).publish([ONE, TWO])
    assert raw(path).count(ADDED.replace("\n", end)) == 1
    assert "StaticGroup" not in raw(path)
    found = bibtex.read(path.read_bytes())
    assert {c.name: c.ours for c in found.collections} == {"Thesis": False, "Shelfwise": True}
    shelf_in(path).retire([Receipt(ONE.suggestion_id), Receipt(TWO.suggestion_id)])
    assert raw(path) == before


def test_a_group_that_the_reader_made_in_jabref_3_stays(path: Path) -> None:
    before = OLD.replace("Group:Thesis", "Group:Shelfwise")
    path.write_bytes(before.encode())
    shelf_in(path).publish([ONE])
    assert raw(path).count("Group:Shelfwise") == 1
    shelf_in(path).retire([Receipt(ONE.suggestion_id)])
    assert raw(path) == before


@pytest.mark.parametrize(
    "text",
    [
        OLD,
        BIBDESK.replace("</plist>", ""),
        BIBDESK.replace("</array>", ""),
        f"{BIBDESK[: BIBDESK.index('<array>')]}<array/>\n</plist>\n}}}}\n",
    ],
    ids=["JabRef 3", "broken", "without an end", "empty"],
)
def test_a_group_from_which_all_was_moved_is_not_gone(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    shelf_in(path).publish([ONE])
    moved(path)
    shelf_in(path).check()
    assert not shelf_in(path).publish([TWO])[0].failure
    assert TWO.suggestion_id in raw(path)


def test_a_group_that_was_taken_out_of_jabref_3_is_not_made_again(path: Path) -> None:
    path.write_bytes(OLD.encode())
    shelf_in(path).publish([ONE])
    path.write_bytes(raw(path).replace(ADDED, "").encode())
    moved(path)
    with pytest.raises(PermanentError, match="the group Shelfwise is gone"):
        shelf_in(path).publish([TWO])


def test_a_list_behind_a_broken_one_is_used(path: Path) -> None:
    whole = BIBDESK[BIBDESK.index("@comment") :]
    path.write_bytes((BIBDESK.replace("</plist>", "") + whole).encode())
    shelf_in(path).publish([ONE])
    assert raw(path).rindex("<string>Shelfwise</string>") > raw(path).rindex("@comment")
    assert "groups = {Shelfwise}" not in raw(path)
