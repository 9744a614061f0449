import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import bibtexparser
import pytest
from bibtexparser.bparser import BibTexParser
from hypothesis import example, given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from integrations.files import bibtex
from integrations.files.shelf import BibShelf
from recommender.identifiers import PaperId, Scheme
from recommender.library import Item
from recommender.papers import Author, Kind, Paper
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import suggestions


def shelf_of(folder: Path, *given_: Suggestion, about: str = "") -> str:
    path = folder / "shelf.bib"
    BibShelf(path, about=about, fresh=True).publish(given_)
    return path.read_text(encoding="utf-8")


def entries(text: str) -> list[dict[str, str]]:
    parser = BibTexParser(interpolate_strings=False, ignore_nonstandard_types=False)
    return list(bibtexparser.loads(text, parser).entries)


def items(text: str) -> list[Item]:
    found = bibtex.read(text.encode()).entries
    assert all(isinstance(entry, Item) for entry in found)
    return [entry for entry in found if isinstance(entry, Item)]


def on(paper: Paper) -> Suggestion:
    return replace(suggestion_on(1), paper=paper)


def test_an_entry_has_all_that_is_known(tmp_path: Path) -> None:
    text = shelf_of(tmp_path, suggestion_on(1))
    assert (
        """@article{ode2024waggle,
  title = {{Waggle dances, part 1a}},
  author = {Ode, Ada and {The Hive Group}},
  journal = {Journal of Bees},
  year = {2024},
  month = mar,
  day = {5},
  doi = {10.1000/waggle.1},
  url = {https://doi.org/10.1000/waggle.1},
  abstract = {How bees tell each other the way.},
  annote = {Suggested by Shelfwise, score 0.50: 0.38 about bees and their dances; \
0.12 in the Journal of Bees, of which you have 3. For your interest in Bees.},
  keywords = {shelfwise},
  groups = {Shelfwise},
}
"""
        in text
    )


@pytest.mark.parametrize(
    ("kind", "entry_type", "place"),
    [
        (Kind.ARTICLE, "article", "journal"),
        (Kind.CONFERENCE, "inproceedings", "booktitle"),
        (Kind.PREPRINT, "misc", "howpublished"),
        (Kind.BOOK, "book", "publisher"),
        (Kind.CHAPTER, "incollection", "booktitle"),
        (Kind.THESIS, "phdthesis", "school"),
        (Kind.REPORT, "techreport", "institution"),
        (Kind.OTHER, "misc", "howpublished"),
    ],
)
def test_each_kind_has_its_entry_type(
    tmp_path: Path, kind: Kind, entry_type: str, place: str
) -> None:
    paper = replace(suggestion_on(1).paper, kind=kind, venue="Somewhere")
    [entry] = entries(shelf_of(tmp_path, on(paper)))
    assert entry["ENTRYTYPE"] == entry_type
    assert entry[place] == "Somewhere"


def test_a_preprint_says_where_its_text_is(tmp_path: Path) -> None:
    ids = (PaperId.of(Scheme.ARXIV, "2401.00001"),)
    text = shelf_of(tmp_path, on(Paper(title="Bees", ids=ids, kind=Kind.PREPRINT)))
    [entry] = entries(text)
    assert (entry["eprint"], entry["archiveprefix"]) == ("2401.00001", "arXiv")
    [item] = items(text)
    assert (item.paper.kind, item.paper.ids) == (Kind.PREPRINT, ids)


def test_an_isbn_is_a_books_alone(tmp_path: Path) -> None:
    ids = (PaperId.of(Scheme.ISBN, "9783161484100"),)
    book = shelf_of(tmp_path, on(Paper(title="Bees", ids=ids, kind=Kind.BOOK)))
    chapter = shelf_of(tmp_path, on(Paper(title="Bees", ids=ids, kind=Kind.CHAPTER)))
    assert "isbn = {9783161484100}" in book
    assert "isbn =" not in chapter


