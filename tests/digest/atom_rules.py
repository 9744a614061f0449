"""What RFC 4287 and its RELAX NG schema ask of a feed, as far as ours could miss it.

https://www.rfc-editor.org/rfc/rfc4287#appendix-B
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser

ATOM = "{http://www.w3.org/2005/Atom}"

_ONCE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated")}
_AT_MOST_ONCE = {
    "feed": ("generator", "icon", "logo", "rights", "subtitle"),
    "entry": ("content", "published", "rights", "source", "summary"),
    "author": ("email", "uri"),
}
_CHILDREN = {
    "feed": {"author", "category", "contributor", "link", "entry"},
    "entry": {"author", "category", "contributor", "link"},
    "author": {"name"},
}
_ATTRIBUTES = {
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "category": {"term", "scheme", "label"},
    "content": {"type", "src"},
    "generator": {"uri", "version"},
    "title": {"type"},
    "subtitle": {"type"},
}
_RELATIONS = {"alternate", "related", "self", "enclosure", "via"}
# https://www.rfc-editor.org/rfc/rfc3339#section-5.6, whose letters Atom wants in capitals
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# https://www.rfc-editor.org/rfc/rfc3987#section-2.2: what it leaves out, and a scheme before it
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20"<>\\^`{|}\x7f-\x9f]+')
_MEDIA_TYPE = re.compile(r".+/.+")


def faults(feed: bytes) -> list[str]:
    """What is wrong with a feed, a line each; nothing with a valid one."""
    root = ET.fromstring(feed)  # noqa: S314 -- ours
    return list(_faults(root)) if root.tag == f"{ATOM}feed" else [f"begins with {root.tag}"]


def markup_faults(markup: str) -> list[str]:
    """What is wrong with a piece of HTML that we wrote: what we never write, or never close."""
    reader = _Markup()
    reader.feed(markup)
    reader.close()
    return reader.faults + [f"<{tag}> stays open" for tag in reader.open]


def _faults(feed: ET.Element) -> Iterator[str]:
    entries = feed.findall(f"{ATOM}entry")
    has_author = feed.find(f"{ATOM}author") is not None
    if not has_author and not all(e.findall(f"{ATOM}author") for e in entries):
        yield "nobody is named as an author"
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    yield from (f"{n} entries are called {one}" for one, n in ids.items() if n > 1)
    for element in feed.iter():
        name = element.tag.removeprefix(ATOM)
        if name != element.tag:
            yield from (f"{name}: {fault}" for fault in _faults_of(name, element))


def _faults_of(name: str, element: ET.Element) -> Iterator[str]:
    names = Counter(child.tag.removeprefix(ATOM) for child in element if ATOM in child.tag)
    once = (*_ONCE.get(name, ()), *(["name"] if name == "author" else []))
    few = _AT_MOST_ONCE.get(name, ())
    yield from (f"{names[one]} times {one}" for one in once if names[one] != 1)
    yield from (f"{names[one]} times {one}" for one in few if names[one] > 1)
    strange = names.keys() - {*once, *few, *_CHILDREN.get(name, set())}
    yield from (f"holds {one}" for one in strange)
    odd = {one for one in element.attrib if "{" not in one} - _ATTRIBUTES.get(name, set())
    yield from (f"has an attribute {one}" for one in odd)
    text = element.text or ""
    if name in {"updated", "published"} and not _is_date(text):
        yield f"{text!r} is no date"
    if name in {"id", "uri"} and not _IRI.fullmatch(text):
        yield f"{text!r} is no IRI"
    if name == "name" and not text.strip():
        yield "is empty"
    if name == "category" and not element.get("term"):
        yield "has no term"
    yield from _faults_of_links(name, element)
    if name == "content":
        yield from _faults_of_content(element)


def _faults_of_links(name: str, element: ET.Element) -> Iterator[str]:
    if name == "link":
        if not _IRI.fullmatch(element.get("href", "")):
            yield f"{element.get('href')!r} is no IRI"
        if element.get("rel", "alternate") not in _RELATIONS:
            yield f"{element.get('rel')!r} is no registered relation"
        if not _MEDIA_TYPE.fullmatch(element.get("type", "text/html")):
            yield f"{element.get('type')!r} is no media type"
    links = element.findall(f"{ATOM}link")
    kinds = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    )
    yield from (f"{n} alternates of one kind" for n in kinds.values() if n > 1)
    if name == "entry" and not kinds and element.find(f"{ATOM}content") is None:
        yield "has neither content nor an alternate"


def _faults_of_content(content: ET.Element) -> Iterator[str]:
    if content.get("type") not in {"text", "html"}:
        yield f"{content.get('type')!r} is a type that we do not write"
    if len(content):
        yield "has elements where there is text"
    if content.get("type") == "html":
        yield from markup_faults(content.text or "")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


class _Markup(HTMLParser):
    """Notes what is no markup of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag not in {"p", "ul", "li", "strong", "a"}:
            self.faults.append(f"<{tag}> is none of ours")
        for name, value in attrs:
            if (tag, name) != ("a", "href") or not (value or "").startswith(("http:", "https:")):
                self.faults.append(f"<{tag}> has {name}={value!r}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")
