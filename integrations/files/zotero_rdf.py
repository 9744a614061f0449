"""Zotero RDF: the export in which Zotero keeps a library's collections, tags and notes."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from integrations.files import xml_root
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.records import Record, entries, outer_first, place, tags, text
from integrations.files.safe_xml import element
from integrations.files.zotero_json import GENRES, moment
from recommender.errors import BadResponse
from recommender.identifiers import Scheme, attempt
from recommender.library import Collection, Tag
from recommender.papers import Author, date_in

_SERVICE = "Zotero RDF"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_ZOTERO = "{http://www.zotero.org/namespaces/export#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_BIB = "{http://purl.org/net/biblio#}"
_FOAF = "{http://xmlns.com/foaf/0.1/}"
_PRISM = "{http://prismstandard.org/namespaces/1.2/basic/}"


@dataclass(frozen=True, slots=True)
class _Graph:
    """The file's nodes: by name, how often each is named as a whole, and which folders hold it."""

    nodes: dict[str, Element]
    wholes: dict[str, int]
    folders: dict[str, tuple[str, ...]]


def _matches(head: bytes) -> bool:
    start = decoded(head)
    found = xml_root.root(start)
    # Another export of Zotero's, in the bibliographic ontology, borrows the same namespace.
    return (
        found is not None
        and found.name == "rdf:RDF"
        and _ZOTERO[1:-1] in start
        and "purl.org/ontology/bibo" not in start
    )


def _read(data: bytes) -> Contents:
    root = _parsed(decoded(data))
    if root.tag != f"{_RDF}RDF":
        raise BadResponse(_SERVICE, "has no rdf:RDF around it; export the library again")
    graph = _graph(root)
    items = [(node, genre) for node in root if (genre := _genre(node, graph))]
    records = (_record(node, genre, n, graph) for n, (node, genre) in enumerate(items, start=1))
    return Contents(entries(records), _collections(root))


def _parsed(content: str) -> Element:
    try:
        return element(content, _SERVICE)
    except ParseError as error:
        message = f"is not whole XML ({error}); export the library again"
        raise BadResponse(_SERVICE, message) from error


def _graph(root: Element) -> _Graph:
    nodes = {name: node for node in root if (name := _name(node))}
    wholes: dict[str, int] = {}
    folders: dict[str, tuple[str, ...]] = {}
    for node in root:
        for link in node.findall(f"{_TERMS}isPartOf"):
            if name := _name(link):
                wholes[name] = wholes.get(name, 0) + 1
    for folder in root.iter(f"{_ZOTERO}Collection"):
        for part in _parts(folder):
            folders[part] = (*folders.get(part, ()), _name(folder))
    return _Graph(nodes, wholes, folders)


def _collections(root: Element) -> tuple[Collection, ...]:
    folders = [folder for folder in root.iter(f"{_ZOTERO}Collection") if _name(folder)]
    around = {part: _name(folder) for folder in folders for part in _parts(folder)}
    return outer_first(
        Collection(key, _text(folder, f"{_DC}title") or key, around.get(key))
        for folder in folders
        if (key := _name(folder))
    )


def _parts(folder: Element) -> Iterator[str]:
    for link in folder.findall(f"{_TERMS}hasPart"):
        yield from (name for node in (link, *link) if (name := _name(node)))


def _genre(node: Element, graph: _Graph) -> str:
    """Zotero's type of an item; nothing for a journal, a collection or whatever else there is."""
    genre = _text(node, f"{_ZOTERO}itemType")
    if genre or _name(node) in graph.wholes:
        return genre
    # Memos have no type, and what other programs write has only the class.
    return _CLASSES.get(node.tag, "")


