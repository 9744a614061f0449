import codecs
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.csl_json import CSL_JSON
from integrations.files.records import NO_TITLE
from recommender.errors import BadResponse
from recommender.library import Collection, Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped


def read(*elements: Any) -> tuple[Entry, ...]:
    return CSL_JSON.read(json.dumps(elements).encode()).entries


def paper(**fields: Any) -> Paper:
    [entry] = read({"id": "k", "type": "article-journal", "title": "On bees", **fields})
    assert isinstance(entry, Item)
    return entry.paper


def test_an_item_is_read_whole() -> None:
    [item] = read(
        {
            "id": "huber2021",
            "type": "article-journal",
            "title": "Bees at <i>night</i> &amp; by day",
            "abstract": "<p>They fly.</p><p>They land.</p>",
            "author": [
                {"family": "Huber", "given": "Maria"},
                {"family": "Berg", "non-dropping-particle": "van der", "given": "Jan"},
                {"literal": "The Hive Consortium"},
            ],
            "container-title": "Journal of Hives",
            "issued": {"date-parts": [["2021", 3, 4], ["2021", 3, 5]]},
            "DOI": "10.1234/BEES.1",
            "URL": "https://hives.example/bees",
            "keyword": "pollen; night flight",
            "categories": ["q-bio"],
            "note": "PMID: 123456\narXiv: 2101.00001",
            "references": "As in doi:10.1234/ants.7, and against doi:10.1234/wasps.1",
        }
    )
    assert isinstance(item, Item)
    assert item.key == "huber2021"
    assert item.tags == (Tag("pollen"), Tag("night flight"))
    assert item.paper == Paper(
        title="Bees at night & by day",
        abstract="They fly. They land.",
        authors=(
            Author("Huber", "Maria"),
            Author("van der Berg", "Jan"),
            Author("The Hive Consortium"),
        ),
        venue="Journal of Hives",
        published="2021-03-04",
        ids=item.paper.ids,
        url="https://hives.example/bees",
        kind=Kind.ARTICLE,
        categories=("q-bio",),
    )
    assert list(map(str, item.paper.ids)) == [
        "doi:10.1234/bees.1",
        "arxiv:2101.00001",
        "pmid:123456",
    ]


@pytest.mark.parametrize(
    ("issued", "date"),
    [
        ({"date-parts": [["2011", 5, 25], ["2012", 6, 26]], "circa": True}, "2011-05-25"),
        ({"date-parts": [[2017]], "season": 4}, "2017"),
        ({"date-parts": [["-334"]]}, ""),
        ({"date-parts": [[2017, 13, 40]]}, "2017"),
        ({"date-parts": [[2017, 1, 2, 3]]}, "2017-01-02"),
        ({"date-parts": []}, ""),
        ({"date-parts": [[]]}, ""),
        ({"date-parts": [None]}, ""),
        ({"date-parts": "2017"}, ""),
        ({"raw": "12 March 2024"}, "2024-03-12"),
        ({"literal": "March 2024"}, "2024-03"),
        ({"literal": "13th cent"}, ""),
        ("2024-05", "2024-05"),
        ([2024], "2024"),
        (None, ""),
    ],
    ids=str,
)
def test_dates(issued: Any, date: str) -> None:
    assert paper(issued=issued).published == date


@pytest.mark.parametrize(
    ("genre", "kind"),
    [
        ("article-journal", Kind.ARTICLE),
        ("article", Kind.PREPRINT),
        ("paper-conference", Kind.CONFERENCE),
        ("book", Kind.BOOK),
        ("chapter", Kind.CHAPTER),
        ("thesis", Kind.THESIS),
        ("report", Kind.REPORT),
        ("manuscript", Kind.OTHER),
        ("journal-article", Kind.ARTICLE),
    ],
)
def test_kinds_of_papers(genre: str, kind: Kind) -> None:
    assert paper(type=genre).kind is kind


