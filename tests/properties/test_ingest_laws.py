"""Neither the order of pages nor reading one twice changes what is found on them."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.identifiers import PaperId, Scheme, unique
from recommender.identity import names, same_work
from recommender.ingest import Candidate, joined, merged, unseen
from recommender.listings import Listed, Listing
from recommender.papers import Author, Kind, Paper

# Few of each, so that papers meet in many ways.
IDS = st.sampled_from(
    [PaperId(Scheme.DOI, f"10.1000/{c}") for c in "abc"]
    + [PaperId(Scheme.ISBN, "9780306406157")]
    + [PaperId(Scheme.ARXIV, f"2101.0000{n}") for n in range(4)]
)
PAPERS = st.builds(
    Paper,
    title=st.sampled_from(
        ["On", "ON", "A long enough title", "A Long Enough Title", "Notes on it"]
    ),
    abstract=st.sampled_from(["", "", "Short.", "Long enough."]),
    authors=st.lists(st.builds(Author, st.sampled_from("AB"), st.sampled_from(["", "C"]))).map(
        tuple
    ),
    venue=st.sampled_from(["", "Letters", "Acta"]),
    published=st.sampled_from(["", "2024", "2023-01", "2024-01", "2024-01-02"]),
    ids=st.lists(IDS, max_size=2, unique=True).map(tuple),
    url=st.sampled_from(["", "https://a.example", "https://b.example"]),
    kind=st.sampled_from(Kind),
    categories=st.lists(st.sampled_from("xy"), max_size=2).map(tuple),
    references=st.lists(IDS, max_size=2).map(unique),
)


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    papers = draw(st.lists(PAPERS, max_size=5))
    votes = draw(st.sampled_from([None, 0, 3]))
    return Listing(
        source=draw(st.sampled_from("st")),
        name=draw(st.sampled_from("pq")),
        papers=tuple(Listed(position=i, paper=p, votes=votes) for i, p in enumerate(papers, 1)),
    )


PAGES = st.lists(listings(), max_size=5)
MANY = settings(max_examples=200)


def found_on(pages: list[Listing]) -> set[Candidate]:
    return set(unseen(pages).candidates)


@MANY
@given(PAGES, st.data())
def test_order_and_repetition_change_nothing(pages: list[Listing], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(pages), max_size=3)) if pages else []
    shuffled = data.draw(st.permutations([*pages, *again]))

    assert found_on(shuffled) == found_on(pages)


@MANY
@given(PAGES)
def test_every_entry_is_in_one_candidate(pages: list[Listing]) -> None:
    candidates = unseen(pages).candidates

    for page in pages:
        for listed in page.papers:
            (home,) = [c for c in candidates if listed.paper in c.versions]
            assert set(names(listed.paper)) <= set(home.names)
            assert (page.source, page.name) in [(p.source, p.listing) for p in home.provenance]


@MANY
@given(PAGES)
def test_what_is_grouped_is_one_work_or_linked_by_others_that_are(pages: list[Listing]) -> None:
    for candidate in unseen(pages).candidates:
        reached, left = [candidate.versions[0]], set(candidate.versions[1:])
        for one in reached:
            linked = {other for other in left if same_work(one, other)}
            reached += linked
            left -= linked
        assert not left


@MANY
@given(PAGES)
def test_what_shares_a_name_and_is_one_work_is_in_one_candidate(pages: list[Listing]) -> None:
    versions = [(n, v) for n, c in enumerate(unseen(pages).candidates) for v in c.versions]
    for (n, one), (m, other) in combinations(versions, 2):
        assert n == m or set(names(one)).isdisjoint(names(other)) or not same_work(one, other)


@MANY
@given(PAGES)
def test_new_entries_add_up_to_the_candidates(pages: list[Listing]) -> None:
    found = unseen(pages)

    assert sum(p.n_new for p in found.pages) == len(found.candidates)
    assert [p.n_papers for p in found.pages] == [len(p.papers) for p in pages]


@MANY
@given(PAGES)
def test_what_was_found_is_not_new_again(pages: list[Listing]) -> None:
    first = unseen(pages)

    second = unseen(pages, first.candidates)

    assert second.candidates == ()
    assert second.again == first.candidates
    assert all(p.n_new == 0 for p in second.pages)


@MANY
@given(st.lists(PAPERS, min_size=1, max_size=5), st.data())
def test_merging_knows_no_order_and_can_be_done_bit_by_bit(
    papers: list[Paper], data: st.DataObject
) -> None:
    whole = merged(papers)
    cut = data.draw(st.integers(0, len(papers) - 1))
    bit_by_bit = [merged(papers[: cut + 1]), *papers[cut:]]

    assert merged(data.draw(st.permutations(papers))) == whole
    # One version alone keeps its ids in its own order.
    assert len(set(papers)) == 1 or merged(bit_by_bit) == whole
    assert set(whole.ids) == {i for p in papers for i in p.ids}
    assert set(whole.references) == {i for p in papers for i in p.references}


@MANY
@given(PAGES)
def test_a_candidate_shares_a_name_with_its_merged_paper(pages: list[Listing]) -> None:
    for candidate in unseen(pages).candidates:
        assert candidate.names[0] == names(candidate.paper)[0]
        assert joined([candidate, candidate]) == candidate
