"""The fields of BibTeX and BibLaTeX records: ids, dates, names, venues, tags."""

from datetime import UTC, datetime

import pytest

from integrations.files.bibtex import read
from recommender.library import Entry, Item
from recommender.papers import Author, Paper


def entries(text: str) -> tuple[Entry, ...]:
    return read(text.encode()).entries


def item(text: str) -> Item:
    (only,) = entries(text)
    assert isinstance(only, Item), only
    return only


def paper(fields: str, kind: str = "article") -> Paper:
    return item(f"@{kind}{{key, title = {{T}}, {fields}}}").paper


def ids(fields: str, kind: str = "article") -> list[str]:
    return [str(i) for i in paper(fields, kind).ids]


def authors(names: str) -> list[tuple[str, str]]:
    return [(a.family, a.given) for a in paper(f"author = {{{names}}}").authors]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (r"doi = {10.1000/a\_b}", ["doi:10.1000/a_b"]),
        (r"doi = {10.1007}, doi = {10.1007/978-3}", ["doi:10.1007/978-3"]),
        (r"url = {http://dx.doi.org/10.1000/a{\_}b}", ["doi:10.1000/a_b"]),
        (r"url = {\url{https://doi.org/10.1000/a}}", ["doi:10.1000/a"]),
        ("eprint = {28873257}, eprinttype = {pubmed}", ["pmid:28873257"]),
        ("pmid = {28873257}", ["pmid:28873257"]),
        ("eprint = {2565588}, eprinttype = {jstor}", []),
        ("annotation = {PMID: 28873257}", ["pmid:28873257"]),
        ("annotation = {Extends the idea of arXiv:1706.03762}", []),
        ("note = {see doi:10.1000/a and doi:10.1000/b}", []),
        ("doi = {10.1000/a}, note = {comment on doi:10.1000/b}", ["doi:10.1000/a"]),
        ("isbn = {978-3-16-148410-0}", []),
        (
            r"doi = {10.1002/1097(2000)1:2{$<$}3::AID-X{\textgreater}3.0.CO;2-2}",
            ["doi:10.1002/1097(2000)1:2<3::aid-x>3.0.co;2-2"],
        ),
        ("biburl = {https://dblp.org/rec/conf/x/Roe21.bib}", ["dblp:conf/x/Roe21"]),
    ],
)
def test_ids_are_found_where_they_name_this_paper(fields: str, expected: list[str]) -> None:
    assert ids(fields) == expected


def test_an_isbn_names_a_whole_book_only() -> None:
    assert ids("isbn = {0-306-40615-2 978-3-16-148410-0}", "book") == [
        "isbn:9780306406157",
        "isbn:9783161484100",
    ]
    assert ids("isbn = {978-3-16-148410-0}", "inproceedings") == []


def test_the_address_of_an_id_is_not_kept_twice() -> None:
    assert paper("doi = {10.1000/a}, url = {https://doi.org/10.1000/A}").url == ""
    assert paper("howpublished = {\\url{http://example.org/x}}").url == "http://example.org/x"


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("date = {2021-05-03}", "2021-05-03"),
        ("date = {2021-05/2021-07}", "2021-05"),
        ("date = {1994/1995}", "1994"),
        ("date = {2021-21}", "2021"),
        ("year = {2021}, month = {may}", "2021-05"),
        ("year = 2021, month = {10~dec}", "2021-12-10"),
        ('year = 2021, month = dec # "~10"', "2021-12-10"),
        ("year = 2021, month = 7, day = 4", "2021-07-04"),
        ("year = {May 1984}", "1984-05"),
        ("year = {2019a}", "2019"),
        ("year = {in press}", ""),
        ("urldate = {2021-05-03}", ""),
    ],
)
def test_dates(fields: str, date: str) -> None:
    assert paper(fields).published == date


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "Ludwig van Beethoven and Ana de la Cruz",
            [("van Beethoven", "Ludwig"), ("de la Cruz", "Ana")],
        ),
        ("{van der Berg}, Jan", [("van der Berg", "Jan")]),
        ("Jan {van der Berg}", [("van der Berg", "Jan")]),
        ("von Berg, Jr, Karl", [("von Berg", "Karl Jr")]),
        ("King, Martin, Jr.", [("King", "Martin Jr.")]),
        ("{Barnes and Noble, Inc.} and others", [("Barnes and Noble, Inc.", "")]),
        ("{{ATLAS Collaboration}}", [("ATLAS Collaboration", "")]),
        ("{Roe, Jane}", [("Roe", "Jane")]),
        (r"G\"odel, Kurt AND Thomas K{\"u}hne", [("Gödel", "Kurt"), ("Kühne", "Thomas")]),
        ("Roe, J.\n and Doe, J.", [("Roe", "J."), ("Doe", "J.")]),
        ("Smith, J., Doe, A., and Roe, B.", [("Smith", "J."), ("Doe", "A."), ("Roe", "B.")]),
        ("family=Gogh, given=Vincent, prefix=van, useprefix=true", [("van Gogh", "Vincent")]),
        ("Jane Roe; John Doe", [("Roe", "Jane"), ("Doe", "John")]),
        ("Roe, Jane et al.", [("Roe", "Jane")]),
        ("Plato", [("Plato", "")]),
        ("and", []),
    ],
)
def test_names(names: str, expected: list[tuple[str, str]]) -> None:
    assert authors(names) == expected