@pytest.mark.parametrize(
    "genre", ["webpage", "software", "dataset", "patent", "legal_case", "song"]
)
def test_other_kinds_are_no_papers(genre: str) -> None:
    [entry] = read({"id": "k", "type": genre, "title": "Honey", "author": [{"family": "Huber"}]})
    assert entry == OtherKind("k", genre)


def test_a_chapter_without_a_title_is_its_book_with_its_editors() -> None:
    [item] = read({
        "id": "k", "type": "chapter", "container-title": "Hives", "editor": [{"family": "Huber"}],
        "ISBN": "978-3-16-148410-0",
    })  # fmt: skip
    assert isinstance(item, Item)
    assert (item.paper.title, item.paper.kind) == ("Hives", Kind.BOOK)
    assert (len(item.paper.authors), len(item.paper.ids)) == (1, 1)


def test_an_id_makes_a_page_a_paper_and_an_author_a_document() -> None:
    assert paper(type="webpage", URL="https://arxiv.org/abs/2101.00001").kind is Kind.PREPRINT
    assert paper(type="document", author=[{"family": "Huber"}]).kind is Kind.OTHER
    [entry] = read({"id": "k", "type": "document", "title": "Honey"})
    assert isinstance(entry, OtherKind)


def test_a_preprint_filed_as_an_article_is_found_out() -> None:
    found = paper(**{"container-title": "arXiv:2101.00001 [stat]"})
    assert (found.venue, found.kind, str(found.ids[0])) == (
        "arXiv",
        Kind.PREPRINT,
        "arxiv:2101.00001",
    )


def test_only_a_whole_books_number_is_its_id() -> None:
    number = "978-3-16-148410-0 0-943396-04-2"
    assert list(map(str, paper(type="book", ISBN=number).ids)) == [
        "isbn:9780943396040",
        "isbn:9783161484100",
    ]
    assert not paper(type="chapter", ISBN=number).ids


def test_an_id_inside_a_sentence_is_another_papers() -> None:
    assert not paper(note="A comment on doi:10.1234/other, see PMID: 77.").ids


def test_a_bad_element_spoils_only_itself() -> None:
    number, untitled, good, nothing = read(
        7, {"id": "k", "type": "book"}, {"id": "k", "type": "book", "title": "On bees"}, None
    )
    assert number == Unreadable("#1", Skipped("item 1", "is not an object with fields"))
    assert untitled == Unreadable("k", Skipped("item 2 (k)", NO_TITLE))
    assert isinstance(good, Item)
    assert good.key == "k#2"
    assert isinstance(nothing, Unreadable)


@pytest.mark.parametrize(
    "value", [None, 7, 1.5, True, [], {}, [[]], [None], {"a": 1}, "", " ", "\ud800x\0", "9" * 5000]
)
def test_no_value_of_a_field_makes_it_raise(value: Any) -> None:
    names = (
        "id title author editor issued DOI PMID ISBN URL note extra keyword categories abstract"
        " container-title type"
    )
    for name in names.split():
        [entry] = read({"id": "k", "type": "book", "title": "On bees", name: value})
        assert json.loads(json.dumps(str(entry)).encode()) == str(entry)
        assert str(entry).encode()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "author", "issued", "date-parts", "type", "family", "tags",
                             "data", "itemType", "creators", "lastName", "DOI", "extra"]),
            inner, max_size=5,
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_no_element_makes_it_raise(element: Any) -> None:
    assert len(read(element)) == 1


ZOTERO = {
    "config": {"label": "BetterBibTeX JSON"},
    "collections": {
        "INNER222": {"key": "INNER222", "parent": "OUTER222", "name": "Bees", "items": [2]},
        "OUTER222": {"key": "OUTER222", "parent": "", "name": "Insects", "items": [1, 2]},
    },
    "items": [
        {"itemID": 1, "itemKey": "AAAA2222", "itemType": "attachment", "title": "PDF"},
        {
            "itemID": 2,
            "key": "BBBB3333",
            "itemType": "conferencePaper",
            "title": "On bees",
            "creators": [
                {"creatorType": "editor", "name": "A. Nybody"},
                {"creatorType": "author", "firstName": "Maria", "lastName": "Huber"},
            ],
            "proceedingsTitle": "Hives 2021",
            "date": "2021-03-04",
            "dateAdded": "2021-04-05T06:07:08Z",
            "extra": ["PMID: 123456"],
            "tags": [{"tag": "pollen"}, {"tag": "flight", "type": 1}, "plain"],
        },
    ],
}


