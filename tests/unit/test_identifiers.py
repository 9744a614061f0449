"""Spellings of identifiers, and where they hide in text."""

import pytest

from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique


@pytest.mark.parametrize(
    ("scheme", "text", "stored"),
    [
        (Scheme.DOI, "10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
        (Scheme.DOI, "https://doi.org/10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
        (Scheme.DOI, "DOI: 10.1109/CVPR.2016.90.", "doi:10.1109/cvpr.2016.90"),
        (Scheme.DOI, "10.1007/978-3-540-73589-2\\_14", "doi:10.1007/978-3-540-73589-2_14"),
        (Scheme.DOI, "https://doi.org/10.1007/11786986%5C_49", "doi:10.1007/11786986_49"),
        (Scheme.DOI, "10.1016/S0140-6736(20)30183-5", "doi:10.1016/s0140-6736(20)30183-5"),
        (Scheme.DOI, "(10.1016/S0140-6736(20)30183-5)", "doi:10.1016/s0140-6736(20)30183-5"),
        (Scheme.DOI, "10.1000/a;10.1000/b", "doi:10.1000/a"),
        (Scheme.DOI, "10.1000.10/123", "doi:10.1000.10/123"),
        (
            Scheme.DOI,
            "10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2",
            "doi:10.1175/1520-0469(1963)020<0130:dnf>2.0.co;2",
        ),
        (
            Scheme.DOI,
            "10.1002/(SICI)1097-0258(19980815)17:15&lt;1661::AID-SIM968&gt;3.0.CO;2-2",
            "doi:10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
        ),
        (Scheme.DOI, "https://doi.org/10.48550/arXiv.1706.03762", "arxiv:1706.03762"),
        (Scheme.DOI, "10.48550/ARXIV.hep-th/9901001", "arxiv:hep-th/9901001"),
        (Scheme.DOI, "10.1101/2020.01.02.123456v2.full.pdf", "doi:10.1101/2020.01.02.123456"),
        (Scheme.DOI, "10.1101/gr.229102", "doi:10.1101/gr.229102"),
        (Scheme.ARXIV, "1706.03762v5", "arxiv:1706.03762"),
        (Scheme.ARXIV, "arXiv:1706.03762v5 [cs.CL]", "arxiv:1706.03762"),
        (Scheme.ARXIV, "oai:arXiv.org:1706.03762", "arxiv:1706.03762"),
        (Scheme.ARXIV, "https://arxiv.org/pdf/1706.03762v1.pdf", "arxiv:1706.03762"),
        (Scheme.ARXIV, "https://huggingface.co/papers/1706.03762", "arxiv:1706.03762"),
        (Scheme.ARXIV, "math.GT/0309136", "arxiv:math/0309136"),
        (Scheme.ARXIV, "cond-mat.str-el/0309136v2", "arxiv:cond-mat/0309136"),
        (Scheme.PMID, "PMID: 031452104", "pmid:31452104"),
        (Scheme.PMID, "https://pubmed.ncbi.nlm.nih.gov/31452104/", "pmid:31452104"),
        (Scheme.ACL, "https://www.aclweb.org/anthology/p19-1001.pdf", "acl:P19-1001"),
        (Scheme.ACL, "2020.ACL-main.12", "acl:2020.acl-main.12"),
        (Scheme.OPENREVIEW, "https://openreview.net/forum?id=rJXMpikCZ", "openreview:rJXMpikCZ"),
        (Scheme.OPENALEX, "https://openalex.org/w2741809807", "openalex:W2741809807"),
        (Scheme.DBLP, "https://dblp.org/rec/bib/conf/a/B1", "dblp:conf/a/B1"),
        (Scheme.ISBN, "0-306-40615-2", "isbn:9780306406157"),
        (Scheme.ISBN, "ISBN 978-0-306-40615-7", "isbn:9780306406157"),
        (Scheme.ISBN, "080442957X", "isbn:9780804429573"),
    ],
)
def test_every_spelling_gives_the_stored_one(scheme: Scheme, text: str, stored: str) -> None:
    assert str(PaperId.of(scheme, text)) == stored


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        (Scheme.DOI, ""),
        (Scheme.DOI, "10.1007"),
        (Scheme.DOI, "10.12/short"),
        (Scheme.DOI, "n/a"),
        (Scheme.ARXIV, "1706.037"),
        (Scheme.ARXIV, "1713.03762"),  # no such month
        (Scheme.ARXIV, "2015"),
        (Scheme.PMID, "PMC123456"),
        (Scheme.PMID, "0"),
        (Scheme.S2, "abc"),
        (Scheme.ISBN, "978-0-306-40615-8"),
        (Scheme.ISBN, "0-306-40615-3"),
        (Scheme.OPENREVIEW, "12345"),
    ],
)
def test_what_is_no_id_is_refused(scheme: Scheme, text: str) -> None:
    assert attempt(scheme, text) is None
    with pytest.raises(ValueError, match="is not a"):
        PaperId.of(scheme, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://onlinelibrary.example/doi/10.1111/soc4.12454/abstract", "doi:10.1111/soc4.12454"),
        ("https://onlinelibrary.example/doi/pdf/10.1002/aic.69?s=09", "doi:10.1002/aic.69"),
        ("https://link.example/chapter/10.1007%2F978-3-319-4_5", "doi:10.1007/978-3-319-4_5"),
        ("http://doi.acm.example/10.1145/1094811.1094814", "doi:10.1145/1094811.1094814"),
        ("http://dx.doi.org.proxy.example.edu/10.2979/jew.25.2", "doi:10.2979/jew.25.2"),
        (
            "https://iop.example/article/10.1088/1742-6596/1/1/012048/meta",
            "doi:10.1088/1742-6596/1/1/012048",
        ),
        ("https://oup.example/nar/article/doi/10.1093/nar/gkx1/4567890", "doi:10.1093/nar/gkx1"),
        ("https://asme.example/d/article/doi/10.1115/1.40/400882/A-Title", "doi:10.1115/1.40"),
        ("http://site.example/article.aspx?doi=10.1001/arch.168.9&x=1", "doi:10.1001/arch.168.9"),
        (
            "https://plos.example/article?id=10.1371/journal.pbio.0060159",
            "doi:10.1371/journal.pbio.0060159",
        ),
        ("www.jstor.example/stable/10.1086/681274", "doi:10.1086/681274"),
        ("https://www.biorxiv.org/content/10.1101/506956v1", "doi:10.1101/506956"),
        ("http://a.example/doi/10.1002/rsa.2/full\\nhttp://b.example/x.pdf", "doi:10.1002/rsa.2"),
        ("Publisher: X _eprint: https://doi.org/10.1080/1478.", "doi:10.1080/1478"),
        ("DOI 10.1000/182, see there", "doi:10.1000/182"),
        ("info:doi/10.1000/182", "doi:10.1000/182"),
        ("arXiv preprint arXiv:1706.03762", "arxiv:1706.03762"),
        ("ArXiv, abs/1706.03762", "arxiv:1706.03762"),
        ("CoRR abs/1706.03762", "arxiv:1706.03762"),
        ("ADS Bibcode: 2017arXiv170603762V", "arxiv:1706.03762"),
        ("http://adsabs.example/abs/2009arXiv0912.0201L", "arxiv:0912.0201"),
        ("eprint: arXiv:astro-ph/9802064", "arxiv:astro-ph/9802064"),
        ("https://ar5iv.labs.arxiv.org/html/1706.03762", "arxiv:1706.03762"),
        ("tex.ids: a\nPMID: 31452104\nScore: 1", "pmid:31452104"),
        ("https://openreview.net/pdf?id=rJXMpikCZ", "openreview:rJXMpikCZ"),
        ("https://aclanthology.org/2020.acl-main.1.pdf", "acl:2020.acl-main.1"),
    ],
)
def test_an_id_is_found_in_text(text: str, found: str) -> None:
    assert [str(i) for i in found_in(text)] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ISBN 978-0-306-40615-7",  # a chapter's or a proceedings paper's is its book's
        "http://www.ncbi.nlm.nih.gov/pubmed/3",  # a footnote's number
        "version 10.1000 of 2015.12345",
        "arXiv",
        "call 1706.03762 for help",
        "https://example.org/2015/1234.5678",
        "sha 3f786850e387550fdab836ed7e6dc881de23001b",
        "PMCID: PMC7029759",
    ],
)
def test_nothing_is_found_where_nothing_is_unmistakable(text: str) -> None:
    assert list(found_in(text)) == []