def _record(node: Element, genre: str, n: int, graph: _Graph) -> Record:
    own = _name(node)
    wholes = [*_wholes(node, graph)]
    sources = [node, *(whole for whole, is_foreign in wholes if not is_foreign)]
    named = [_spelled(mark) for source in sources for mark in source.findall(f"{_DC}identifier")]
    numbers = (f"{_ZOTERO}archiveID", f"{_PRISM}number", f"{_ZOTERO}number")
    return Record(
        key=own,
        place=place(f"item {n}", own),
        genre=genre,
        genres=GENRES,
        title=_text(node, f"{_DC}title"),
        abstract=_text(node, f"{_TERMS}abstract"),
        book=next((_text(w, f"{_DC}title") for w, _ in wholes if w.tag == f"{_BIB}Book"), ""),
        authors=_people(node, "authors"),
        editors=_people(node, "editors"),
        venues=_venues(node, [whole for whole, _ in wholes]),
        published=date_in(_text(node, f"{_DC}date")),
        isbns=" ".join(_spelled(mark) for mark in node.findall(f"{_DC}identifier")),
        named=tuple(attempt(Scheme.DOI, mark[4:]) for mark in named if mark[:4] == "DOI "),
        urls=tuple(_spelled(mark) for mark in node.findall(f"{_DC}identifier/{_TERMS}URI")),
        extra="\n".join([
            *((line.text or "") for line in node.findall(f"{_DC}description")),
            *(_text(node, number) for number in numbers),
        ]),
        tags=_tags(node),
        collections=graph.folders.get(own, ()),
        # The date of access is when Zotero saved the page, unless somebody changed it.
        added_at=moment(_text(node, f"{_ZOTERO}dateAdded"))
        or moment(_text(node, f"{_TERMS}dateSubmitted")),
    )  # fmt: skip


def _wholes(node: Element, graph: _Graph) -> Iterator[tuple[Element, bool]]:
    """The journals, books and series that hold an item, and whether their ids are not its own.

    Zotero writes an article's DOI at its journal, which says nothing where articles share one, or
    where the whole is an item itself.
    """
    for link in node.findall(f"{_TERMS}isPartOf"):
        yield from ((inner, False) for inner in link)
        name = _name(link)
        if name in graph.nodes:
            whole = graph.nodes[name]
            yield whole, graph.wholes[name] > 1 or whole.find(f"{_ZOTERO}itemType") is not None


def _venues(node: Element, wholes: list[Element]) -> tuple[str, ...]:
    # A series is not where a paper appeared, if anything else is named.
    ordered = sorted(wholes, key=lambda whole: whole.tag == f"{_BIB}Series")
    titles = [_text(whole, f"{_DC}title") for whole in ordered]
    titles.append(_text(node, f"{_BIB}presentedAt/{_BIB}Conference/{_DC}title"))
    titles.append(_text(node, f"{_ZOTERO}repository"))
    titles.append(_text(node, f"{_DC}publisher/{_FOAF}Organization/{_FOAF}name"))
    return tuple(title for title in titles if title)


def _people(node: Element, role: str) -> tuple[Author, ...]:
    people = node.findall(f"{_BIB}{role}/{_RDF}Seq/{_RDF}li/*")
    found = (
        Author(
            _text(person, f"{_FOAF}surname") or _text(person, f"{_FOAF}name"),
            _text(person, f"{_FOAF}givenName") or _text(person, f"{_FOAF}givenname"),
        )
        for person in people
    )
    return tuple(author for author in found if author.family)


def _tags(node: Element) -> tuple[Tag, ...]:
    found: list[Tag] = []
    for subject in node.findall(f"{_DC}subject"):
        given = subject.find(f"{_ZOTERO}AutomaticTag")
        # A subject with other children is a call number or a classification.
        if given is not None:
            found += tags([_text(given, f"{_RDF}value")], automatic=True)
        elif not len(subject):
            found += tags([subject.text or ""])
    return tuple(dict.fromkeys(found))


def _text(node: Element, path: str) -> str:
    found = node.find(path)
    return text(found.text) if found is not None else ""


def _spelled(mark: Element) -> str:
    """What an identifier says, itself or in the value inside it."""
    inner = next(mark.iter(f"{_RDF}value"), mark)
    return (inner.text or "").strip()


def _name(node: Element) -> str:
    names = (node.get(f"{_RDF}{word}") for word in ("about", "resource", "nodeID", "ID"))
    return next((name for name in names if name), "")


_CLASSES = {
    f"{_BIB}Article": "journalArticle",
    f"{_BIB}Book": "book",
    f"{_BIB}BookSection": "bookSection",
    f"{_BIB}Document": "document",
    f"{_BIB}Manuscript": "manuscript",
    f"{_BIB}Memo": "note",
    f"{_BIB}Report": "report",
    f"{_BIB}Thesis": "thesis",
    f"{_ZOTERO}Attachment": "attachment",
}

ZOTERO_RDF = LibraryFormat(_SERVICE, _matches, _read)