def test_zoteros_own_items_are_read_with_their_collections() -> None:
    data = json.dumps(ZOTERO).encode()
    assert CSL_JSON.matches(data)
    contents = CSL_JSON.read(data)
    other, item = contents.entries
    assert other == OtherKind("AAAA2222", "attachment")
    assert isinstance(item, Item)
    assert item.key == "BBBB3333"
    assert item.collections == ("INNER222", "OUTER222")
    assert item.tags == (Tag("pollen"), Tag("flight", automatic=True), Tag("plain"))
    assert item.added_at == datetime(2021, 4, 5, 6, 7, 8, tzinfo=UTC)
    assert item.paper.authors == (Author("Huber", "Maria"),)
    assert (item.paper.venue, item.paper.published) == ("Hives 2021", "2021-03-04")
    assert contents.collections == (
        Collection("OUTER222", "Insects"),
        Collection("INNER222", "Bees", "OUTER222"),
    )


def test_what_the_web_api_answers_is_read() -> None:
    fields = {"key": "BBBB3333", "itemType": "book", "title": "On bees", "deleted": 1}
    [item] = read({"key": "BBBB3333", "version": 3, "data": fields})
    assert isinstance(item, Item)
    assert item.key == "BBBB3333"
    assert item.trashed


@pytest.mark.parametrize(
    ("spelled", "moment"),
    [
        ("2021-04-05 06:07:08", datetime(2021, 4, 5, 6, 7, 8, tzinfo=UTC)),
        ("2021-04-05T08:07:08+02:00", datetime(2021, 4, 5, 6, 7, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:00", None),
        ("yesterday", None),
    ],
)
def test_moments_are_in_utc(spelled: str, moment: datetime | None) -> None:
    [item] = read({"itemType": "book", "title": "On bees", "dateAdded": spelled})
    assert isinstance(item, Item)
    assert item.added_at == moment


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "a", "type": "book"}]',
        '\n {"items": [{"id": "a", "type": "article-journal"}]}',
        '[{"issued": {"date-parts": [[2020]]}}]',
        '[{"id": "a", "type": "book", "abstract": "It goes on behind what is looked a',
        "[]",
        " [ ] ",
    ],
)
def test_what_is_csl_is_recognised(text: str) -> None:
    assert CSL_JSON.matches(text.encode())
    assert CSL_JSON.matches(codecs.BOM_UTF8 + text.encode())
    assert CSL_JSON.matches(text.encode("utf-16"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1, 2]",
        '[{"title": "On bees"}]',
        '{"title": "On bees", "type": "book"}\n{"title": "On wasps"}',
        '[{"type": "book", "price": 3}]',
        '[{"type": "queen", "title": "Bees", "parts": [{"type": "book", "id": "a"}]}]',
        '[{"type": ["book"], "title": "Bees"}]',
        '{"results": [{"type": "article", "items": 3}]}',
        '{"data": [{"paperId": "1"}]}',
        "@article{a, title={[]}}",
    ],
)
def test_other_json_is_not_recognised(text: str) -> None:
    assert not CSL_JSON.matches(text.encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[\n{"id": "a",\n"title": "On b', "line 3: the file is cut off here"),
        ('[\n{"id": "a"},\n', "line 3: the file is cut off here"),
        ('[\n{"id": a}]', "line 2: no JSON"),
        ('{"items": 3}', "holds no list"),
        ("7", "holds no list"),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=["string", "list", "word", "items", "number", "deep"],
)
def test_what_is_no_whole_list_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(BadResponse, match=message) as found:
        CSL_JSON.read(text.encode())
    assert found.value.service == "CSL-JSON"
    assert "\n" not in str(found.value)
