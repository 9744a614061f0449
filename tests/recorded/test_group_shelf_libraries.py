"""Our shelf in libraries as people really keep them: it comes and goes without a trace."""

from pathlib import Path

import pytest

from integrations.files import bibtex
from integrations.files.contents import Contents
from integrations.files.group_shelf import GroupShelf
from recommender.library import Item
from recommender.testing.publishers import suggestion_on
from tests.unit.bib_files import BIBDESK, JABREF

GIVEN = [suggestion_on(n) for n in (1, 2, 3)]
QUICK = ("bib-05", "bib-09", "bib-10", "bib-11")
OTHERS = ("bib-01", "bib-02", "bib-03", "bib-04", "bib-06", "bib-07", "bib-08", "bib-12")


def marks(contents: Contents) -> set[str]:
    return {one.mark for one in contents.entries if isinstance(one, Item)} - {""}


def comes_and_goes(path: Path, before: bytes) -> None:
    path.write_bytes(before)
    shelf = GroupShelf(path, group="Shelfwise", tag="shelfwise")
    receipts = shelf.publish(GIVEN)
    theirs, now = bibtex.read(before), bibtex.read(path.read_bytes())
    assert now.entries[: len(theirs.entries)] == theirs.entries
    assert marks(now) == {one.suggestion_id for one in GIVEN}
    assert len(now.entries) == len(theirs.entries) + len(GIVEN)
    assert not any(receipt.touched for receipt in shelf.retire(receipts))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in OTHERS)]
)
def test_a_real_library_is_as_it_was(shared: Path, tmp_path: Path, name: str) -> None:
    comes_and_goes(tmp_path / "mine.bib", (shared / "libraries" / f"{name}.bib").read_bytes())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("lists", [JABREF, BIBDESK])
def test_so_is_one_with_a_list_of_groups(
    shared: Path, tmp_path: Path, lists: str, end: str
) -> None:
    library = (shared / "libraries" / "bib-11.bib").read_text(encoding="utf-8")
    groups = lists[lists.index("@comment{" if lists is BIBDESK else "@Comment{") :]
    text = f"{library}\n{groups}".replace("\n", end)
    comes_and_goes(tmp_path / "mine.bib", text.encode())
