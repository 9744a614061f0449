"""Every real library is read: nothing raises, nothing is lost, and nearly nothing is reported.

Each file is counted a second time here, by the marks of its format alone.
"""

import json
import re
from collections import Counter
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import pytest

from integrations.files.contents import decoded
from integrations.files.library import FileLibrary
from integrations.files.records import NO_TITLE
from recommender.identifiers import Scheme, attempt
from recommender.identity import same_work
from recommender.library import Entry, Item, OtherKind, Unreadable
from recommender.papers import Paper

LIBRARIES = [
    *(f"bib-{n:02}.bib" for n in range(1, 13)),
    *(f"csljson-{n:02}.json" for n in range(1, 4)),
    "rdf-01.rdf",
    "ris-01.ris",
]
REPORTED_AT_MOST = 0.03
MARKED_UP_AT_MOST = 0.005
# Data sets and programs have DOIs, too, and are no papers.
MISSING_AT_MOST = 0.02

BIBTEX = re.compile(r"^[ \t]*@(?!comment|string|preamble)\w+[ \t]*[{(]", re.I | re.M)
RIS = re.compile(r"^TY  -", re.M)
LATEX_OR_MARKUP = re.compile(
    r"\\[a-z]+|[{}]|\$[^$]*[\\^_][^$]*\$|</?(?:i|b|p|em|sub|sup|span|jats)\b|&(?:amp|lt|gt|#\d+);"
)
DOI = re.compile(
    r"""(?:^\s*doi\s*=\s*[{"]+|^DO  - |<dc:identifier>DOI\ |"DOI":\s*")
        \s*(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,}/[^\s{}"<]+)""",
    re.I | re.M | re.X,
)
ARXIV = re.compile(r"^\s*(?:eprint|arxivid)\s*=\s*[{\"]+(?:arxiv:)?(\d{4}\.\d{4,5})\b", re.I | re.M)


@cache
def read(path: Path) -> tuple[Entry, ...]:
    library = FileLibrary(str(path))
    changes = library.changes(None)
    found = tuple(library.fetch(changes.entries))
    assert [entry.key for entry in found] == list(changes.entries)
    return found


def papers(path: Path) -> list[Paper]:
    return [entry.paper for entry in read(path) if isinstance(entry, Item)]


def counted(path: Path) -> int:
    text = decoded(path.read_bytes())
    if path.suffix == ".bib":
        return len(BIBTEX.findall(text))
    if path.suffix == ".ris":
        return len(RIS.findall(text))
    return len(json.loads(text)) if path.suffix == ".json" else counted_in_rdf(text)


def counted_in_rdf(text: str) -> int:
    """The outermost nodes with a type of Zotero's, and the notes, which have none."""
    nodes = re.finditer(r"^    <([a-z]+:\w+)\b.*?^    </\1>", text, re.M | re.S)
    return sum("<z:itemType>" in node[0] or node[1] == "bib:Memo" for node in nodes)


@pytest.fixture(params=LIBRARIES)
def path(shared: Path, request: pytest.FixtureRequest) -> Path:
    return shared / "libraries" / str(request.param)


def test_no_library_is_left_out(shared: Path) -> None:
    there = {p.name for p in (shared / "libraries").iterdir()} - {"README.md"}
    assert there == set(LIBRARIES)


def test_every_record_is_a_paper_another_kind_or_reported(path: Path) -> None:
    sorts = Counter(type(entry) for entry in read(path))
    assert sorts[Item] + sorts[OtherKind] + sorts[Unreadable] == counted(path) > 0
    assert sorts[Item] > 0


def test_nearly_nothing_is_reported_and_that_with_place_and_reason(path: Path) -> None:
    reported = [entry.skipped for entry in read(path) if isinstance(entry, Unreadable)]
    assert len(reported) <= REPORTED_AT_MOST * counted(path)
    assert all(re.fullmatch(r"(?:line|item) \d+(?: \(.+\))?", s.place) for s in reported)
    assert {s.reason for s in reported} <= {NO_TITLE}


def test_titles_and_authors_are_plain_text(path: Path) -> None:
    found = papers(path)
    texts = [(paper.title, paper.venue, *map(str, paper.authors)) for paper in found]
    for text in chain.from_iterable(texts):
        assert text == " ".join(text.split())
    assert all(title.strip() for title, *_ in texts)
    marked = [some for some in texts if any(map(LATEX_OR_MARKUP.search, some))]
    assert len(marked) <= MARKED_UP_AT_MOST * len(found), marked


def test_ids_are_found_where_a_field_states_them(path: Path) -> None:
    text = decoded(path.read_bytes())
    stated = {attempt(Scheme.DOI, value) for value in DOI.findall(text)}
    stated |= {attempt(Scheme.ARXIV, value) for value in ARXIV.findall(text)}
    missing = stated - set(chain.from_iterable(paper.ids for paper in papers(path)))
    assert len(missing) <= MISSING_AT_MOST * len(stated), missing


def test_untitled_works_are_told_apart(shared: Path) -> None:
    found = papers(shared / "libraries/bib-12.bib")
    assert len({paper.title for paper in found}) == len(found) == 699
    by_start = sorted(found, key=lambda paper: paper.abstract)
    for one, other in pairwise(by_start):
        assert not same_work(one, other) or one.abstract[:200] == other.abstract[:200]
