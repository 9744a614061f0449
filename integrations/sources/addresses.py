"""Which source a web address belongs to: the place that a reader copies from the browser."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx2

from integrations.sources.acl_anthology import AclAnthologySource
from integrations.sources.arxiv import ArxivSource
from integrations.sources.biorxiv import BiorxivSource, MedrxivSource
from integrations.sources.dblp import DblpSource
from integrations.sources.europepmc import EuropepmcSource
from integrations.sources.huggingface import HuggingFaceSource
from integrations.sources.oai import OaiSource
from integrations.sources.openalex import OpenAlexSource
from integrations.sources.openreview import OpenReviewSource
from integrations.sources.pubmed import PubmedSource
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
        ConfigError: If it is no address, or one that says more than the source can be asked.
    """
    address = address.strip()
    manners(address)
    url = httpx2.URL(address)
    host, path = url.host.removeprefix("www."), url.path.rstrip("/") or "/"
    asked = dict(parse_qsl(url.query.decode("ascii")))
    for row in _TABLE:
        match = re.fullmatch(row.path, path, re.ASCII) if host in row.hosts else None
        if match and asked.keys() >= row.needs:
            if unsaid := asked.keys() & _NARROWING - row.needs:
                raise ConfigError(
                    f"{host}: the address has a {min(unsaid)!r}, which {row.kind} cannot be asked "
                    "with; leave it out, or make it part of the query"
                )
            return row.kind, row.place.format(*match.groups(), **asked)
    if asked.get("verb") in _VERBS or re.search(r"/oai(?:2d?|-pmh|/request)?$", path):
        return "oai", address
    return "url", address


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
_OPENALEX = ("openalex.org", "api.openalex.org")
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
    _Row("medrxiv", "{0}", ("medrxiv.org",), r"/collection/([\w-]+)"),
    _Row("medrxiv", "{subject}", ("connect.medrxiv.org",), r"/medrxiv_xml\.php"),
    _Row("pubmed", "{term}", ("pubmed.ncbi.nlm.nih.gov",)),
    _Row("pubmed", "{term}", ("ncbi.nlm.nih.gov",), r"/pubmed"),
    _Row("europepmc", "{query}", ("europepmc.org",), r"/search"),
    _Row("openalex", "default.search:{search},{filter}", _OPENALEX, r"/works"),
    _Row("openalex", "{filter}", _OPENALEX, r"/works"),
    _Row("openalex", "search:{search}", _OPENALEX, r"/works"),
    _Row("openalex", "authorships.author.id:{0}", _OPENALEX, r"(?:/authors)?/([Aa]\d+)"),
    _Row("openalex", "authorships.institutions.id:{0}", _OPENALEX, r"(?:/institutions)?/([Ii]\d+)"),
    _Row("openalex", "primary_location.source.id:{0}", _OPENALEX, r"(?:/sources)?/([Ss]\d+)"),
    _Row("openalex", "primary_topic.id:{0}", _OPENALEX, r"(?:/topics)?/([Tt]\d+)"),
    _Row("openreview", "{id}", ("openreview.net",), r"/group|/venue"),
    _Row("openreview", "{venue}", ("openreview.net",), r"/submissions"),
    _Row("dblp", "{0}", _DBLP, rf"/db/{_VENUE}(?:/index(?:\.html)?)?"),
    _Row("dblp", "{0}/{1}", _DBLP, rf"/db/{_VENUE}/([\w-]+)\.html"),
    _Row("dblp", "search:{q}", _DBLP, r"/search(?:/publ)?"),
    _Row("acl", "{0}", ("aclanthology.org",), r"/volumes/([\w.-]+)"),
    _Row("acl", "{1}.{0}", ("aclanthology.org",), r"/events/([a-z0-9]+)-(\d{4})"),
)
# What makes a list shorter. Other parameters, such as the order, change nothing of it.
_NARROWING = frozenset({"filter", "id_list", "search"})
_VERBS = frozenset(
    {"Identify", "ListRecords", "ListIdentifiers", "ListSets", "ListMetadataFormats"}
)
_OPENS: Mapping[str, Callable[[str, Access], Source]] = {
    "acl": AclAnthologySource,
    "arxiv": ArxivSource,
    "biorxiv": BiorxivSource,
    "dblp": DblpSource,
    "europepmc": EuropepmcSource,
    "huggingface": HuggingFaceSource,
    "medrxiv": MedrxivSource,
    "oai": OaiSource,
    "openalex": OpenAlexSource,
    "openreview": OpenReviewSource,
    "pubmed": PubmedSource,
    "url": WebPage,
}
