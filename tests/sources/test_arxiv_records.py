from contextlib import suppress
from datetime import date
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.records import storable
from integrations.pages.arxiv_entries import is_withdrawn, venue
from integrations.pages.pages import Record
from integrations.sources.arxiv_harvest import harvested, oai_set
from integrations.sources.arxiv_records import announcement, found
from recommender.errors import BadResponse
from recommender.papers import Author, Paper, Skipped
from tests.sources.hostile import is_sound

ATOM = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'


def papers(records: object) -> list[Paper]:
    assert isinstance(records, tuple)
    return [record[0] for record in records if isinstance(record, tuple)]


def harvest(**fields: str) -> Element:
    """A record as OAI-PMH gives it; a field that is given replaces the usual one."""
    fields = {
        "id": "2603.00001",
        "created": "2026-03-04",
        "authors": "<author><keyname>Roe</keyname><forenames>Ann</forenames></author>",
        "title": "On birds",
        "categories": "cs.CL cs.LG",
        "abstract": "They sing.",
        **fields,
    }
    inside = "".join(
        f"<{name.replace('_', '-')}>{v}</{name.replace('_', '-')}>" for name, v in fields.items()
    )
    return fromstring(  # noqa: S314 - our own
        "<record><header><identifier>oai:arXiv.org:x</identifier><datestamp>2026-03-05</datestamp>"
        f'</header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">{inside}</arXiv></metadata>'
        "</record>"
    )


def harvested_paper(**fields: str) -> Paper:
    record = harvested(harvest(**fields), "record 1").record
    assert isinstance(record, tuple)
    return record[0]


def feed(inside: str) -> bytes:
    return f"""<feed {ATOM} xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>t</title>
    <updated>2026-03-10T05:00:00Z</updated><opensearch:totalResults>1</opensearch:totalResults>
    {inside}</feed>""".encode()


def entry(**fields: str) -> str:
    fields = {
        "id": "http://arxiv.org/abs/2603.00001v2",
        "title": "On birds",
        "summary": "They sing.",
        "published": "2026-03-04T17:00:00Z",
        "author": "<name>Ann Roe</name>",
        **fields,
    }
    named = ((name.replace("__", ":"), value) for name, value in fields.items())
    return f"<entry>{''.join(f'<{name}>{value}</{name}>' for name, value in named)}</entry>"


def only(records: tuple[object, ...]) -> Paper:
    [one] = papers(records)
    return one


def test_a_record_says_all_that_it_holds() -> None:
    people = (
        "<author><keyname>van der Berg</keyname><forenames>Jo</forenames><suffix>Jr.</suffix>"
        "<affiliation>Somewhere</affiliation></author>"
        "<author><keyname>Collaboration</keyname><forenames>ATLAS</forenames></author>"
        "<author><keyname>CMS Collaboration</keyname></author><author><keyname/></author>"
        "<author><keyname>Suharto</keyname></author>"
    )
    found = harvested_paper(
        authors=people,
        title='Of $\\alpha$-decay\n  and M\\"uller',
        categories="hep-ph hep-ex hep-ph",
        journal_ref="J. Birds 3 (2026) 1",
        doi="10.1000/BIRDS 10.1000/other",
    )
    assert found.title == "Of α-decay and Müller"
    assert found.authors == (
        Author("van der Berg", "Jo Jr."),
        Author("ATLAS Collaboration"),
        Author("CMS Collaboration"),
        Author("Suharto"),
    )
    assert (found.venue, found.published) == ("J. Birds 3 (2026) 1", "2026-03-04")
    assert [str(i) for i in found.ids] == ["doi:10.1000/birds", "arxiv:2603.00001"]
    assert found.categories == ("hep-ph", "hep-ex")


@pytest.mark.parametrize(
    ("number", "created", "published"),
    [
        ("2603.00001", "2026-03-04", "2026-03-04"),
        ("2603.00001", "2025-11-30", "2025-11-30"),  # moderators had it long
        ("2603.00001", "2026-04-01", "2026-03"),  # a later version
        ("math/0309136", "2026-04-01", "2003-09"),
        ("2603.00001", "0000-13-99", "2026-03"),
        ("2603.00001", "", "2026-03"),
    ],
)
def test_a_record_is_dated_by_its_first_version(number: str, created: str, published: str) -> None:
    assert harvested_paper(id=number, created=created).published == published


@pytest.mark.parametrize(
    ("number", "created", "since", "is_news", "is_version"),
    [
        ("2603.00001", "2026-03-04", date(2026, 3, 5), True, True),
        ("2603.00001", "2025-11-30", date(2026, 3, 31), True, True),
        ("2603.00001", "2026-03-04", date(2026, 4, 1), False, True),
        ("2501.00001", "2026-03-04", date(2026, 3, 5), False, True),
        ("2501.00001", "", date(2026, 3, 5), False, False),
        ("", "2026-03-04", date(2026, 3, 5), True, True),
    ],
)
def test_news_is_told_by_the_month_in_which_the_id_was_given(
    number: str, created: str, since: date, *, is_news: bool, is_version: bool
) -> None:
    one = harvested(harvest(id=number, created=created), "record 1")
    assert one.is_news(since, versions_since=None) == is_news
    assert one.is_news(since, versions_since=date(2026, 3, 1)) == is_version