def test_names_keep_their_parts(tmp_path: Path) -> None:
    authors = (
        Author("van Dyk", "Ana"),
        Author("Group for Bees and Hives"),
        Author("Lee, Jr", "Bo"),
        Author("Sand and Sea", "Cy"),
        Author("García Márquez", "José Luis"),
    )
    text = shelf_of(tmp_path, on(Paper(title="Bees", authors=authors)))
    assert (
        "author = {van Dyk, Ana and {Group for Bees and Hives} and {Lee, Jr}, Bo"
        " and {Sand and Sea}, Cy and García Márquez, José Luis}"
    ) in text
    [item] = items(text)
    assert item.paper.authors == authors


@pytest.mark.parametrize(
    ("authors", "published", "title", "key"),
    [
        ((Author("Łukasiewicz-Ørsted", "J."),), "2024", "The Größe", "lukasiewiczorsted2024grosse"),
        ((), "", "A study", "anonymousstudy"),
        ((Author("王", "小明"),), "2020-01", "蜜蜂", "anonymous2020"),
        ((Author("O'Neil"),), "1999", "“Bees”: a view", "oneil1999bees"),
    ],
)
def test_cite_keys_are_ascii(
    tmp_path: Path, authors: tuple[Author, ...], published: str, title: str, key: str
) -> None:
    paper = Paper(title=title, authors=authors, published=published)
    assert [e["ID"] for e in entries(shelf_of(tmp_path, on(paper)))] == [key]


def test_only_a_taken_cite_key_gets_a_piece_of_the_id(tmp_path: Path) -> None:
    one, two = suggestion_on(1), suggestion_on(2)
    keys = [entry["ID"] for entry in entries(shelf_of(tmp_path, one, two))]
    assert keys == ["ode2024waggle", f"ode2024waggle-{two.suggestion_id[:6]}"]


def test_a_cite_key_of_the_readers_own_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "shelf.bib"
    BibShelf(path).publish([])
    mine = "@Book{ Ode2024Waggle,\n title = {Mine}}\n"
    path.write_text(path.read_text(encoding="utf-8") + mine, encoding="utf-8")
    BibShelf(path, fresh=True).publish([suggestion_on(1)])
    text = path.read_text(encoding="utf-8")
    assert mine in text
    assert f"@article{{ode2024waggle-{suggestion_on(1).suggestion_id[:6]}," in text


def test_jabref_finds_the_group(tmp_path: Path) -> None:
    found = bibtex.read(shelf_of(tmp_path, suggestion_on(1)).encode())
    assert [collection.name for collection in found.collections] == ["Shelfwise"]
    [item] = items(shelf_of(tmp_path, suggestion_on(1)))
    assert item.collections == (found.collections[0].key,)
    assert [tag.name for tag in item.tags] == ["shelfwise"]


def test_a_quiet_shelf_is_bibtex_without_entries(tmp_path: Path) -> None:
    text = shelf_of(tmp_path, about="Looked at bees@example.org {")
    assert entries(text) == []
    assert bibtex.matches(text.encode())
    assert bibtex.read(text.encode()).entries == ()
    assert "% Looked at bees(at)example.org {" in text


def test_addresses_and_ids_stand_as_they_are(tmp_path: Path) -> None:
    paper = Paper(
        title="Bees",
        ids=(PaperId.of(Scheme.DOI, "10.1000/a_b%26c#d"),),
        url="https://example.org/~ode/a_b?x={1}&y=%7E",
    )
    [entry] = entries(shelf_of(tmp_path, on(paper)))
    assert entry["doi"] == paper.ids[0].value
    assert entry["url"] == "https://example.org/~ode/a_b?x=%7B1%7D&y=%7E"


def latex_to_text(latex: str) -> str:
    text = LatexNodes2Text(strict_latex_spaces=True).latex_to_text(latex)
    # It takes the circumflex for the accent that stands alone.
    return str(text).replace("\u02c6", "^")


