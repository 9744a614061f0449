import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.digest.feed import AtomFeed
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import suggestions

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def written(folder: Path, *given_: Suggestion, about: str = "", fresh: bool = False) -> Path:
    path = folder / "suggestions.atom"
    path.unlink(missing_ok=True)
    AtomFeed(path, about=about, fresh=fresh).publish(given_)
    return path


def parsed(folder: Path, *given_: Suggestion, about: str = "") -> Any:
    found = feedparser.parse(written(folder, *given_, about=about).read_bytes())
    assert not found.bozo
    return found


def root(folder: Path, *given_: Suggestion, about: str = "") -> ET.Element:
    return ET.fromstring(written(folder, *given_, about=about).read_bytes())  # noqa: S314 -- ours


def test_a_feed_reader_finds_all_that_is_known(tmp_path: Path) -> None:
    [entry] = parsed(tmp_path, suggestion_on(1)).entries
    assert entry.title == "Waggle dances, part 1a"
    assert entry.link == "https://doi.org/10.1000/waggle.1"
    assert [author["name"] for author in entry.authors] == ["Ada Ode", "The Hive Group"]
    assert entry.updated == "2024-03-06T06:30:00Z"
    assert entry.published == "2024-03-05T00:00:00Z"
    assert entry.dc_identifier == "doi:10.1000/waggle.1"
    assert entry.prism_doi == "10.1000/waggle.1"
    assert entry.prism_publicationname == "Journal of Bees"


def test_why_comes_first_and_then_the_abstract(tmp_path: Path) -> None:
    [entry] = parsed(tmp_path, suggestion_on(1)).entries
    assert entry.content[0].type == "text/html"
    assert entry.content[0].value == (
        "<p><strong>Score 0.50</strong> · For your interest in Bees</p>"
        "<ul><li>0.38 about bees and their dances</li>"
        "<li>0.12 in the Journal of Bees, of which you have 3</li></ul>"
        "<p>How bees tell each other the way.</p>"
    )


def test_the_feed_has_what_atom_requires(tmp_path: Path) -> None:
    feed = root(tmp_path, suggestion_on(1), about="Looked at 3 pages & more.")
    assert feed.tag == f"{_ATOM}feed"
    for name in ("id", "title", "updated", "author"):
        assert len(feed.findall(f"{_ATOM}{name}")) == 1
    assert feed.findtext(f"{_ATOM}subtitle") == "Looked at 3 pages & more."
    for entry in feed.findall(f"{_ATOM}entry"):
        for name in ("id", "title", "updated"):
            assert len(entry.findall(f"{_ATOM}{name}")) == 1


def test_an_id_is_a_urn_of_the_suggestion_and_of_nothing_else(tmp_path: Path) -> None:
    first = [entry.id for entry in parsed(tmp_path, suggestion_on(1), suggestion_on(2)).entries]
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    again = [entry.id for entry in parsed(other_folder, replace(suggestion_on(1), rank=9)).entries]
    assert again == first[:1]
    assert len(set(first)) == 2
    assert all(name.startswith("urn:uuid:") for name in first)


def test_arxiv_ids_stand_before_the_doi(tmp_path: Path) -> None:
    one = suggestion_on(1)
    both = (*one.paper.ids, PaperId.of(Scheme.ARXIV, "2401.00001"))
    feed = root(tmp_path, replace(one, paper=replace(one.paper, ids=both)))
    names = [element.text for element in feed.iter(f"{_DC}identifier")]
    assert names == ["arXiv:2401.00001", "doi:10.1000/waggle.1"]


@pytest.mark.parametrize("published", ["", "2024", "2024-03"])
def test_a_date_without_a_day_is_no_publication_date(tmp_path: Path, published: str) -> None:
    one = suggestion_on(1)
    paper = replace(one.paper, published=published)
    assert "published" not in parsed(tmp_path, replace(one, paper=paper)).entries[0]


def test_moments_are_told_in_utc(tmp_path: Path) -> None:
    one = suggestion_on(1)
    at = one.suggested_at.astimezone(timezone(timedelta(hours=9)))
    assert parsed(tmp_path, replace(one, suggested_at=at)).entries[0].updated == (
        "2024-03-06T06:30:00Z"
    )


def test_the_feed_changed_when_its_newest_suggestion_was_made(tmp_path: Path) -> None:
    later = replace(suggestion_on(2), suggested_at=suggestion_on(2).suggested_at + timedelta(1))
    path = written(tmp_path, suggestion_on(1))
    delivered = AtomFeed(path).publish([later])
    assert feedparser.parse(path.read_bytes()).feed.updated == "2024-03-07T06:30:00Z"
    AtomFeed(path).retire(delivered)
    assert feedparser.parse(path.read_bytes()).feed.updated == "2024-03-06T06:30:00Z"


