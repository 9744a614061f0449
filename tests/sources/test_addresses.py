"""An address that is copied from the browser opens the source that it belongs to."""

from datetime import UTC, datetime

import pytest

from integrations.sources import arxiv
from integrations.sources.addresses import opened, source_of
from integrations.sources.web_pages import WebPage, manners
from recommender import registry
from recommender.errors import ConfigError
from recommender.ports import Access

ACCESS = Access(now=datetime(2026, 5, 2, tzinfo=UTC))

MEANT = {
    "https://huggingface.co/papers": "huggingface daily",
    "https://huggingface.co/papers/": "huggingface daily",
    "https://huggingface.co/papers/trending": "huggingface trending",
    "https://huggingface.co/papers/date/2026-05-01": "huggingface 2026-05-01",
    "https://huggingface.co/papers?date=2026-05-01": "huggingface 2026-05-01",
    "https://huggingface.co/api/daily_papers?date=2026-05-01": "huggingface 2026-05-01",
    "https://huggingface.co/papers/week/2026-W18": "huggingface 2026-W18",
    "https://huggingface.co/papers/month/2026-05": "huggingface 2026-05",
    "https://huggingface.co/papers?q=graph+learning": "huggingface search:graph learning",
    "https://arxiv.org/list/cs.CL/recent": "arxiv cs.CL",
    "http://www.arxiv.org/list/hep-th/new?show=50#top": "arxiv hep-th",
    "https://rss.arxiv.org/rss/cs.CL+cs.LG": "arxiv cs.CL+cs.LG",
    "https://rss.arxiv.org/atom/math.AG": "arxiv math.AG",
    "http://export.arxiv.org/rss/cs.CL": "arxiv cs.CL",
    "https://export.arxiv.org/api/query?search_query=ti:graph+AND+cat:cs.LG&max_results=9":
        "arxiv search:ti:graph AND cat:cs.LG",
    "https://www.biorxiv.org/collection/cell-biology?page=2": "biorxiv cell biology",
    "https://connect.biorxiv.org/biorxiv_xml.php?subject=neuroscience": "biorxiv neuroscience",
    "https://www.medrxiv.org/collection/oncology": "medrxiv oncology",
    "https://pubmed.ncbi.nlm.nih.gov/?term=microglia%5Btiab%5D+AND+review%5Bpt%5D&sort=date":
        "pubmed microglia[tiab] AND review[pt]",
    "https://www.ncbi.nlm.nih.gov/pubmed/?term=gulls": "pubmed gulls",
    "https://europepmc.org/search?query=microglia%20AND%20SRC%3APPR&page=3":
        "europepmc microglia AND SRC:PPR",
    "https://openalex.org/works?filter=primary_topic.id%3At10181,type%3Aarticle&sort=x":
        "openalex primary_topic.id:t10181,type:article",
    "https://api.openalex.org/works?search=gulls": "openalex search:gulls",
    "https://openalex.org/works?search=gulls&filter=type:article":
        "openalex default.search:gulls,type:article",
    "https://openalex.org/authors/a5048491430": "openalex authorships.author.id:a5048491430",
    "https://openalex.org/S1983995261": "openalex primary_location.source.id:S1983995261",
    "https://openreview.net/group?id=ICLR.cc/2026/Conference#tab-accept-oral":
        "openreview ICLR.cc/2026/Conference",
    "https://openreview.net/submissions?venue=ICLR.cc%2F2026%2FConference":
        "openreview ICLR.cc/2026/Conference",
    "https://dblp.org/db/conf/acl/acl2025.html": "dblp conf/acl/acl2025",
    "https://dblp.uni-trier.de/db/journals/tacl/index.html": "dblp journals/tacl",
    "https://dblp.org/db/conf/acl/": "dblp conf/acl",
    "https://dblp.org/search?q=graph%20learning": "dblp search:graph learning",
    "https://aclanthology.org/volumes/2025.acl-long/": "acl 2025.acl-long",
    "https://aclanthology.org/volumes/P18-1/": "acl P18-1",
    "https://aclanthology.org/events/acl-2025/": "acl 2025.acl",
    "https://zenodo.org/oai2d?set=user-birds": "oai zenodo.org/oai2d user-birds",
    "https://birds.example/index.php/gulls/oai": "oai birds.example/index.php/gulls/oai",
    "https://birds.example/x?verb=ListRecords&metadataPrefix=oai_dc&set=gulls":
        "oai birds.example/x oai_dc gulls",
    "https://api.crossref.org/works?query=bees&sort=created": "crossref search:bees",
    "https://api.crossref.org/works?query.bibliographic=bees": "crossref search:bees",
    "https://api.crossref.org/works?filter=issn:1234-5678,type:book":
        "crossref issn:1234-5678,type:book",
    "https://api.crossref.org/journals/1234-567X/works": "crossref issn:1234-567X",
    "https://api.crossref.org/members/78/works?rows=5": "crossref member:78",
    "https://api.crossref.org/prefixes/10.1371/works": "crossref prefix:10.1371",
    "https://search.crossref.org/?q=bees": "crossref search:bees",
    "https://search.crossref.org/search/works?q=bees&from_ui=yes": "crossref search:bees",
    "https://www.semanticscholar.org/search?q=honey%20bees&sort=pub-date":
        "semantic-scholar search:honey bees",
    "https://api.semanticscholar.org/graph/v1/paper/search/bulk?query=bees&fields=title":
        "semantic-scholar search:bees",
    "https://api.semanticscholar.org/graph/v1/paper/DOI:10.1145/3544585.3544600/citations":
        "semantic-scholar citations:DOI:10.1145/3544585.3544600",
    "https://api.biorxiv.org/details/biorxiv/2025-03-21/2025-03-28/0": "biorxiv",
    "https://api.biorxiv.org/details/biorxiv/2025-03-21/2025-03-28?category=cell_biology":
        "biorxiv cell biology",
    "https://api.biorxiv.org/details/medrxiv/10d": "medrxiv",
    "https://www.ebi.ac.uk/europepmc/webservices/rest/search?query=bees&format=json":
        "europepmc bees",
    "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pubmed&term=bees": "pubmed bees",
    "https://api2.openreview.net/notes?content.venueid=ICLR.cc/2026/Conference":
        "openreview ICLR.cc/2026/Conference",
    "https://www.nature.com/nature.rss": "www.nature.com/nature.rss",
    "https://rss.arxiv.org/": "rss.arxiv.org",
    "https://arxiv.org/list/cs.CL/2025-09": "arxiv.org/list/cs.CL/2025-09",
    "https://pubmed.ncbi.nlm.nih.gov/rss/search/1abc/": "pubmed.ncbi.nlm.nih.gov/rss/search/1abc",
    "https://huggingface.co.example/papers": "huggingface.co.example/papers",
    "https://dblp.org/pid/1/2.html": "dblp.org/pid/1/2.html",
}  # fmt: skip