def test_all_ids_of_a_text_are_found_once() -> None:
    text = "doi:10.1000/182 and https://doi.org/10.1000/182, also arXiv:1706.03762v2; PMID: 1234"
    assert [str(i) for i in found_in(text)] == ["doi:10.1000/182", "arxiv:1706.03762", "pmid:1234"]


def test_a_paper_in_dblp_s_copy_of_arxiv_has_both_names() -> None:
    found = {str(i) for i in found_in("https://dblp.org/rec/journals/corr/abs-1202-2407")}
    assert found == {"dblp:journals/corr/abs-1202-2407", "arxiv:1202.2407"}


def test_a_long_text_without_an_id_is_read_in_no_time() -> None:
    assert list(found_in("https://a/" * 20_000)) == []


def test_only_the_stored_spelling_makes_an_id() -> None:
    with pytest.raises(ValueError, match="stored spelling"):
        PaperId(Scheme.DOI, "10.1000/ABC")


def test_unique_ids_stand_in_order_of_trust() -> None:
    arxiv, doi = PaperId.of(Scheme.ARXIV, "1706.03762"), PaperId.of(Scheme.DOI, "10.1000/1")
    assert unique([arxiv, None, doi, arxiv]) == (doi, arxiv)


def test_an_id_knows_its_page() -> None:
    assert PaperId.parse("arxiv:1706.03762").url == "https://arxiv.org/abs/1706.03762"
    with pytest.raises(ValueError, match="nope"):
        PaperId.parse("nope:1")
