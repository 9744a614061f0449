"""Identifiers of papers: one spelling for each, and where they hide in text.

Pure. A name of a paper is normalised here and nowhere else, so two spellings of one
identifier are one ``PaperId``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote


class Scheme(StrEnum):
    """Who gave the name; the order is how much we trust it to name one work."""

    DOI = "doi"
    ARXIV = "arxiv"
    PMID = "pmid"
    OPENREVIEW = "openreview"
    ACL = "acl"
    OPENALEX = "openalex"
    S2 = "s2"
    DBLP = "dblp"
    ISBN = "isbn"


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """A paper's name, in the one spelling that we store.

    Make one with ``PaperId.of``: a DOI is lower-cased, an arXiv id loses its version, an ISBN
    has thirteen digits. ``str()`` gives ``scheme:value``, which ``PaperId.parse`` reads.

    Raises:
        ValueError: If the value is not in that one spelling.
    """

    scheme: Scheme
    value: str

    def __post_init__(self) -> None:
        plain = _PLAIN.get(self.scheme)
        if plain and plain.fullmatch(self.value):
            return
        if _NORMAL[self.scheme](self.value) != self.value:
            raise ValueError(f"{self.value!r} is not the stored spelling of a {self.scheme} id")

    @classmethod
    def of(cls, scheme: Scheme, text: str) -> "PaperId":
        """The id that a text spells, as a bare value, a URL or with its usual prefix.

        A DOI that arXiv registered (``10.48550/arXiv.…``) is the arXiv id that it contains.

        Raises:
            ValueError: If the text is no id of that scheme.
        """
        text = _bare(text)
        if scheme is Scheme.DOI and (found := _ARXIV_DOI.search(text)):
            scheme, text = Scheme.ARXIV, found[1]
        value = _NORMAL[scheme](text)
        if value is None:
            raise ValueError(f"{text!r} is not a {scheme} id")
        return cls(scheme, value)

    @classmethod
    def parse(cls, text: str) -> "PaperId":
        """The id that ``scheme:value`` spells.

        Raises:
            ValueError: If the scheme is unknown or the value is none of its ids.
        """
        scheme, _, value = text.partition(":")
        return cls.of(Scheme(scheme.strip().lower()), value)

    def __str__(self) -> str:
        return self.scheme + ":" + self.value

    @property
    def url(self) -> str:
        """Where a person can look the paper up."""
        return _URL[self.scheme].format(self.value)


def found_in(text: str) -> Iterator[PaperId]:
    """Every id that a free text, a URL or a field named ``extra`` spells recognisably.

    Only unmistakable spellings count: a URL of the service, or the value behind the scheme's name.
    An ISBN is never taken from free text, since a chapter's or proceedings' paper has its book's.
    """
    text = _unescaped(text)
    text += "".join(f" arXiv:{month}.{number}" for month, number in _ARXIV_ELSEWHERE.findall(text))
    seen: set[PaperId] = set()
    for scheme, pattern in _IN_TEXT:
        for match in pattern.finditer(text):
            found = attempt(scheme, match[1])
            if found and found not in seen:
                seen.add(found)
                yield found


def attempt(scheme: Scheme, text: str) -> PaperId | None:
    """The id that a text spells, or nothing where it spells none."""
    try:
        return PaperId.of(scheme, text)
    except ValueError:
        return None


def unique(ids: Iterable[PaperId | None]) -> tuple[PaperId, ...]:
    """The ids without repetition and gaps, most trusted scheme first."""
    order = list(Scheme)
    return tuple(sorted({i for i in ids if i}, key=lambda i: (order.index(i.scheme), i.value)))


def _unescaped(text: str) -> str:
    text = unquote(text) if "%" in text else text
    # Reference managers escape for LaTeX what is already escaped for HTML or for an address.
    for escaped, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("\\_", "_"), ("\\&", "&")):
        text = text.replace(escaped, char)
    return text


def _bare(text: str) -> str:
    return _unescaped(text).strip().strip("<>{}\"'").strip().rstrip(".,;")


def _doi(text: str) -> str | None:
    match = _DOI.search(text)
    if not match:
        return None
    doi = _DOI_END.split(match[0].lower(), maxsplit=1)[0]
    before = text[: match.start()].lower()
    if "//" in before or before.startswith("www."):
        doi = _in_address(doi, before)
    doi = _PREPRINT_VERSION.sub(r"\1", _closed(doi))
    return doi if _DOI.fullmatch(doi) else None


def _closed(doi: str) -> str:
    # A bracket or full stop that closes the sentence is not part of the name.
    while doi and (doi[-1] in _CLOSING or (doi[-1] == ")" and doi.count("(") < doi.count(")"))):
        doi = doi[:-1]
    return doi


def _in_address(doi: str, before: str) -> str:
    # Publishers hang the form of the page, an article number or a query onto the name.
    if not _OLD_STYLE_DOI.fullmatch(doi):
        doi = re.split(r"[?#&]", doi, maxsplit=1)[0]
    if re.search(r"/article[a-z-]*/doi/$", before):
        doi = re.sub(r"(?<=.)/\d{4,}(?:/[^/]*)?$", "", doi)
    return _PAGE_FORM.sub("", doi)


def _arxiv(text: str) -> str | None:
    match = _ARXIV.fullmatch(re.sub(r"^(?:oai:)?arxiv(?:\.org)?:\s*", "", text, flags=re.I))
    if not match:
        match = _ARXIV_URL.search(text)
    if not match:
        return None
    value = str(match[1]).lower()
    # Subject classes (math.GT/0309136) were dropped from the canonical old-style name.
    return re.sub(r"^([a-z-]+)\.[a-z-]+/", r"\1/", value)


def _matching(pattern: str, change: Callable[[str], str] = str) -> Callable[[str], str | None]:
    compiled = re.compile(pattern, re.I)

    def normal(text: str) -> str | None:
        match = compiled.search(text)
        return change(next(g for g in match.groups() if g)) if match else None

    return normal


def _isbn(text: str) -> str | None:
    digits = re.sub(
        r"[\s‐-–-]", "", re.sub(r"^(?:urn:)?isbn(?:-1[03])?:?", "", text.strip(), flags=re.I)
    )
    digits = digits.upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        total = sum((10 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(digits))
        if total % 11:
            return None
        digits = "978" + digits[:9]
        return digits + str(-_ean_sum(digits) % 10)
    if re.fullmatch(r"97[89]\d{10}", digits) and _ean_sum(digits) % 10 == 0:
        return digits
    return None


def _ean_sum(digits: str) -> int:
    return sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(digits))


_PREFIX = r"10\.\d{4,9}(?:\.\d+)*/"
# Names of the nineties hold angle brackets: 10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2
_OLD_STYLE = r"[^\s\"<>]+<[^\s\"<>]+>\d\.\d\.[a-z]{2};\d(?:-[^\s\"])?"
_DOI_BODY = rf"{_PREFIX}(?:{_OLD_STYLE}|[^\s\"<>]+)"
_DOI = re.compile(_DOI_BODY, re.I)
_OLD_STYLE_DOI = re.compile(_PREFIX + _OLD_STYLE, re.I)
# Another name or address glued on, or an escape sequence.
_DOI_END = re.compile(r"[;,|]?(?=https?:/)|[;,|](?=10\.\d{4,9}/)|\\")
_CLOSING = ".,;:>]}\"'*’”»…/"
_PAGE_FORM = re.compile(
    r"(?:/(?:full(?:text)?|abstract|abs|pdf|epdf|html?|meta|summary|references|download)"
    r"|\.(?:full|short|abstract|full\.pdf|pdf|html?))/?$"
)
# bioRxiv and medRxiv add the version to the name in their addresses.
_PREPRINT_VERSION = re.compile(r"^(10\.(?:1101|64898)/\d[\d.]*\d)v\d+(?:\.[a-z.+-]+)?$")
_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD = r"[a-z-]+(?:\.[a-z-]{2,8})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.((?:{_NEW}|{_OLD})(?!\d))", re.I)
_ARXIV = re.compile(rf"((?:{_NEW}|{_OLD}))(?:v\d+)?(?:\s*\[[\w.-]+\])?", re.I)
_ARXIV_PAGES = (
    r"(?:(?:arxiv|ar5iv(?:\.labs\.arxiv)?)\.org/(?:abs|pdf|html|format|e-print|ps|src)"
    r"|xxx\.lanl\.gov/(?:abs|pdf)|arxiv-vanity\.com/papers|scirate\.com/arxiv"
    r"|huggingface\.co/papers|alphaxiv\.org/(?:abs|pdf|overview))"
)
# 2017arXiv170804058L in the Astrophysics Data System, journals/corr/abs-1202-2407 in DBLP.
_ARXIV_ELSEWHERE = re.compile(
    r"(?:\b(?:19|20)\d\darxiv|\bcorr/abs-)(\d{4})[.-]?(\d{4,5})(?![\d])", re.I
)
_ARXIV_URL = re.compile(rf"{_ARXIV_PAGES}/((?:{_NEW}|{_OLD}))(?:v\d+)?(?:\.pdf)?(?![\w])", re.I)
_S2 = r"\b([0-9a-f]{40})\b"
_ACL = r"((?:19|20)\d\d\.[a-z0-9]+-[a-z0-9]+\.\d+|[a-z]\d{2}-\d{4})"
_DBLP = r"((?:conf|journals|books|phd|series|reference|tr)/[\w-]+/[\w-]+)"

_NORMAL: dict[Scheme, Callable[[str], str | None]] = {
    Scheme.DOI: _doi,
    Scheme.ARXIV: _arxiv,
    Scheme.PMID: _matching(
        r"^(?:pmid:?\s*)?0*([1-9]\d{0,8})$"
        r"|(?:ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov|europepmc\.org/(?:abstract|article)/med)"
        r"/0*([1-9]\d{0,8})"
    ),
    Scheme.OPENREVIEW: _matching(
        r"openreview\.net/(?:forum|pdf|attachment)\?id=([\w-]{5,30})"
        r"|^(?!https?:)([\w-]*[A-Za-z_-][\w-]{4,29})$"
    ),
    Scheme.ACL: _matching(
        rf"(?:aclanthology\.org|aclweb\.org/anthology(?:/papers)?(?:/[A-Z]/[A-Z]\d\d)?)/{_ACL}|^{_ACL}$",
        lambda v: v.upper() if re.fullmatch(r"[a-z]\d{2}-\d{4}", v, re.I) else v.lower(),
    ),
    Scheme.OPENALEX: _matching(r"(?:openalex\.org/(?:works/)?|^)(w\d{4,12})$", str.upper),
    Scheme.S2: _matching(_S2, str.lower),
    Scheme.DBLP: _matching(
        rf"(?:dblp\.(?:org|uni-trier\.de)/rec/(?:html/|bibtex/|bib/)?|^(?:dblp:)?){_DBLP}"
    ),
    Scheme.ISBN: _isbn,
}

# What ``_NORMAL`` leaves as it is, seen at once: whole libraries of them are read on each day.
_PLAIN = {
    Scheme.DOI: re.compile(r"10\.(?!1101/|64898/)\d{4,9}/[a-z0-9._-]*[a-z0-9]"),
    Scheme.ARXIV: re.compile(_NEW),
}

_URL = {
    Scheme.DOI: "https://doi.org/{}",
    Scheme.ARXIV: "https://arxiv.org/abs/{}",
    Scheme.PMID: "https://pubmed.ncbi.nlm.nih.gov/{}/",
    Scheme.OPENREVIEW: "https://openreview.net/forum?id={}",
    Scheme.ACL: "https://aclanthology.org/{}/",
    Scheme.OPENALEX: "https://openalex.org/{}",
    Scheme.S2: "https://www.semanticscholar.org/paper/{}",
    Scheme.DBLP: "https://dblp.org/rec/{}",
    Scheme.ISBN: "https://search.worldcat.org/search?q=bn:{}",
}

_IN_TEXT = tuple(
    (scheme, re.compile(pattern, re.I))
    for scheme, pattern in (
        (Scheme.DOI, rf"((?:https?://|\bwww\.)[^\s\"<>]{{0,500}}?[/=]{_DOI_BODY})"),
        (Scheme.DOI, rf"(?:(?<![/?&.\w])(?:doi\s*[:=/]?\s*|(?:dx\.)?doi\.org/)|^\s*)({_DOI_BODY})"),
        (
            Scheme.ARXIV,
            (
                r"\b(?:arxiv(?:\.org)?|corr)[\s:.,]{0,3}(?:(?:preprint|e-?prints?)[\s:.,]{1,3})?"
                rf"(?:arxiv[\s:.,]{{0,3}})?(?:abs/)?((?:{_NEW}|{_OLD}))(?!\d)"
            ),
        ),
        (Scheme.ARXIV, rf"({_ARXIV_PAGES}/[^\s\"<>]+)"),
        (Scheme.PMID, r"\bpmid:?\s*(\d{1,9})\b"),
        (
            Scheme.PMID,
            r"((?:ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov|europepmc\.org/(?:abstract|article)/med)/\d{4,})",
        ),
        (Scheme.OPENREVIEW, r"(openreview\.net/(?:forum|pdf|attachment)\?id=[\w-]+)"),
        (Scheme.ACL, r"((?:aclanthology\.org|aclweb\.org/anthology)/\S+)"),
        (Scheme.OPENALEX, r"openalex(?:\.org/(?:works/)?|:\s*)(w\d{4,12})\b"),
        (
            Scheme.S2,
            r"(?:semanticscholar\.org/paper/(?:\S*/)?|s2id:\s*|corpus\s*id\s*sha:\s*)([0-9a-f]{40})\b",
        ),
        (
            Scheme.DBLP,
            r"((?:dblp\.(?:org|uni-trier\.de)/rec/\S+|dblp:(?:conf|journals|books|phd|tr)/\S+))",
        ),
    )
)
