import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.pages import json_lines, saved_pages
from recommender.identifiers import PaperId, unique
from recommender.ingest import (
    EPOCH,
    Candidate,
    Place,
    best_places,
    first_versions,
    joined,
    merged,
    names_on,
    newest,
    unseen,
)
from recommender.listings import Listed, Listing
from recommender.papers import Author, Kind, Paper


def paper(title: str = "A study of long enough titles", *ids: str, **fields: object) -> Paper:
    return Paper(title=title, ids=unique(map(PaperId.parse, ids)), **fields)  # type: ignore[arg-type]


def page(*papers: Paper, name: str = "hot", source: str = "daily") -> Listing:
    listed = tuple(Listed(position=i, paper=p) for i, p in enumerate(papers, 1))
    return Listing(source=source, name=name, papers=listed)


def test_a_paper_on_two_pages_is_one_candidate_with_two_places() -> None:
    found = unseen(
        [
            page(paper("Other things entirely here"), paper("Same", "doi:10.1000/a"), name="cs.CL"),
            page(paper("The same", "doi:10.1000/A"), name="cs.LG"),
        ]
    )

    assert len(found.candidates) == 2
    assert found.candidates[1].provenance == (
        Place("daily", "cs.CL", 2),
        Place("daily", "cs.LG", 1),
    )
    assert [(p.listing, p.n_papers, p.n_new) for p in found.pages] == [
        ("cs.CL", 2, 2),
        ("cs.LG", 1, 0),
    ]


def test_papers_that_a_third_one_links_are_one() -> None:
    a, c = paper("First form", "doi:10.1000/a"), paper("Last form", "arxiv:2101.00001")
    b = paper("Between the two", "doi:10.1000/a", "arxiv:2101.00001")

    found = unseen([page(a, name="1"), page(c, name="2"), page(b, name="3")])

    (candidate,) = found.candidates
    assert {str(i) for i in candidate.paper.ids} == {"doi:10.1000/a", "arxiv:2101.00001"}
    assert [p.n_new for p in found.pages] == [1, 0, 0]


def test_an_entry_that_its_own_page_repeats_is_new_once() -> None:
    twice = paper("Twice on one page, for some reason")

    found = unseen([page(twice, paper("Another one of four words"), twice)])

    assert [(p.n_papers, p.n_new) for p in found.pages] == [(3, 2)]
    assert found.candidates[0].provenance == (Place("daily", "hot", 1),)


def test_papers_of_one_title_with_different_abstracts_are_two() -> None:
    found = unseen([page(paper(abstract="About one thing."), paper(abstract="About another."))])

    assert len(found.candidates) == 2


def test_known_papers_are_not_new_but_what_the_page_says_of_them_is_kept() -> None:
    old, new = paper("Old", "doi:10.1000/old"), paper("New", "doi:10.1000/new")

    found = unseen([page(old, new)], known=unseen([page(old)]).candidates)

    assert [c.paper for c in found.candidates] == [new]
    assert [c.paper for c in found.again] == [old]
    assert [(p.n_papers, p.n_new) for p in found.pages] == [(2, 1)]


def test_a_paper_that_is_known_by_any_of_its_versions_names_is_known() -> None:
    link = paper("Here", "doi:10.1000/a", "arxiv:2101.00001")

    known = unseen([page(paper("Once upon a time", "doi:10.1000/a"))]).candidates
    pages = [page(paper("There", "arxiv:2101.00001")), page(link, name="2")]
    found = unseen(pages, known)

    assert found.candidates == ()
    assert [p.n_new for p in found.pages] == [0, 0]


LEAVES, ROOTS = (
    {"title": "Leaves in the wind of autumn", "authors": (Author("Lovelace", "Ada"),)},
    {"title": "Roots below the snow", "authors": (Author("Babbage", "Charles"),)},
)


@pytest.mark.parametrize("shared_id", ["isbn:9780306406157", "doi:10.1000/volume"])
def test_two_papers_with_their_volumes_id_stay_two(shared_id: str) -> None:
    ids = unique([PaperId.parse(shared_id)])
    leaves, roots = Paper(**LEAVES, ids=ids), Paper(**ROOTS, ids=ids)  # type: ignore[arg-type]

    found = unseen([page(leaves, roots)])

    assert [c.paper for c in found.candidates] == [leaves, roots]
    assert [p.n_new for p in found.pages] == [2]
    again = unseen([page(roots)], known=unseen([page(leaves)]).candidates)
    assert [c.paper for c in again.candidates] == [roots]


def test_two_chapters_of_json_lines_with_their_books_isbn_stay_two() -> None:
    lines = (
        f'{{"title": "{title}", "authors": ["{by}"], "ids": {{"isbn": "9780306406157"}}}}\n'
        for title, by in (("Leaves in the wind", "Ada Lovelace"), ("Roots", "Charles Babbage"))
    )
    listing = json_lines.listing("".join(lines).encode(), source="s", name="book.jsonl")

    assert len(unseen([listing]).candidates) == 2


