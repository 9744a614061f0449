"""The ACL Anthology's own files: a collection's volumes and their papers, in XML. Pure.

https://github.com/acl-org/acl-anthology/blob/master/data/xml/schema.rnc
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from integrations.files.contents import decoded
from integrations.files.records import ADDRESS, storable, text
from integrations.files.safe_xml import element
from integrations.pages import pages
from integrations.pages.markup import words_in
from recommender.errors import BadResponse
from recommender.identifiers import Scheme, attempt, unique
from recommender.papers import Author, Kind, Paper, Skipped, date_in

SERVICE = "ACL Anthology"


def records(data: bytes, volume: str = "") -> list[pages.Record]:
    """The papers of a collection's file, or what became of them, volume after volume.

    Args:
        data: The file.
        volume: The one volume that is wanted, such as ``long``; by default all.

    Raises:
        BadResponse: If it is no such file, or has no such volume.
    """
    collection = _collection(data)
    volumes = [v for v in collection.iterfind("volume") if not volume or v.get("id") == volume]
    if volume and not volumes:
        message = f"{SERVICE} has no such volume in that collection; check the place"
        raise BadResponse(SERVICE, message)
    return [record for one in volumes for record in _volume(one, collection.get("id", ""))]


def paper_name(collection: str, volume: str, paper: str) -> str:
    """The Anthology's id of a paper, such as ``2022.naloma-1.3`` or ``J89-1003``.

    Before 2020 the volume and the paper share four digits: two each for workshops, else one and
    three.
    """
    if not _OLD.fullmatch(collection):
        return f"{collection}-{volume}.{paper}"
    if not (_NUMBER.fullmatch(volume) and _NUMBER.fullmatch(paper)):
        return ""
    two_each = collection[0] == "W" or collection == "C69"
    two_each = two_each or (collection == "D19" and int(volume) >= 5)
    width = 2 if two_each else 1
    return f"{collection}-{int(volume):0{width}}{int(paper):0{4 - width}}"


def _collection(data: bytes) -> Element:
    try:
        root = element(decoded(data), SERVICE)
    except ParseError as error:
        message = f"{SERVICE} answered with something else than whole XML; {_LATER}"
        raise BadResponse(SERVICE, message) from error
    if root.tag != "collection":
        raise BadResponse(SERVICE, f"{SERVICE} answered with something else than papers; {_LATER}")
    return root


def _volume(volume: Element, collection: str) -> Iterator[pages.Record]:
    meta = volume.find("meta")
    venue, published = ("", "") if meta is None else (_venue(meta), _published(meta))
    kind = Kind.ARTICLE if volume.get("type") == "journal" else Kind.CONFERENCE
    for number, paper in enumerate(volume.iterfind("paper"), start=1):
        name = paper_name(collection, volume.get("id", ""), paper.get("id", ""))
        found = attempt(Scheme.ACL, storable(name))
        title = words_in(paper.find("title"))
        if reason := _no_paper(paper, title):
            yield Skipped(f"paper {found.value}" if found else f"paper {number}", reason)
            continue
        link = text(paper.findtext("url"))
        yield (
            Paper(
                title=title,
                abstract=words_in(paper.find("abstract")),
                authors=tuple(_authors(paper)),
                venue=venue,
                published=published,
                ids=unique([found, attempt(Scheme.DOI, text(paper.findtext("doi")))]),
                # Mostly it is the paper's id once more.
                url=link if ADDRESS.fullmatch(link) else "",
                kind=kind,
                institutions=_institutions(paper),
            ),
            None,
        )


def _venue(meta: Element) -> str:
    # An old journal's volumes are called after the journal, the volume and the month.
    return words_in(meta.find("journal-title")) or _ISSUE.sub("", words_in(meta.find("booktitle")))


def _published(meta: Element) -> str:
    # Months are such as "August", "June-July" and "27 July–1 August".
    return date_in(f"{text(meta.findtext('month'))} {text(meta.findtext('year'))}")


def _no_paper(paper: Element, title: str) -> str:
    """Why this is nothing to be read; empty where it is a paper."""
    if paper.find("retracted") is not None or paper.find("removed") is not None:
        return "was retracted"
    if paper.get("type") in {"frontmatter", "backmatter"}:
        return "is no paper, but a part of the volume"
    return "" if title else "has no title"


def _authors(paper: Element) -> Iterator[Author]:
    for person in paper.iterfind("author"):
        family, given = (words_in(person.find(part)) for part in ("last", "first"))
        if family or given:
            yield Author(family, given) if family else Author(given)


def _institutions(paper: Element) -> tuple[str, ...]:
    named = map(words_in, paper.iterfind("author/affiliation"))
    return tuple(dict.fromkeys(filter(None, named)))


_OLD = re.compile(r"[A-Z]\d\d")
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_ISSUE = re.compile(r",? Volume \d+,.*$")
_LATER = "nothing is lost, try again later"
