"""What the BibTeX of Zotero, Mendeley, JabRef, BibDesk, Qiqqa and people holds."""

import re
import time
from pathlib import Path

import pytest

from integrations.files.bibtex import BIBTEX, read
from integrations.files.contents import Contents, decoded
from recommender.library import Item, OtherKind, Unreadable

EXPORTS = [
    f"payloads/bibtex/bbt_{name}.bib"
    for name in (
        *("873_discarded_entries", "biblatex", "jabref_groups", "math_markup", "qiqqa"),
        *("ring_above", "round_braces", "string_subst"),
    )
]
RECORD = re.compile(r"^\s*@(?!comment|string|preamble)\w+\s*[{(]", re.I | re.M)


def papers(contents: Contents) -> dict[str, Item]:
    return {e.key: e for e in contents.entries if isinstance(e, Item)}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_read_whole_into_plain_text(shared: Path, name: str) -> None:
    content = (shared / name).read_bytes()
    assert BIBTEX.matches(content[: 64 * 1024])
    contents = read(content)
    assert len(contents.entries) == len(RECORD.findall(decoded(content)))
    assert sum(isinstance(e, Unreadable) for e in contents.entries) <= 0.03 * len(contents.entries)
    for item in papers(contents).values():
        for text in (item.paper.title, item.paper.venue, *map(str, item.paper.authors)):
            assert not re.search(r"\\[a-z]{2}|\{\{|\}\}|</?(?:i|sub|sup)>|&amp;|  ", text), item.key


def test_a_large_library_is_read_at_once(shared: Path) -> None:
    content = (shared / "libraries/bib-01.bib").read_bytes()
    started = time.thread_time()
    assert len(read(content).entries) == 2392
    assert time.thread_time() - started < 2.5


def test_jabref_s_old_groups_hold_their_entries(shared: Path) -> None:
    contents = read((shared / "payloads/bibtex/bbt_jabref_groups.bib").read_bytes())
    assert [(c.name, c.parent) for c in contents.collections] == [("Cu2O", None), ("CuO", None)]
    items = papers(contents)
    assert items["Abu-Zeid_1986"].collections == ("Cu2O",)
    assert items["Adachi_1989"].collections == ("CuO",)
    assert sum(not item.collections for item in items.values()) < 20


def test_names_with_accents_are_put_together(shared: Path) -> None:
    (item,) = papers(read((shared / "payloads/bibtex/bbt_ring_above.bib").read_bytes())).values()
    assert [str(a) for a in item.paper.authors] == ["Radim Řehůřek", "Petr Sojka"]
    assert item.paper.published == "2010-05-22"


def test_round_brackets_and_definitions(shared: Path) -> None:
    folder = shared / "payloads/bibtex"
    (report,) = papers(read((folder / "bbt_round_braces.bib").read_bytes())).values()
    assert [a.family for a in report.paper.authors] == ["McDermott", "Sussman"]
    assert report.paper.title == "The CONNIVER Reference Manual"
    (book,) = papers(read((folder / "bbt_string_subst.bib").read_bytes())).values()
    assert book.paper.venue == "Freds Publishing"


def test_bibdesk_says_when_an_entry_was_added(shared: Path) -> None:
    items = papers(read((shared / "libraries/bib-05.bib").read_bytes()))
    dated = [item for item in items.values() if item.added_at]
    assert len(dated) == 218
    found = items["Stovring2012First"]
    assert found.added_at is not None
    assert found.added_at.isoformat() == "2019-01-17T15:29:28+00:00"
    assert str(found.paper.authors[1]) == "Jan Schwinghammer"


def test_a_law_library_keeps_its_statutes_apart(shared: Path) -> None:
    found = read((shared / "libraries/bib-06.bib").read_bytes()).entries
    kinds = [e.kind for e in found if isinstance(e, OtherKind)]
    assert (kinds.count("jurisdiction"), kinds.count("legislation")) == (60, 17)