def test_one_text_under_two_dois_of_publishers_is_two_papers() -> None:
    one, other = (paper("One text in two places", f"doi:10.1000/{c}", abstract="A") for c in "ab")

    assert len(unseen([page(one, other)]).candidates) == 2


def test_what_is_known_links_what_a_page_lists() -> None:
    link = paper("Between the two", "doi:10.1000/a", "arxiv:2101.00001")
    known = unseen([page(link)]).candidates

    found = unseen([page(paper("X", "doi:10.1000/a"), paper("Y", "arxiv:2101.00001"))], known)

    assert not found.candidates
    (again,) = found.again
    assert {p.title for p in again.versions} == {"X", "Y"}


def test_names_on_pages_are_those_of_all_their_papers() -> None:
    one, other = paper("A", "doi:10.1000/a"), paper("B", "pmid:12345")

    assert names_on([page(one), page(other, name="2")]) == {"doi:10.1000/a", "pmid:12345"}


@pytest.mark.parametrize(
    ("published", "at"),
    [
        (["2021", "2020-05-06"], datetime(2021, 1, 1, tzinfo=UTC)),
        (["2021-03", "", "2020"], datetime(2021, 3, 1, tzinfo=UTC)),
        (["2021-03-04"], datetime(2021, 3, 4, tzinfo=UTC)),
        (["", ""], EPOCH),
        ([], EPOCH),
    ],
)
def test_pages_are_as_new_as_the_newest_paper_on_them(published: list[str], at: datetime) -> None:
    assert newest([page(*(paper(published=day) for day in published))]) == at


def test_pages_are_as_new_as_their_own_date_where_that_is_later() -> None:
    at = datetime(2024, 5, 6, 7, tzinfo=UTC)

    assert newest([replace(page(paper(published="2023")), published_at=at), page()]) == at


def test_of_several_versions_the_first_takes_the_place() -> None:
    bare = paper("One title of saved pages", abstract="For a conference.")
    journal = paper("One title of saved pages", abstract="For a journal, with more in it.")
    ada = paper("One title for two works", authors=(Author("Lovelace", "Ada"),), published="2020")
    charles = replace(ada, authors=(Author("Babbage", "Charles"),))
    preprint = replace(ada, ids=(PaperId.parse("arxiv:2001.00001"),), kind=Kind.PREPRINT)
    editorial = paper("Editorial")
    last = paper("Editorial", abstract="Another one.")

    found = first_versions([bare, ada, journal, charles, preprint, editorial, last])

    assert found == [0, 1, 0, 3, 1, 5, 6]


def test_one_title_with_other_dois_takes_two_places() -> None:
    one, other = (paper("One title for two works", f"doi:10.1000/{c}") for c in "ab")

    assert first_versions([one, other]) == [0, 1]


def test_an_empty_page_is_counted_too() -> None:
    found = unseen([page(name="quiet")])

    assert [(p.source, p.listing, p.n_papers, p.n_new) for p in found.pages] == [
        ("daily", "quiet", 0, 0)
    ]
    assert found.candidates == ()


def test_no_pages_add_nothing() -> None:
    assert unseen([]).candidates == ()


def test_the_best_metadata_of_each_version_is_kept() -> None:
    bare = paper(
        "Deep things", "doi:10.1000/a", published="2024", kind=Kind.ARTICLE, venue="Letters"
    )
    rich = paper(
        "Deep things: the preprint",
        "arxiv:2401.00001",
        "doi:10.1000/a",
        abstract="All about it.",
        authors=(Author("Lovelace", "Ada"),),
        published="2024-03-01",
        kind=Kind.PREPRINT,
        venue="A server of preprints",
        url="https://example.org/deep",
        categories=("cs.CL", "cs.LG"),
    )

    assert merged([bare, rich]) == Paper(
        title="Deep things: the preprint",
        ids=(PaperId.parse("doi:10.1000/a"), PaperId.parse("arxiv:2401.00001")),
        abstract="All about it.",
        authors=(Author("Lovelace", "Ada"),),
        published="2024-03-01",
        kind=Kind.ARTICLE,
        venue="Letters",
        url="https://example.org/deep",
        categories=("cs.CL", "cs.LG"),
    )


def test_references_of_every_version_are_kept() -> None:
    one, other = (unique(map(PaperId.parse, ids)) for ids in (["pmid:7", "pmid:8"], ["pmid:9"]))
    plain, citing, more = paper(), paper(references=one), paper(references=other)

    assert merged([plain, citing]) == citing
    assert merged([citing, plain, more]).references == unique([*one, *other])