@pytest.mark.parametrize("address", MEANT)
def test_an_address_opens_the_source_that_it_belongs_to(address: str) -> None:
    source = opened(f" {address}\n", ACCESS)
    assert source.name.removesuffix("/") == MEANT[address]
    kind, place = source_of(address)
    assert isinstance(source, WebPage) == (kind == "url")
    # The same as if it were named by kind and place.
    opens = registry.source(kind)
    assert opens(place, ACCESS).name == source.name


@pytest.mark.parametrize(
    "address",
    [
        "https://pubmed.ncbi.nlm.nih.gov/?term=gulls&filter=datesearch.y_1",
        "https://export.arxiv.org/api/query?search_query=all:gulls&id_list=2605.00001",
        "https://arxiv.org/list/no.SUCH/new",
        "https://huggingface.co/papers/date/2026-5",
        "https://europepmc.org/search?query=(gulls",
        "https://api.crossref.org/works?query=bees&filter=issn:1234-5678",
        "https://api.crossref.org/works?filter=from-pub-date:2026",
        "https://api.crossref.org/works/10.1371/journal.pone.0000001",
        "https://api.semanticscholar.org/graph/v1/paper/search?query=bees&year=2026",
        "https://api.semanticscholar.org/graph/v1/author/1741101",
        "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=gene&term=bees",
        "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed&id=123",
        "https://api2.openreview.net/notes?forum=abc",
        "birds.example/feed",
        "file:///etc/passwd",
        "https://ann:geheim@birds.example/feed",
    ],
)
def test_what_cannot_be_asked_is_told_at_once(address: str) -> None:
    with pytest.raises(ConfigError) as raised:
        opened(address, ACCESS)
    assert "\n" not in str(raised.value)
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://arxiv.org/abs/2605.00001",
        "https://www.arxiv.org/pdf/hep-th/9901001v2",
        "https://huggingface.co/papers/2605.00001",
        "https://pubmed.ncbi.nlm.nih.gov/123/",
        "https://www.biorxiv.org/content/10.1101/2026.03.01.000001v1",
        "https://api.biorxiv.org/details/biorxiv/10.1101/2026.03.01.000001",
        "https://openreview.net/forum?id=abc",
        "https://aclanthology.org/2025.acl-long.7/",
        "https://aclanthology.org/P18-1001/",
        "https://www.semanticscholar.org/paper/On-bees/0f40b1f00f40b1f00f40b1f00f40b1f00f40b1f0",
        "https://doi.org/10.1371/journal.pone.0000001",
    ],
)
def test_a_single_paper_is_no_list(address: str) -> None:
    with pytest.raises(ConfigError, match=r"that of one paper; name a list, such as arxiv:cs\.CL"):
        source_of(address)


def test_what_is_not_a_pattern_is_not_taken_for_one() -> None:
    address = "https://europepmc.org/search?query={0}{query}&0=x&self=y"
    assert source_of(address) == ("europepmc", "{0}{query}")


def test_all_hosts_of_arxiv_share_one_pace() -> None:
    assert manners("https://oaipmh.arxiv.org/oai") is arxiv.PACE
    assert manners("https://arxiv.org/") is arxiv.PACE
    assert manners("https://notarxiv.org/") is not arxiv.PACE
