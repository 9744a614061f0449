"""Laws of identifiers: one spelling for each, wherever it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.identifiers import _NORMAL, _PLAIN, PaperId, Scheme, attempt, found_in, unique
from recommender.testing.strategies import paper_ids

_URLS = {
    Scheme.DOI: ["https://doi.org/{}", "http://dx.doi.org/{}", "doi:{}", "DOI: {}."],
    Scheme.ARXIV: ["https://arxiv.org/abs/{}v3", "http://arxiv.org/pdf/{}.pdf", "arXiv:{}v2"],
    Scheme.PMID: ["https://pubmed.ncbi.nlm.nih.gov/{}/", "PMID: {}", "000{}"],
    Scheme.OPENREVIEW: ["https://openreview.net/forum?id={}", "https://openreview.net/pdf?id={}"],
    Scheme.ACL: ["https://aclanthology.org/{}/", "https://www.aclweb.org/anthology/{}.pdf"],
    Scheme.OPENALEX: ["https://openalex.org/{}", "https://openalex.org/works/{}"],
    Scheme.S2: [
        "https://www.semanticscholar.org/paper/{}",
        "https://www.semanticscholar.org/paper/A-Title/{}",
    ],
    Scheme.DBLP: ["https://dblp.org/rec/{}", "DBLP:{}", "https://dblp.uni-trier.de/rec/bib/{}"],
    Scheme.ISBN: ["ISBN {}", "urn:isbn:{}"],
}


@given(paper_ids())
def test_an_id_reads_what_it_writes(paper_id: PaperId) -> None:
    assert PaperId.parse(str(paper_id)) == paper_id
    assert PaperId.of(paper_id.scheme, paper_id.value) == paper_id


@given(paper_ids(), st.data())
def test_all_spellings_of_an_id_are_one_id(paper_id: PaperId, data: st.DataObject) -> None:
    spelling = data.draw(st.sampled_from(_URLS[paper_id.scheme])).format(paper_id.value)
    assert PaperId.of(paper_id.scheme, spelling) == paper_id


@given(paper_ids(Scheme.DOI, Scheme.ARXIV, Scheme.S2))
def test_case_does_not_matter(paper_id: PaperId) -> None:
    assert PaperId.of(paper_id.scheme, paper_id.value.upper()) == paper_id


@given(paper_ids())
def test_an_id_is_found_behind_its_own_address(paper_id: PaperId) -> None:
    found = list(found_in(f"see {paper_id.url} for more"))
    # An ISBN is never taken from free text, and a PMID this small is a footnote's number.
    if paper_id.scheme is Scheme.ISBN or (
        paper_id.scheme is Scheme.PMID and len(paper_id.value) < 4
    ):
        assert paper_id not in found
    else:
        assert found == [paper_id]


@given(paper_ids(Scheme.ARXIV))
def test_the_doi_that_arxiv_registers_is_the_arxiv_id(paper_id: PaperId) -> None:
    assert PaperId.of(Scheme.DOI, f"https://doi.org/10.48550/arXiv.{paper_id.value}") == paper_id


@given(st.text(), st.sampled_from(Scheme))
def test_any_text_spells_an_id_in_its_stored_spelling_or_none(text: str, scheme: Scheme) -> None:
    found = attempt(scheme, text)
    if found is not None:
        assert PaperId.of(found.scheme, found.value) == found


@given(st.text())
def test_what_is_found_in_any_text_is_well_formed_and_found_once(text: str) -> None:
    found = list(found_in(text))
    assert len(set(found)) == len(found)


@given(st.text("10./doiDOI:arxiv()<>;,v &%25", max_size=60))
def test_no_jumble_of_an_ids_parts_breaks_the_search(text: str) -> None:
    for paper_id in found_in(text):
        assert PaperId.parse(str(paper_id)) == paper_id


@given(st.lists(st.none() | paper_ids()))
def test_unique_ids_stand_in_order_of_trust(ids: list[PaperId | None]) -> None:
    found = unique(ids)
    order = [list(Scheme).index(i.scheme) for i in found]
    assert order == sorted(order)
    assert set(found) == {i for i in ids if i}
    assert unique(reversed(ids)) == found


@given(st.text(), st.sampled_from(Scheme))
def test_an_id_in_another_spelling_is_refused(text: str, scheme: Scheme) -> None:
    found = attempt(scheme, text)
    if found is None or found.value != text:
        with pytest.raises(ValueError, match="not the stored spelling"):
            PaperId(scheme, text)


@given(st.sampled_from([*_PLAIN]), st.data())
def test_what_is_plainly_normal_is_normal(scheme: Scheme, data: st.DataObject) -> None:
    # Names of preprints in several versions are spelled another way than others.
    near = st.from_regex(r"10\.(?:1101|64898|48550|1234)/[a-z0-9._()-]*(?:v[0-9])?", fullmatch=True)
    text = data.draw(st.from_regex(_PLAIN[scheme], fullmatch=True) | near)
    if _PLAIN[scheme].fullmatch(text):
        assert _NORMAL[scheme](text) == text