def test_one_paper_with_its_references_and_without_is_one_candidate_that_has_them() -> None:
    # Nothing but being equal makes these two one work.
    bare = Paper(title="Editorial")
    citing = replace(bare, references=(PaperId.parse("pmid:7"),))

    (candidate,) = unseen([page(bare), page(citing, name="cold")]).candidates

    assert candidate.paper == citing
    assert [place.listing for place in candidate.provenance] == ["cold", "hot"]
    assert unseen([page(bare)], [candidate]).candidates == ()
    assert first_versions([bare, citing]) == [0, 0]


def test_a_title_that_shouts_loses() -> None:
    assert merged([paper("DEEP THINGS INDEED"), paper("Deep things")]).title == "Deep things"


def test_of_equally_precise_dates_the_first_is_kept() -> None:
    versions = [paper(published="2024-05"), paper(published="2023-11"), paper(published="2022")]

    assert merged(versions).published == "2023-11"


def test_full_names_win_over_initials_and_complete_lists_over_full_names() -> None:
    initials = paper(authors=(Author("Lovelace", "A."),))
    full = paper(authors=(Author("Lovelace", "Ada"),))
    both = paper(authors=(Author("Lovelace", "A."), Author("Babbage", "C.")))

    assert merged([initials, full]).authors == full.authors
    assert merged([both, full]).authors == both.authors


def test_a_page_read_twice_keeps_the_best_position_and_the_most_votes() -> None:
    places = [Place("s", "p", 3, 10), Place("s", "p", 5, 12), Place("s", "p", 4, None)]

    assert best_places(places) == (Place("s", "p", 3, 12),)
    assert best_places([Place("s", "p", 1, None)]) == (Place("s", "p", 1, None),)
    assert best_places([Place("s", "p", 1, 0)]) == (Place("s", "p", 1, 0),)


def test_a_candidates_first_name_is_its_papers_best() -> None:
    found = unseen(
        [
            page(
                paper("Only words here but several"),
                paper("Words", "s2:" + "a" * 40, "doi:10.1000/z"),
            )
        ]
    )

    assert found.candidates[1].names[0] == "doi:10.1000/z"
    assert found.candidates[0].names[0].startswith("text:")


def test_nothing_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="empty"):
        joined([])


def test_one_candidate_joined_with_itself_is_itself() -> None:
    (one,) = unseen([page(paper("A", "doi:10.1000/a"))]).candidates

    assert joined([one]) == joined([one, one]) == one
    assert isinstance(one, Candidate)


def test_five_saved_pages_hold_430_papers(shared: Path) -> None:
    expected = json.loads((shared / "listings" / "expected.json").read_text())
    listings = [
        page(
            *(paper(e["title"], abstract=e["abstract_sha256"]) for e in found["entries"]),
            name=found["file"],
        )
        for found in expected["pages"]
    ]

    found = unseen(listings)

    assert sum(p.n_papers for p in found.pages) == 476
    assert sum(p.n_new for p in found.pages) == len(found.candidates) == 430


def test_five_saved_pages_as_they_are_read_hold_430_papers(shared: Path) -> None:
    files = sorted((shared / "listings").glob("0*.txt"))
    listings = [saved_pages.listing(f.read_bytes(), source="daily", name=f.name) for f in files]

    found = unseen(listings)

    assert [p.n_papers for p in found.pages] == [81, 206, 70, 61, 58]
    assert sum(p.n_new for p in found.pages) == len(found.candidates) == 430
    again = unseen([*reversed(listings), *listings])
    assert set(again.candidates) == set(found.candidates)


def test_links_are_the_shortest_and_part_no_versions() -> None:
    long, short = "https://example.org/of/the/code", "https://example.org/code"
    bare = Paper(title="Editorial")
    linked = [replace(bare, code=long), replace(bare, code=short, website=long), bare]

    assert merged(linked) == merged(linked[::-1]) == replace(bare, code=short, website=long)
    # Nothing but being equal makes these one work.
    [candidate] = unseen([page(one, name=str(n)) for n, one in enumerate(linked)]).candidates
    assert candidate.paper.code == short


def test_a_place_says_who_put_the_paper_there_or_who_chose_the_page() -> None:
    listed = (
        Listed(position=1, paper=paper("One of the two papers"), curator="Ann"),
        Listed(position=2, paper=paper("The other of them both")),
    )
    chosen = Listing(source="daily", name="hot", papers=listed, curator="Bo")

    places = [one.provenance for one in unseen([chosen]).candidates]

    assert places == [
        (Place("daily", "hot", 1, None, "Ann"),),
        (Place("daily", "hot", 2, None, "Bo"),),
    ]
    both = [Place("s", "p", 1, 3, ""), Place("s", "p", 2, 1, "Cay"), Place("s", "p", 2, 1, "Ann")]
    assert best_places(both) == best_places(both[::-1]) == (Place("s", "p", 1, 3, "Ann"),)
