"""Papers as JSON are read under the names that people give the fields, line by line."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from integrations.files.formats import HEAD
from integrations.pages import json_records
from integrations.pages.formats import recognised
from integrations.pages.json_lines import listing, matches
from recommender.errors import BadResponse
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper

SECONDS = 5  # far more than any of it takes on a slow machine, and far less than for ever


def lines(*records: object) -> bytes:
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


def read(data: bytes) -> Listing:
    assert matches(data)
    return listing(data, source="s", name="n")


def paper(**fields: Any) -> Paper:
    (listed,) = read(lines({"title": "Birds", "abstract": "They fly."} | fields)).papers
    return listed.paper


def ids(**fields: Any) -> list[str]:
    return [str(i) for i in paper(**fields).ids]


def test_our_own_names_are_read() -> None:
    found = paper(
        authors=["Ann Roe"],
        published="2012-08",
        ids={"doi": "10.1000/XYZ", "arxiv": "1208.0928v2"},
        venue="Review of Birds",
        url="https://example.org/birds",
        categories=["bio", "bio", "phys"],
    )
    assert found.authors == (Author("Roe", "Ann"),)
    assert found.published == "2012-08"
    assert [str(i) for i in found.ids] == ["doi:10.1000/xyz", "arxiv:1208.0928"]
    assert (found.venue, found.url) == ("Review of Birds", "https://example.org/birds")
    assert found.categories == ("bio", "phys")


def test_arxivs_own_names_are_read() -> None:
    found = paper(
        id="quant-ph/0201082",
        authors="A. Roe and B. Li",
        authors_parsed=[["Roe", "Ann", ""], ["Li", "Bo", ""]],
        categories="quant-ph cs.PL",
        doi=None,
        **{"journal-ref": "Rev. Birds 3 (2003)"},
    )
    assert found.authors == (Author("Roe", "Ann"), Author("Li", "Bo"))
    assert found.categories == ("quant-ph", "cs.PL")
    assert found.published == "2002-01"
    assert (found.venue, found.kind) == ("Rev. Birds 3 (2003)", Kind.ARTICLE)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": "2508.21080v1"}, ["arxiv:2508.21080"]),
        ({"id": "12345678"}, []),
        ({"id": "https://openalex.org/W123456"}, ["openalex:W123456"]),
        ({"arxiv_id": "2508.21080"}, ["arxiv:2508.21080"]),
        ({"doi": "https://doi.org/10.1000/X"}, ["doi:10.1000/x"]),
        ({"pmid": 123}, ["pmid:123"]),
        ({"url": "https://arxiv.org/abs/2508.21080v3"}, ["arxiv:2508.21080"]),
        ({"externalIds": {"ArXiv": "2508.21080", "CorpusId": 7}}, ["arxiv:2508.21080"]),
        ({"ids": {"doi": ["10.1000/x", "10.1000/y"]}}, ["doi:10.1000/x", "doi:10.1000/y"]),
        ({"ids": {"doi": "none", "pmid": None}, "doi": ["x"], "pmid": {}}, []),
        ({"abstract": "As in arXiv:2508.21080."}, []),
    ],
)
def test_ids_come_from_fields_and_addresses_alone(
    fields: dict[str, object], expected: list[str]
) -> None:
    assert ids(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"published": "2024-03-01T10:00:00Z"}, "2024-03-01"),
        ({"date": "2025-09-01"}, "2025-09-01"),
        ({"year": 2019}, "2019"),
        ({"year": "2019"}, "2019"),
        ({"published": "soon", "year": 2019}, "2019"),
        ({"published": 7, "date": {}}, ""),
        ({"arxiv_id": "9901001"}, ""),
        ({"arxiv_id": "hep-th/9901001"}, "1999-01"),
    ],
)
def test_dates_come_in_several_shapes(fields: dict[str, object], expected: str) -> None:
    assert paper(**fields).published == expected


def test_a_kind_is_told_or_follows_from_where_it_was_published() -> None:
    assert paper(kind="thesis").kind is Kind.THESIS
    assert paper(journal="Birds").kind is Kind.ARTICLE
    assert paper(arxiv_id="2508.21080").kind is Kind.PREPRINT
    assert paper(arxiv_id="2508.21080", venue="BirdConf").kind is Kind.OTHER
    assert paper(kind=["x"]).kind is Kind.OTHER


def test_votes_are_whole_numbers_from_zero() -> None:
    votes: list[dict[str, object]] = [
        {"votes": 3},
        {"upvotes": 0},
        {"votes": -1},
        {"votes": True},
        {"votes": "3"},
        {},
    ]
    page = read(lines(*({"title": "Birds", "abstract": "x", **v} for v in votes)))
    assert [p.votes for p in page.papers] == [3, 0, None, None, None, None]


def test_text_is_plain() -> None:
    found = paper(title="$\\beta$-birds &amp;\n bats", abstract="16.7\\% fly \ud83d\u0000 away")
    assert found.title == "β-birds & bats"
    assert found.abstract.startswith("16.7% fly")
    found.abstract.encode()
    assert "\x00" not in found.abstract


def test_the_page_is_dated_by_its_newest_announcement() -> None:
    record = {"title": "Birds", "abstract": "x", "date": "2025-09-09"}
    assert read(lines(record)).published_at is None
    announced = [record | {"announced": day} for day in ("2025-09-03", "2025-09-02", "soon")]
    assert read(lines(*announced)).published_at == datetime(2025, 9, 3, tzinfo=UTC)


def test_a_bad_line_spoils_only_itself() -> None:
    good = {"title": "Birds", "abstract": "x"}
    data = lines(good) + b'\n{"title": \n[1]\n{"abstract": "no title"}\n' + lines(good)
    page = read(data)
    assert [p.position for p in page.papers] == [1, 2]
    assert [(s.place, s.reason) for s in page.skipped] == [
        ("line 3", "is not JSON: expecting value"),
        ("line 4", "is not an object with fields"),
        ("line 5", "has no title"),
    ]


def test_the_first_line_may_be_the_bad_one() -> None:
    page = read(b'{"title": "Bir\n' + lines({"title": "Bats", "abstract": "x"}))
    assert [p.paper.title for p in page.papers] == ["Bats"]
    assert [s.place for s in page.skipped] == ["line 1"]


@pytest.mark.parametrize("bad", ["[" * 100_000, '{"x": ' + "9" * 5000 + "}"])
def test_json_that_python_refuses_is_a_bad_line(bad: str) -> None:
    page = read(lines({"title": "Bats", "abstract": "x"}) + bad.encode() + b"\n")
    assert [s.place for s in page.skipped] == ["line 2"]
    assert len(page.papers) == 1


def test_an_array_is_read_as_well() -> None:
    records = [{"title": t, "authors": "Ann Roe"} for t in ("Birds", "Bats")]
    for data in (
        json.dumps(records),
        json.dumps(records, indent=2),
        f"\ufeff {json.dumps(records)}",
    ):
        assert [p.paper.title for p in read(data.encode()).papers] == ["Birds", "Bats"]


def test_a_cut_off_array_gives_what_came() -> None:
    data = json.dumps([{"title": t, "abstract": "x"} for t in ("Birds", "Bats")], indent=1).encode()
    for cut, n in ((-1, 2), (-12, 1)):
        page = read(data[:cut])
        assert len(page.papers) == n
        assert "breaks off" in page.skipped[0].reason


GOOD = [{"title": title, "authors": [{"name": "A. Roe"}, {"name": "B. Li"}]} for title in "ABCD"]
BAD = {
    "a comma too many": '{"title": "X", "authors": ["Y"],}',
    "a word": '{"title": nothing, "authors": [{"name": "Y"}, {"name": "Z"}], "year": 2020}',
    "a quotation mark too many": '{"title": "5" disks", "authors": [{"name": "Y"}], "id": "1"}',
    "a bracket too few": '{"title": "X", "authors": [{"name": "Y"}, {"name": "Z"}',
    "a bracket too many": '{"title": "X", "authors": [{"name": "Y"}]]}',
    "no end": '{"title": "X", "authors": [{"name": "Y',
    "a new line": '{"title": "X\nY", "authors": ["Y"]}',
    "papers inside": '{"title": oops, "cites": [{"title": "Y"}, {"title": "Z"}], "id": 1}',
    "only noise": "noise",
    "other quotes": "{'title': 'X', 'authors': ['Y', 'Z']}",
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_record_in_an_array_spoils_only_itself(bad: str, at: int, indent: int | None) -> None:
    records = [json.dumps(record, indent=indent) for record in GOOD]
    records.insert(at, bad)
    page = listing(f"[{', '.join(records)}]".encode(), source="s", name="n")
    assert [p.paper.title for p in page.papers] == list("ABCD")
    (skipped,) = page.skipped
    assert skipped.place.startswith(f"record {at + 1} (line ")
    assert skipped.reason.startswith("is not JSON: ")


def test_several_bad_records_spoil_only_themselves() -> None:
    good = [json.dumps(record) for record in GOOD]
    bad = list(BAD.values())
    rows = [row for n in range(30) for row in (good[n % 4], bad[n % len(bad)], good[n % 3])]
    text = ",\n".join(rows)
    page = listing(f"[{text}]".encode(), source="s", name="n")
    assert len(page.papers) == 60
    assert len(page.skipped) == 30
    assert all("is not JSON" in skipped.reason for skipped in page.skipped)


def test_where_no_record_follows_what_is_lost_is_said() -> None:
    data = json.dumps(GOOD)[:-1].encode() + b',\n{"title": x, {"a": y}, {"b": z}]'
    page = listing(data, source="s", name="n")
    assert len(page.papers) == 4
    assert [s.place for s in page.skipped] == ["record 5 (line 2)"]
    assert page.skipped[0].reason.endswith("; everything behind line 2 is lost")


@pytest.mark.parametrize(
    "unit",
    [
        '{"t": [1, {"t": [1, {"t": x, ',
        '{"t": "5" d"},',
        '{"t": "5" d"}, {"t": "a"},',
        ',{"t":[',
        ",{",
        "}\n",
        '"',
    ],
)
def test_no_noise_in_an_array_takes_long(unit: str) -> None:
    data = f"[{unit * (300_000 // len(unit))}".encode()
    began_at = time.thread_time()
    assert sum(1 for _ in json_records.records(data)) >= 1
    assert time.thread_time() - began_at < SECONDS


AUTHORS = [f"Author Number{n} of the {n}th Institute" for n in range(3000)]


@pytest.mark.parametrize(
    "record",
    [
        {"title": "Birds", "authors": AUTHORS},
        {"id": "2508.21080", "authors": AUTHORS, "title": "Birds"},
        {"title": "Birds", "authors_parsed": [[name, "A.", ""] for name in AUTHORS]},
        {"title": "Birds", "abstract": "x" * 100_000, "authors": ["A. Roe"]},
        {"authors": ["A. Roe"], "title": "Birds", "abstract": "\\n" * 50_000},
    ],
)
def test_a_first_record_longer_than_the_head_is_recognised(record: dict[str, object]) -> None:
    for data in (lines(record), json.dumps([record, record]).encode()):
        assert len(data) > HEAD
        assert matches(data[:HEAD])
        form = recognised(data)
        assert form is not None
        found = form.read(data, source="s", name="n").papers[0].paper
        assert (found.title, form.name) == ("Birds", "JSON Lines")


@pytest.mark.parametrize("n", range(1, 60))
def test_a_record_cut_anywhere_behind_its_first_fields_is_recognised(n: int) -> None:
    text = (
        '{"title": "Birds", "authors": [{"name": "Ann \\u00e9", "n": [1.5, true, null]}], "z": 1}'
    )
    start = text.index('{"name')
    assert matches(text[: start + n].encode())
    assert matches(f" [\n{text[: start + n]}".encode())


@pytest.mark.parametrize(
    "value",
    [
        {"title": "Birds", "x": AUTHORS, "authors": []},
        {"title": "Birds", "itemType": "book", "authors": AUTHORS},
        {"id": "roe", "type": "book", "title": "Birds", "author": AUTHORS},
        {"title": "Birds", "authors": [], "items": AUTHORS},
        {"x": AUTHORS, "title": "Birds", "abstract": "x"},
        {"author": AUTHORS, "title": "Birds"},
    ],
)
def test_a_cut_record_of_another_kind_is_no_paper(value: dict[str, object]) -> None:
    data = json.dumps([value]).encode()
    assert len(data) > HEAD
    assert not matches(data[:HEAD])


def test_one_object_over_several_lines_is_one_paper() -> None:
    data = json.dumps({"title": "Birds", "abstract": "x"}, indent=2).encode()
    assert [p.paper.title for p in read(data).papers] == ["Birds"]


def test_an_empty_array_is_a_quiet_page() -> None:
    assert (read(b" [ ] \n").papers, read(b"[]").skipped) == ((), ())


def test_a_file_of_nothing_readable_is_refused_in_one_line() -> None:
    with pytest.raises(BadResponse, match="none of its records can be read") as raised:
        listing(b'{"a": 1}\nx\n', source="s", name="n")
    assert "\n" not in str(raised.value)


def test_a_long_first_record_in_a_head_is_recognised_where_the_head_holds_it() -> None:
    data = lines({"title": "Birds", "abstract": "x" * 60_000}, {"title": "Bats", "abstract": "y"})
    assert matches(data[:65536])
    array = json.dumps([{"title": "Birds", "abstract": "x"}] * 3).encode()
    assert matches(array[:-5])


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"title": "Birds"},
        {"title": "", "abstract": "x"},
        {"title": ["Birds"], "abstract": "x"},
        {"title": "Settings", "type": "object", "properties": {}},
        {"title": "Birds", "itemType": "journalArticle", "abstractNote": "x", "authors": []},
        {"id": "roe", "type": "article-journal", "title": "Birds", "author": [{"family": "Roe"}]},
        {"id": "roe", "type": "book", "title": "Birds", "abstract": "x", "issued": {}},
        {"title": "A feed", "authors": [], "items": []},
        {"title": "x", "summary": "y", "paper": {"title": "x"}},
    ],
)
def test_other_json_is_no_list_of_papers(value: dict[str, object]) -> None:
    assert not matches(json.dumps(value).encode())
    assert not matches(json.dumps([value]).encode())


KEYS = (
    "title", "abstract", "authors", "published", "date", "year", "announced", "ids", "id", "doi",
    "pmid", "venue", "url", "categories", "votes", "kind", "authors_parsed", "externalIds",
    "references",
)  # fmt: skip


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(KEYS),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["name", "doi", "family", "x"]), inner, max_size=3
                    )
                ),
                max_leaves=6,
            ),
        ),
        max_size=4,
    )
)
def test_no_record_raises(records: list[dict[str, object]]) -> None:
    data = lines({"title": "Birds", "abstract": "x"}, *records)
    page = listing(data, source="s", name="n")
    assert len(page.papers) + len(page.skipped) == len(records) + 1