def test_records_that_cannot_be_read_say_where_they_are() -> None:
    no_id = harvested(harvest(id="secret"), "record 7 of cs.CL")
    assert (no_id.key, no_id.record) == (
        "record 7 of cs.CL",
        Skipped("record 7 of cs.CL", "has no arXiv id"),
    )
    no_title = harvested(harvest(title=" "), "record 7 of cs.CL")
    assert no_title.record == Skipped("record 7 of cs.CL (2603.00001)", "has no title")
    assert harvested(Element("record"), "record 1").record == Skipped("record 1", "has no arXiv id")
    deleted = harvest()
    deleted[0].set("status", "deleted")
    assert harvested(deleted, "record 1").record is None
    entries = found(feed(entry(id="http://example.org/1") + entry(title="")), 10).rows
    assert [record for _, _, record in entries] == [
        Skipped("entry 11", "has no arXiv id"),
        Skipped("entry 12 (2603.00001)", "has no title"),
    ]


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        ("This paper has been withdrawn by the author due to an error.", ""),
        ("The submission was withdrawn.", ""),
        ("They sing.", "Withdrawn by the authors"),
        ("They sing.", "5 pages; this article has been temporarily withdrawn"),
        ("They sing.", "arXiv admin note: this version has been removed by arXiv administrators"),
        ("Withdrawn.", ""),
    ],
)
def test_a_withdrawn_paper_is_known_by_what_is_said_of_it(abstract: str, comments: str) -> None:
    assert is_withdrawn(abstract, comments)
    assert harvested(harvest(abstract=abstract, comments=comments), "record 1").record is None
    one = feed(entry(summary=abstract, arxiv__comment=comments))
    assert found(one).rows[0][2] is None


@pytest.mark.parametrize(
    ("abstract", "comments"),
    [
        ("We study drugs. The drug was withdrawn, and the paper was withdrawn, too.", ""),
        ("Funds were withdrawn.", "5 pages, withdrawn claims are marked"),
        ("We count the papers that were withdrawn.", ""),
    ],
)
def test_a_paper_on_withdrawals_is_not_withdrawn(abstract: str, comments: str) -> None:
    assert not is_withdrawn(abstract, comments)


def test_a_venue_is_where_a_paper_was_published() -> None:
    assert venue(" Phys. Rev. \n B 1, 2 ") == "Phys. Rev. B 1, 2"
    assert venue("Submitted to J. Birds") == venue("J. Birds (under review)") == ""
    announced = feed(
        entry(
            id="oai:arXiv.org:2603.00001v1",
            arxiv__journal_reference="J. Birds 1",
            arxiv__DOI="10.1000/b",
        )
    )
    one = only(announcement(announced, replacements=False).records)
    assert (one.venue, str(one.ids[0])) == ("J. Birds 1", "doi:10.1000/b")


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("cs", "cs:cs"),
        ("hep-th", "physics:hep-th"),
        ("physics.optics", "physics:physics:optics"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
    ],
)
def test_a_category_is_a_set(category: str, expected: str) -> None:
    assert oai_set(category) == expected


FIELDS = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cc", "Zs", "Nd", "Sm", "Po"]), max_size=20),
    st.sampled_from([
        "9" * 400, "0000-00-00", "9999-12-31T23:59:59Z", "oai:arXiv.org:2603.00001v1", "\u202e",
        "<b>x</b>", "&#0;", "\\frac{", "$$", "{" * 50, "10.1000/x", "math.GT/0309136v2",
    ]),
)  # fmt: skip


@given(st.dictionaries(
    st.sampled_from(["id", "title", "summary", "published", "author", "dc__creator", "link",
                     "arxiv__doi", "arxiv__journal_ref", "arxiv__comment", "arxiv__announce_type"]),
    FIELDS,
))  # fmt: skip
def test_whatever_stands_in_an_entry_is_read_or_told(fields: dict[str, str]) -> None:
    content = feed(entry(**{name: escape(value) for name, value in fields.items()}))
    records: list[Record | None] = []
    # What says that it is an error, or is not dated, is refused.
    with suppress(BadResponse):
        records += [record for _, _, record in found(content).rows]
    with suppress(BadResponse):
        records += announcement(content, replacements=True).records
    assert all(record is None or is_sound(record, marked_up=False) for record in records)


@given(st.dictionaries(
    st.sampled_from(["id", "created", "authors", "title", "categories", "abstract", "comments",
                     "journal_ref", "doi"]),
    FIELDS.map(storable),
))  # fmt: skip
def test_whatever_stands_in_a_record_is_read_or_told(fields: dict[str, str]) -> None:
    content = harvest(**dict.fromkeys(fields, ""))
    for name, value in fields.items():
        part = content.find(f"{{*}}metadata/{{*}}arXiv/{{*}}{name.replace('_', '-')}")
        assert part is not None
        part.text = value
    one = harvested(content, "record 1")
    assert one.record is None or is_sound(one.record, marked_up=False)
    assert one.is_news(date(2026, 3, 1), versions_since=date(2026, 3, 1)) in {True, False}