# pylatexenc joins these into one character, as TeX does.
_LIGATURES = re.compile(r"--|``|''|[?!]`|<<|>>|,,")
_TEXTS = st.text(
    st.sampled_from("ab ZÜé漢%&#$_{}\\~^\"'-@=,;<>|()[]*")
    | st.characters(exclude_categories=("C", "Z", "M")),
    min_size=1,
    max_size=25,
).map(lambda text: " ".join(f"x{text}".split()))


@given(_TEXTS.filter(lambda text: not _LIGATURES.search(text)))
@example("100% of C&A's #1 $5 x_i {a}b} \\cite{c} ~10^3")
@example("}{")
@example("\\")
def test_latex_prints_the_same_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    written = shelf_of(tmp_path_factory.mktemp("shelf"), on(Paper(title=text, abstract=text)))
    [entry] = entries(written)
    assert latex_to_text(entry["abstract"]) == text
    assert latex_to_text(entry["title"].removeprefix("{").removesuffix("}")) == text


# Our own reader, made for what people write, takes some of these for LaTeX or HTML all the same.
_GUESSED = re.compile(rf"{_LIGATURES.pattern}|[\\$<&{{}}~]")


@given(_TEXTS.filter(lambda text: not _GUESSED.search(text)))
@example("100% of #1 x_i ^3 [a] @b = “c”")
@example("AT&T, a {set} of $5, } {")
def test_our_own_reader_reads_the_same_text(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    written = shelf_of(tmp_path_factory.mktemp("shelf"), on(Paper(title=text, abstract=text)))
    [item] = items(written)
    assert (item.paper.title, item.paper.abstract) == (text, text)


@given(st.text(max_size=20).map(lambda text: f"x{text}@article{{y,\n}}"))
def test_no_text_makes_another_entry(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    paper = Paper(title=text, abstract=text, venue=text, authors=(Author(text, text), Author(text)))
    folder = tmp_path_factory.mktemp("shelf")
    assert len(entries(shelf_of(folder, on(paper), suggestion_on(2), about=text))) == 2
    delivered = [Receipt(s.suggestion_id) for s in (on(paper), suggestion_on(2))]
    assert list(BibShelf(folder / "shelf.bib").retire(delivered)) == delivered


@given(st.lists(suggestions(), max_size=4, unique_by=lambda s: s.suggestion_id))
def test_papers_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, some: list[Suggestion]
) -> None:
    # Without author and id it might not be a paper.
    written_by = (Author("Ode", "Ada"),)
    some = [replace(s, paper=replace(s.paper, authors=written_by)) for s in some]
    text = shelf_of(tmp_path_factory.mktemp("shelf"), *some)
    back = Counter(item.paper.title for item in items(text))
    keys = [entry["ID"].lower() for entry in entries(text)]
    assert len(set(keys)) == len(keys) == len(some)
    assert back == Counter(suggestion.paper.title for suggestion in some)


def test_real_papers_come_back_as_they_were(tmp_path: Path, shared: Path) -> None:
    papers = [
        entry.paper
        for file in sorted((shared / "libraries").glob("*.bib"))
        for entry in bibtex.read(file.read_bytes()).entries[:60]
        if isinstance(entry, Item)
    ]
    some = [
        replace(suggestion_on(n), suggestion_id=f"{n:016x}", paper=paper)
        for n, paper in enumerate(papers, 1)
    ]
    back = [item.paper for item in items(shelf_of(tmp_path, *some))]
    assert len(back) == len(papers) > 0
    for paper, again in zip(papers, back, strict=True):
        assert again.title == paper.title
        assert again.authors == paper.authors
        assert (again.venue, again.published) == (paper.venue, paper.published)
        assert paper.id(Scheme.DOI) == again.id(Scheme.DOI)