def test_a_book_without_authors_has_its_editors() -> None:
    assert paper("editor = {Roe, Jane}", "book").authors == (Author("Roe", "Jane"),)
    assert paper("editor = {Roe, Jane}", "inproceedings").authors == ()


@pytest.mark.parametrize(
    ("kind", "fields", "venue"),
    [
        ("article", "journaltitle = {J}, publisher = {P}", "J"),
        ("inproceedings", "booktitle = {Proc.\\ of {X}}, publisher = {P}", "Proc. of X"),
        ("book", "publisher = {P}, series = {S}", "P"),
        ("phdthesis", "school = {A University}", "A University"),
        ("techreport", "institution = {I}", "I"),
        ("article", "journal = {arXiv:1706.03762 [cs]}", "arXiv"),
        ("misc", "author = {R}, howpublished = {\\url{http://example.org}}", ""),
        ("article", "journal = {\\apj}", "apj"),
    ],
)
def test_venues(kind: str, fields: str, venue: str) -> None:
    assert paper(fields, kind).venue == venue


def test_a_part_inherits_from_the_book_that_it_refers_to() -> None:
    part, _ = entries(
        "@inproceedings{p, title = {P}, crossref = {Conf}}\n"
        "@proceedings{conf, title = {Proc. of X}, year = 1999, isbn = {978-3-16-148410-0}}"
    )
    assert isinstance(part, Item)
    assert (part.paper.venue, part.paper.published, part.paper.ids) == ("Proc. of X", "1999", ())


def test_an_entry_that_refers_to_itself_is_read() -> None:
    assert item("@book{a, title = {A}, crossref = {a}}").paper.title == "A"


def test_tags_come_from_all_programs_fields_once() -> None:
    found = item("@book{a, title={A}, keywords={x,{y, z},R\\&D}, mendeley-tags={x,w}, tags={a;b}}")
    assert [t.name for t in found.tags] == ["x", "y, z", "R&D", "w", "a", "b"]


@pytest.mark.parametrize(
    ("fields", "moment"),
    [
        ("timestamp = {2010.03.12}", datetime(2010, 3, 12, tzinfo=UTC)),
        ("creationdate = {2021-05-03T10:11:12}", datetime(2021, 5, 3, 10, 11, 12, tzinfo=UTC)),
        ("date-added = {2019-01-17 16:29:28 +0100}", datetime(2019, 1, 17, 15, 29, 28, tzinfo=UTC)),
        ("added-at = {2010-06-14T16:46:05.000+0200}", datetime(2010, 6, 14, 14, 46, 5, tzinfo=UTC)),
        ("timestamp = {soon}", None),
        ("timestamp = {Mon, 13 Aug 2018 16:46:58 +0200}, bibsource = {dblp}", None),
    ],
)
def test_when_it_was_added(fields: str, moment: datetime | None) -> None:
    assert item(f"@book{{a, title = {{A}}, {fields}}}").added_at == moment
