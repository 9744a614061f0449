"""The articles and books in PubMed's XML, one by one. Pure.

https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from xml.etree.ElementTree import Element, ParseError

from integrations.files.contents import decoded
from integrations.files.safe_xml import element, lawful
from integrations.files.xml_root import root
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    RateLimited,
    TransientError,
)

SERVICE = "PubMed"


@dataclass(frozen=True, slots=True)
class Part:
    """One article or book, still in XML.

    Attributes:
        place: Where it stands in the answer, with its number.
        pmid: Its number; empty where it has none that can be read.
        element: None where its XML is broken.
    """

    place: str
    pmid: str
    element: Element | None


def parts(content: bytes) -> Iterator[Part]:
    """The articles and books of an answer, in its order.

    Each is parsed by itself, so that a broken one spoils no other; and since nothing in front of
    them is parsed at all, no answer can declare entities.

    Raises:
        RateLimited: If PubMed says, with a good status, that it was asked too often.
        TransientError: If it says that it failed, or the answer breaks off.
        BadResponse: If it is something else than articles and books.
    """
    written = lawful(decoded(content))
    top = root(written)
    if top is None or top.name not in _TOPS:
        error = _ERROR.search(written[:_START])
        raise refused(error[1] or error[2] if error else "")
    starts = [found.start() for found in _OPENING.finditer(written)]
    if starts and not written.rstrip().endswith(f"</{top.name}>"):
        message = f"{SERVICE} broke off in the middle; nothing is lost, try again later"
        raise TransientError(SERVICE, message)
    for number, (start, end) in enumerate(pairwise([*starts, len(written)]), start=1):
        yield _part(number, written[start:end])


def _part(number: int, written: str) -> Part:
    named, closing = _PMID.search(written), _CLOSING.search(written)
    pmid = named[1] if named else ""
    place = f"record {number} (PMID {pmid})" if pmid else f"record {number}"
    whole = written[: closing.end()] if closing else ""
    try:
        return Part(place, pmid, element(whole, SERVICE))
    # Nor can a declaration stand inside of an element.
    except (ParseError, BadResponse):
        return Part(place, pmid, None)


def refused(message: str) -> IntegrationError:
    """What PubMed's word on why it does not answer means; its words are not repeated."""
    if _TOO_OFTEN.search(message):
        told = f"{SERVICE} gets too many requests from here; nothing is lost, try again later"
        return RateLimited(SERVICE, told)
    if _TOO_FAR.search(message):
        return BadResponse(
            SERVICE, f"{SERVICE} lists no more papers of one search; narrow the query"
        )
    if _KEY.search(message):
        return NotAuthorized(SERVICE, f"{SERVICE} refuses the key; correct the source's key")
    if _FAILED.search(message):
        told = f"{SERVICE} failed while it searched; nothing is lost, try again later"
        return TransientError(SERVICE, told)
    if message:
        return BadResponse(
            SERVICE, f"{SERVICE} does not take the request; check the source's query"
        )
    told = f"{SERVICE} answered with something else than papers; nothing is lost, try again later"
    return BadResponse(SERVICE, told)


def entered(element: Element) -> date | None:
    """The day on which a record came into PubMed; None where it does not say."""
    for one in element.iterfind("./*/History/PubMedPubDate[@PubStatus='entrez']"):
        try:
            year, month, day = (int(one.findtext(part) or "") for part in ("Year", "Month", "Day"))
            return date(year, month, day)
        except (ValueError, OverflowError):
            continue
    return None


_TOPS = {"PubmedArticleSet", "PubmedBookArticleSet", "PubmedArticle", "PubmedBookArticle"}
_OPENING = re.compile(r"<Pubmed(?:Book)?Article(?=[\s>])")
_CLOSING = re.compile(r"</Pubmed(?:Book)?Article>")
_PMID = re.compile(r"<PMID\b[^>]{0,100}>\s{0,100}(\d{1,9})\s{0,100}<", re.ASCII)
_START = 5000
_ERROR = re.compile(r"<ERROR>([^<]{1,1000})|\"error\"\s*:\s*\"([^\"]{1,1000})", re.I)
_TOO_OFTEN = re.compile(r"rate limit", re.I)
_TOO_FAR = re.compile(r"retstart", re.I)
_KEY = re.compile(r"api.key", re.I)
_FAILED = re.compile(r"backend|temporar|unavailable|time.?out|timed out|resolve|unable", re.I)
