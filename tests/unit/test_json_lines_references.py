"""What a paper cites is read from lists, in any spelling of its ids, and from nothing else."""

import json

import pytest

from integrations.pages.json_lines import listing


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (["10.1000/X", "doi:10.1000/x", "https://doi.org/10.1000/x"], ["doi:10.1000/x"]),
        (["1706.03762v2", "arXiv:1706.03762", "10.48550/arXiv.1706.03762"], ["arxiv:1706.03762"]),
        (["https://arxiv.org/pdf/1706.03762"], ["arxiv:1706.03762"]),
        (["pmid:123", "PMID: 123", "https://pubmed.ncbi.nlm.nih.gov/123/"], ["pmid:123"]),
        (["openalex:W123456", "https://openalex.org/W123456"], ["openalex:W123456"]),
        (
            ["acl:2020.acl-main.1", "dblp:conf/popl/Roe12"],
            ["acl:2020.acl-main.1", "dblp:conf/popl/Roe12"],
        ),
        (["s2:" + "a" * 40, {"paperId": "b" * 40}], ["s2:" + "a" * 40, "s2:" + "b" * 40]),
        (
            [{"title": "Bats", "externalIds": {"DOI": "10.1000/x"}}, {"id": "1706.03762"}],
            ["doi:10.1000/x", "arxiv:1706.03762"],
        ),
        (["pmid:9", "10.1000/x", "pmid:9"], ["doi:10.1000/x", "pmid:9"]),
        (["Roe, A. (2019). Birds. doi:10.1000/x."], ["doi:10.1000/x"]),
        (["Roe (2019)", "doi:none", "123", 123, None, True, 1.5, {}, [], {"title": "Bats"}], []),
        ("Roe (2019). doi:10.1000/x", []),
        ({"doi": "10.1000/x"}, []),
        (None, []),
    ],
)
def test_references_are_a_list_of_ids_in_any_spelling(
    references: object, expected: list[str]
) -> None:
    record = {"title": "Birds", "doi": "10.1000/own", "references": references}
    (listed,) = listing(json.dumps(record).encode(), source="s", name="n").papers
    found = listed.paper
    assert [str(i) for i in found.references] == expected
    assert [str(i) for i in found.ids] == ["doi:10.1000/own"]