@pytest.mark.parametrize(
    ("published", "updated"),
    [
        ("2024-03-05", "2024-03-05T00:00:00Z"),
        ("2024-03", "2024-03-01T00:00:00Z"),
        ("2024", "2024-01-01T00:00:00Z"),
        ("", "1970-01-01T00:00:00Z"),
    ],
)
def test_without_a_memory_an_entry_is_as_old_as_its_paper(
    tmp_path: Path, published: str, updated: str
) -> None:
    one = suggestion_on(1)
    paper = replace(one.paper, published=published)
    path = written(tmp_path, replace(one, paper=paper), fresh=True)
    found = feedparser.parse(path.read_bytes())
    assert (found.entries[0].updated, found.feed.updated) == (updated, updated)


def name_of(path: Path) -> str:
    return str(feedparser.parse(path.read_bytes()).feed.id)


def test_two_feeds_of_one_file_name_have_two_names(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("bees", "ants", "bees again", "quiet")]
    for folder in folders:
        folder.mkdir()
    bees, ants, again, quiet = (
        written(folder, *given_)
        for folder, given_ in zip(
            folders,
            [[suggestion_on(1)], [suggestion_on(2)], [suggestion_on(1)], []],
            strict=True,
        )
    )
    assert len({name_of(path) for path in (bees, ants, quiet)}) == 3
    assert again.read_bytes() == bees.read_bytes()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_feed_keeps_its_name_whatever_comes_and_goes(tmp_path: Path, *, fresh: bool) -> None:
    path = written(tmp_path)
    AtomFeed(path, fresh=fresh).publish([suggestion_on(1)])
    first = name_of(path)
    AtomFeed(path, fresh=fresh).publish([suggestion_on(2)])
    assert name_of(path) == first
    AtomFeed(path).retire([Receipt(suggestion_on(n).suggestion_id) for n in (1, 2)])
    assert name_of(path) == first
    AtomFeed(path, about="another day", fresh=fresh).publish([suggestion_on(3)])
    assert name_of(path) == first


def test_a_quiet_feed_is_valid_and_empty(tmp_path: Path) -> None:
    found = parsed(tmp_path)
    assert found.entries == []
    assert found.feed.updated == "1970-01-01T00:00:00Z"


_NASTY = st.sampled_from(["<b>", "-->", "]]>", "&amp;", "&", "\x00", "\x0b", "\ud800", "\ufffe"])


@given(st.lists(_NASTY | st.text(max_size=5), min_size=1).map(lambda s: "A" + "".join(s)))
def test_no_text_makes_the_feed_anything_but_xml(
    tmp_path_factory: pytest.TempPathFactory, nasty: str
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    one = suggestion_on(1)
    paper = replace(
        one.paper,
        title=nasty,
        abstract=nasty,
        venue=nasty,
        authors=(Author(nasty),),
        categories=(nasty,),
        url=f"https://example.org/{nasty}",
    )
    reasons = (replace(one.reasons[0], text=nasty),)
    bad = replace(one, paper=paper, score=0.375, reasons=reasons, interest=nasty)
    feed = root(folder, bad, about=nasty)
    [entry] = feed.findall(f"{_ATOM}entry")
    assert (entry.findtext(f"{_ATOM}title") or "").startswith("A")
    delivered = [Receipt(bad.suggestion_id)]
    assert list(AtomFeed(folder / "suggestions.atom").retire(delivered)) == delivered


@given(st.lists(suggestions(), max_size=4, unique_by=lambda s: s.suggestion_id))
def test_feed_readers_read_back_what_was_suggested(
    tmp_path_factory: pytest.TempPathFactory, some: list[Suggestion]
) -> None:
    entries = {entry.id: entry for entry in parsed(tmp_path_factory.mktemp("feed"), *some).entries}
    assert len(entries) == len(some)
    titles = sorted(entry.title for entry in entries.values())
    assert titles == sorted(suggestion.paper.title for suggestion in some)


def test_code_and_project_page_are_related_and_never_the_link(tmp_path: Path) -> None:
    links: dict[str, Any] = {
        "code": "https://git.example/bees?a=1&b=2",
        "website": "javascript:alert(1)",
    }
    one = replace(suggestion_on(1), paper=replace(suggestion_on(1).paper, **links))
    [entry] = parsed(tmp_path, one).entries
    assert entry.link == "https://doi.org/10.1000/waggle.1"
    related = [(found.title, found.href) for found in entry.links if found.rel == "related"]
    assert related == [("Source code", links["code"])]
    assert entry.content[0].value.endswith(
        '<p><a href="https://git.example/bees?a=1&amp;b=2">Source code</a></p>'
    )
