"""Which source a web address belongs to: the place that a reader copies from the browser."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx2

from integrations.sources.acl_anthology import AclAnthologySource
from integrations.sources.arxiv import ArxivSource
from integrations.sources.biorxiv import BiorxivSource, MedrxivSource
from integrations.sources.crossref import CrossrefSource
from integrations.sources.dblp import DblpSource
from integrations.sources.europepmc import EuropepmcSource
from integrations.sources.huggingface import HuggingFaceSource
from integrations.sources.oai import OaiSource
from integrations.sources.openalex import OpenAlexSource
from integrations.sources.openreview import OpenReviewSource
from integrations.sources.pubmed import PubmedSource
from integrations.sources.semantic_scholar import SemanticScholarSource
from integrations.sources.web_pages import WebPage, manners
from recommender.errors import ConfigError
from recommender.ports import Access, Source


def opened(place: str, access: Access) -> Source:
    """The source at an address: that of the service to which it belongs, or the page itself.

    Args:
        place: An address of http or https.
        access: What the service may be asked with.

    Raises:
        ConfigError: If it is no address, or one that says more than the source can be asked.
    """
    kind, meant = source_of(place)
    return _OPENS[kind](meant, access)


def source_of(address: str) -> tuple[str, str]:
    """The kind of source that an address is of, and its place there; ``url`` for any other page.

    Raises:
        ConfigError: If it is no address, or one that says more than the source can be asked, or a
            service's that lists nothing.
    """
    address = address.strip()
    manners(address)
    url = httpx2.URL(address)
    host, path = url.host.removeprefix("www."), url.path.rstrip("/") or "/"
    asked = {name.replace(".", "_"): value for name, value in parse_qsl(url.query.decode("ascii"))}
    for row in _TABLE:
        match = re.fullmatch(row.path, path, re.ASCII) if host in row.hosts else None
        if match and asked.keys() >= row.needs and asked.get("db", "pubmed") == "pubmed":
            if unsaid := asked.keys() & _NARROWING - row.needs:
                raise ConfigError(
                    f"{host}: the address has a {min(unsaid)!r}, which {row.kind} cannot be asked "
                    "with; leave it out, or make it part of the query"
                )
            return row.kind, row.place.format(*match.groups(), **asked)
    if asked.get("verb") in _VERBS or re.search(r"/oai(?:2d?|-pmh|/request)?$", path):
        return "oai", address
    _refuse(host, path)
    return "url", address


def _refuse(host: str, path: str) -> None:
    """Raise where an address of a service is no list, and would be read as a page without any."""
    if any(host in hosts and re.match(start, path) for hosts, start in _PAPERS):
        raise ConfigError(
            f"{host}: the address is that of one paper; name a list, such as arxiv:cs.CL, or to get"
            " what cites a paper, semantic-scholar:citations: and its DOI or arXiv id"
        )
    if kind := _INTERFACES.get(host):
        raise ConfigError(
            f"{host}: the address is none of a list that {kind} can be asked for; write {kind}: and"
            " what you look for, as docs/sources.md shows"
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """Addresses that are a place of a source.

    Attributes:
        kind: Of the source.
        place: There, with the path's groups by number and the query's parameters by name.
        hosts: Without ``www.``.
        path: A pattern of the whole path without a final slash.
    """

    kind: str
    place: str
    hosts: tuple[str, ...]
    path: str = "/"

    @property
    def needs(self) -> frozenset[str]:
        """The parameters that the query must have."""
        return frozenset(re.findall(r"{([a-z_]+)}", self.place))


_ARXIV = ("arxiv.org", "export.arxiv.org")
_DBLP = ("dblp.org", "dblp.uni-trier.de", "dblp.dagstuhl.de")
_HUGGING_FACE = ("huggingface.co",)
_API = ("api.biorxiv.org", "api.medrxiv.org")
_CROSSREF = ("api.crossref.org",)
_SCHOLAR = ("api.semanticscholar.org",)
_OPENALEX = ("openalex.org", "api.openalex.org")
_OPENREVIEW = ("api2.openreview.net", "api.openreview.net")
_DAYS = r"(?!10\.).+"  # what else can stand there is a DOI
_VENUE = r"((?:conf|journals|series|books|reference)/[\w-]+)"
_TABLE = (
    _Row("huggingface", "{date}", _HUGGING_FACE, r"/papers|/api/daily_papers"),
    _Row("huggingface", "search:{q}", _HUGGING_FACE, r"/papers|/api/papers/search"),
    _Row("huggingface", "daily", _HUGGING_FACE, r"/papers"),
    _Row("huggingface", "trending", _HUGGING_FACE, r"/papers/trending"),
    _Row("huggingface", "{0}", _HUGGING_FACE, r"/papers/(?:date|week|month)/([\dW-]+)"),
    _Row("arxiv", "{0}", _ARXIV, r"/list/([\w.-]+)/(?:new|recent|pastweek|current)"),
    _Row("arxiv", "{0}", ("rss.arxiv.org", *_ARXIV), r"/(?:rss|atom)/([\w.+-]+)"),
    _Row("arxiv", "search:{search_query}", _ARXIV, r"/api/query"),
    _Row("biorxiv", "{0}", ("biorxiv.org",), r"/collection/([\w-]+)"),
    _Row("biorxiv", "{subject}", ("connect.biorxiv.org",), r"/biorxiv_xml\.php"),
    _Row("biorxiv", "{category}", _API, rf"/details/biorxiv/{_DAYS}"),
    _Row("biorxiv", "", _API, rf"/details/biorxiv/{_DAYS}"),
    _Row("medrxiv", "{category}", _API, rf"/details/medrxiv/{_DAYS}"),
    _Row("medrxiv", "", _API, rf"/details/medrxiv/{_DAYS}"),
    _Row("medrxiv", "{0}", ("medrxiv.org",), r"/collection/([\w-]+)"),
    _Row("medrxiv", "{subject}", ("connect.medrxiv.org",), r"/medrxiv_xml\.php"),
    _Row("pubmed", "{term}", ("pubmed.ncbi.nlm.nih.gov",)),
    _Row("pubmed", "{term}", ("ncbi.nlm.nih.gov",), r"/pubmed"),
    _Row("pubmed", "{term}", ("eutils.ncbi.nlm.nih.gov",), r"/entrez/eutils/esearch\.fcgi"),
    _Row("europepmc", "{query}", ("europepmc.org",), r"/search"),
    _Row("europepmc", "{query}", ("ebi.ac.uk",), r"/europepmc/webservices/rest/search"),
    _Row("crossref", "{filter}", _CROSSREF, r"/works"),
    _Row("crossref", "search:{query}", _CROSSREF, r"/works"),
    _Row("crossref", "search:{query_bibliographic}", _CROSSREF, r"/works"),
    _Row("crossref", "issn:{0}", _CROSSREF, r"/journals/([\dXx-]+)/works"),
    _Row("crossref", "member:{0}", _CROSSREF, r"/members/(\d+)/works"),
    _Row("crossref", "prefix:{0}", _CROSSREF, r"/prefixes/(10\.\d+)/works"),
    _Row("crossref", "search:{q}", ("search.crossref.org",), r"/|/search(?:/works)?"),
    _Row("semantic-scholar", "search:{q}", ("semanticscholar.org",), r"/search"),
    _Row("semantic-scholar", "search:{query}", _SCHOLAR, r"/graph/v1/paper/search(?:/bulk)?"),
    _Row("semantic-scholar", "citations:{0}", _SCHOLAR, r"/graph/v1/paper/(.+)/citations"),
    _Row("openalex", "default.search:{search},{filter}", _OPENALEX, r"/works"),
    _Row("openalex", "{filter}", _OPENALEX, r"/works"),
    _Row("openalex", "search:{search}", _OPENALEX, r"/works"),
    _Row("openalex", "authorships.author.id:{0}", _OPENALEX, r"(?:/authors)?/([Aa]\d+)"),
    _Row("openalex", "authorships.institutions.id:{0}", _OPENALEX, r"(?:/institutions)?/([Ii]\d+)"),
    _Row("openalex", "primary_location.source.id:{0}", _OPENALEX, r"(?:/sources)?/([Ss]\d+)"),
    _Row("openalex", "primary_topic.id:{0}", _OPENALEX, r"(?:/topics)?/([Tt]\d+)"),
    _Row("openreview", "{id}", ("openreview.net",), r"/group|/venue"),
    _Row("openreview", "{content_venueid}", _OPENREVIEW, r"/notes(?:/search)?"),
    _Row("openreview", "{venue}", ("openreview.net",), r"/submissions"),
    _Row("dblp", "{0}", _DBLP, rf"/db/{_VENUE}(?:/index(?:\.html)?)?"),
    _Row("dblp", "{0}/{1}", _DBLP, rf"/db/{_VENUE}/([\w-]+)\.html"),
    _Row("dblp", "search:{q}", _DBLP, r"/search(?:/publ)?"),
    _Row("acl", "{0}", ("aclanthology.org",), r"/volumes/([\w.-]+)"),
    _Row("acl", "{1}.{0}", ("aclanthology.org",), r"/events/([a-z0-9]+)-(\d{4})"),
)
# What makes a list shorter. Other parameters, such as the order, change nothing of it.
_NARROWING = frozenset(
    {
        "fieldsOfStudy",
        "filter",
        "id_list",
        "minCitationCount",
        "query",
        "query_author",
        "query_bibliographic",
        "search",
        "venue",
        "year",
    }
)
# A paper's own page, by the hosts of its service and the beginning of its path.
_PAPERS = (
    ((*_ARXIV, "alphaxiv.org"), r"/(?:abs|pdf|html)/"),
    (_HUGGING_FACE, r"/papers/\d{4}\.\d"),
    (("pubmed.ncbi.nlm.nih.gov",), r"/\d+$"),
    (("biorxiv.org", "medrxiv.org"), r"/content/10\."),
    (_API, r"/details/\w+/10\."),
    (("openreview.net",), r"/(?:forum|pdf)$"),
    (("aclanthology.org",), r"/(?:\d{4}\.[\w-]+|[A-Z]\d\d-\d)[.-]?\d+$"),
    (("semanticscholar.org",), r"/paper/"),
    (("doi.org", "dx.doi.org"), r"/10\."),
)
# What speaks to programs alone; which source to name instead.
_INTERFACES = {
    **dict.fromkeys(_API, "biorxiv"),
    **dict.fromkeys(_CROSSREF, "crossref"),
    "search.crossref.org": "crossref",
    **dict.fromkeys(_SCHOLAR, "semantic-scholar"),
    "semanticscholar.org": "semantic-scholar",
    "eutils.ncbi.nlm.nih.gov": "pubmed",
    **dict.fromkeys(_OPENREVIEW, "openreview"),
    "api.openalex.org": "openalex",
}
_VERBS = frozenset(
    {"Identify", "ListRecords", "ListIdentifiers", "ListSets", "ListMetadataFormats"}
)
_OPENS: Mapping[str, Callable[[str, Access], Source]] = {
    "acl": AclAnthologySource,
    "arxiv": ArxivSource,
    "biorxiv": BiorxivSource,
    "crossref": CrossrefSource,
    "dblp": DblpSource,
    "europepmc": EuropepmcSource,
    "huggingface": HuggingFaceSource,
    "medrxiv": MedrxivSource,
    "oai": OaiSource,
    "openalex": OpenAlexSource,
    "openreview": OpenReviewSource,
    "pubmed": PubmedSource,
    "semantic-scholar": SemanticScholarSource,
    "url": WebPage,
}
