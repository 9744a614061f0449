"""Items as BibTeX and as CSL JSON, as the desktop's translators write the common types."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from integrations.zotero.item_types import ITEM_TYPES
from integrations.zotero.testing.views import parsed_date
from integrations.zotero.testing.world import Json

# Item type: of BibTeX, of CSL, and where BibTeX puts what contains it.
_TYPES = {
    "book": ("book", "book", ""),
    "bookSection": ("incollection", "chapter", "booktitle"),
    "conferencePaper": ("inproceedings", "paper-conference", "booktitle"),
    "journalArticle": ("article", "article-journal", "journal"),
    "preprint": ("misc", "article", ""),
    "report": ("techreport", "report", ""),
    "thesis": ("phdthesis", "thesis", ""),
    "webpage": ("misc", "webpage", ""),
}
# The common name of a field: its name in CSL.
_CSL = {
    "abstractNote": "abstract",
    "series": "collection-title",
    "publicationTitle": "container-title",
    "DOI": "DOI",
    "conferenceName": "event-title",
    "ISBN": "ISBN",
    "ISSN": "ISSN",
    "issue": "issue",
    "language": "language",
    "extra": "note",
    "number": "number",
    "pages": "page",
    "publisher": "publisher",
    "place": "publisher-place",
    "libraryCatalog": "source",
    "title": "title",
    "shortTitle": "title-short",
    "url": "URL",
    "volume": "volume",
}
_BIBTEX = {
    "address": "place",
    "edition": "edition",
    "series": "series",
    "title": "title",
    "volume": "volume",
    "copyright": "rights",
    "isbn": "ISBN",
    "issn": "ISSN",
    "shorttitle": "shortTitle",
    "url": "url",
    "doi": "DOI",
    "abstract": "abstractNote",
    "language": "language",
    "number": "issue",
}
_CASED = frozenset({"series", "title", "shorttitle", "booktitle", "journal"})
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SPECIAL = re.compile(r"([#$%&_])")
_PUBLISHERS = {"thesis": "school", "report": "institution"}


def as_csl(items: Iterable[tuple[str, Json]]) -> str:
    """CSL JSON of items, each with the address that names it."""
    return json.dumps([_csl(*item) for item in items], ensure_ascii=False, indent="\t")


def as_bibtex(items: Iterable[Json]) -> str:
    """BibTeX of items."""
    return "".join(map(_entry, items))


def _csl(address: str, data: Json) -> Json:
    made: Json = {"id": address, "type": _TYPES.get(str(data["itemType"]), ("", "document"))[1]}
    found = {csl: _field(data, name) for name, csl in _CSL.items()}
    made |= {name: found[name] for name in sorted(found, key=str.lower) if found[name]}
    by_role: dict[str, list[Json]] = {}
    for creator in data.get("creators", ()):
        parts = {"family": creator.get("lastName"), "given": creator.get("firstName")}
        name = {"literal": creator["name"]} if creator.get("name") else parts
        kept = {part: text for part, text in name.items() if text}
        by_role.setdefault(str(creator["creatorType"]), []).append(kept)
    made |= by_role
    if date := parsed_date(data):
        year, *rest = date.split("-")
        made["issued"] = {"date-parts": [[year, *map(int, rest)]]}
    return made


def _entry(data: Json) -> str:
    kind = str(data["itemType"])
    entry, _, container = _TYPES.get(kind, ("misc", "", ""))
    pairs: dict[str, str] = {name: _field(data, own) for name, own in _BIBTEX.items()}
    if container:
        pairs[container] = _field(data, "publicationTitle")
    pairs[_PUBLISHERS.get(kind, "publisher")] = _field(data, "publisher")
    pairs |= _people(data.get("creators", ()))
    year, month = [*parsed_date(data).split("-"), ""][:2]
    pairs |= {
        "month": _MONTHS[int(month) - 1] if month else "",
        "year": year,
        "note": _field(data, "extra"),
        "keywords": ", ".join(str(tag["tag"]) for tag in data.get("tags", ())),
        "pages": re.sub(r"\s*[-\u2013]\s*", "--", _field(data, "pages")),
    }
    lines = "".join(f"\t{k} = {_value(k, text)},\n" for k, text in pairs.items() if text)
    return f"\n@{entry}{{{_citation_key(data, year)},\n{lines}}}\n"


def _people(creators: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    named: dict[str, list[str]] = {"author": [], "editor": []}
    for creator in creators:
        parts = (creator.get("lastName"), creator.get("firstName"))
        name = f"{{{creator['name']}}}" if creator.get("name") else ", ".join(filter(None, parts))
        named["editor" if creator["creatorType"] == "editor" else "author"].append(name)
    return {role: " and ".join(names) for role, names in named.items()}


def _citation_key(data: Json, year: str) -> str:
    creator: Json = next(iter(data.get("creators", ())), {})
    name = str(creator.get("lastName") or creator.get("name") or "noauthor")
    words = re.findall(r"\w+", _field(data, "title").lower())
    word = next((word for word in words if word not in ("a", "an", "the", "on", "of")), "")
    return "_".join((re.sub(r"\W", "", name.lower()), word, year or "nodate"))


def _value(name: str, text: str) -> str:
    if name == "month":
        return text
    text = text if name in ("url", "doi") else _SPECIAL.sub(r"\\\1", text)
    if name in _CASED:
        words = text.split(" ")
        text = " ".join(_kept_case(word, first=not index) for index, word in enumerate(words))
    return f"{{{text}}}"


def _kept_case(word: str, *, first: bool) -> str:
    """The word in braces where a style that writes small letters would spoil it."""
    tail = word[1:] if first else word
    return f"{{{word}}}" if tail != tail.lower() else word


def _field(data: Json, name: str) -> str:
    item_type = ITEM_TYPES.get(str(data["itemType"]))
    return str(data.get(item_type.field(name), "")) if item_type else ""
