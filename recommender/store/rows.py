"""Values to the JSON in the store's rows and back. Pure.

What is empty is left out, and what is unknown is passed over, so that a file that a slightly newer
program wrote can still be read. Text is escaped to ASCII: JSON from outside can hold half a
surrogate pair, which is no UTF-8.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from recommender.identifiers import PaperId, Scheme
from recommender.library import Collection, Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.spelling import flattened
from recommender.suggestions import Reason, ReasonKind, Suggestion

Json = Mapping[str, Any]


def instant(at: datetime) -> str:
    """A moment as text that sorts by time.

    Raises:
        ValueError: If it has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment that ``instant`` wrote."""
    return datetime.fromisoformat(text)


def bindable(text: str) -> str:
    """Text as SQLite can hold it in a column: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def text_of(value: Json | Sequence[Json]) -> str:
    """One line of JSON."""
    return json.dumps(value, separators=(",", ":"))


def value_of(text: str) -> Any:
    """The value that ``text_of`` wrote.

    Raises:
        ValueError: If it wrote no such text.
    """
    # What ``json.loads`` does about spaces around the value takes longer than a short value.
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("more than a value")
    return value


_DECODER = json.JSONDecoder()


def versions_row(papers: Iterable[Paper]) -> str:
    """Versions of one paper as JSON."""
    return text_of([_paper_json(paper) for paper in papers])


def versions_of(text: str) -> tuple[Paper, ...]:
    """The versions that ``versions_row`` wrote."""
    return tuple(map(_paper, value_of(text)))


def entry_row(entry: Entry) -> tuple[str, str]:
    """An entry's kind and JSON, without its key."""
    match entry:
        case Item():
            return "item", text_of(_item_json(entry))
        case OtherKind():
            return "other", text_of(_other_json(entry))
        case Unreadable(skipped=skipped):
            return "unreadable", text_of({"place": skipped.place, "reason": skipped.reason})


def entry_of(key: str, kind: str, text: str) -> Entry:
    """The entry that ``entry_row`` wrote."""
    value = value_of(text)
    if kind == "item":
        return _item(key, value)
    if kind == "other":
        return _other(key, value)
    return Unreadable(key, Skipped(value["place"], value["reason"]))


def collection_row(collection: Collection) -> str:
    """A collection as JSON."""
    return text_of(
        {
            "key": collection.key,
            "name": collection.name,
            "parent": collection.parent,
            "trashed": collection.trashed,
            "ours": collection.ours,
        }
    )


def collection_of(text: str) -> Collection:
    """The collection that ``collection_row`` wrote."""
    value = value_of(text)
    return Collection(
        value["key"],
        value["name"],
        value["parent"],
        trashed=value["trashed"],
        ours=value.get("ours", False),
    )


def suggestion_row(suggestion: Suggestion) -> str:
    """A suggestion as JSON, without its id, rank and moment."""
    return text_of(
        {
            "paper": _paper_json(suggestion.paper),
            "score": suggestion.score,
            "reasons": [[r.kind, r.text, r.share, r.item] for r in suggestion.reasons],
            "source": suggestion.source,
            "interest": suggestion.interest,
            "exploring": suggestion.exploring,
            "followed": suggestion.followed,
        }
    )


def suggestion_of(suggestion_id: str, rank: int, suggested_at: str, text: str) -> Suggestion:
    """The suggestion that ``suggestion_row`` wrote."""
    value = value_of(text)
    return Suggestion(
        suggestion_id=suggestion_id,
        paper=_paper(value["paper"]),
        rank=rank,
        score=value["score"],
        reasons=tuple(_reason(*columns) for columns in value["reasons"]),
        source=value["source"],
        interest=value["interest"],
        suggested_at=moment(suggested_at),
        exploring=value["exploring"],
        followed=value.get("followed", ""),
    )


def searched_of(text: str) -> str:
    """By what the suggestion is found that ``suggestion_row`` wrote: without case and accents.

    Empty where it wrote no such text.
    """
    try:
        paper = _paper(value_of(text)["paper"])
    except (KeyError, TypeError, ValueError):
        return ""
    told = (paper.title, *map(str, paper.authors), paper.venue, paper.abstract)
    return bindable(flattened("\n".join(told)))


def _reason(kind: str, text: str, share: float, item: str = "", *_: object) -> Reason:
    return Reason(ReasonKind(kind), text, share, item)


def _paper_json(paper: Paper) -> dict[str, Any]:
    value = {
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": [[a.family, a.given] for a in paper.authors],
        "venue": paper.venue,
        "published": paper.published,
        "ids": _ids_json(paper.ids),
        "url": paper.url,
        "kind": paper.kind,
        "categories": paper.categories,
        "institutions": paper.institutions,
        "references": _ids_json(paper.references),
        "code": paper.code,
        "website": paper.website,
    }
    return {name: part for name, part in value.items() if part}


def _paper(value: Json) -> Paper:
    return Paper(
        title=value["title"],
        abstract=value.get("abstract", ""),
        authors=tuple(Author(family, given) for family, given in value.get("authors", ())),
        venue=value.get("venue", ""),
        published=value.get("published", ""),
        ids=_ids(value.get("ids", ())),
        url=value.get("url", ""),
        kind=_KINDS[value["kind"]],
        categories=tuple(value.get("categories", ())),
        institutions=tuple(value.get("institutions", ())),
        references=_ids(value.get("references", ())),
        code=value.get("code", ""),
        website=value.get("website", ""),
    )


def _ids_json(ids: Iterable[PaperId]) -> list[list[str]]:
    return [[i.scheme, i.value] for i in ids]


def _ids(pairs: Iterable[tuple[str, str]]) -> tuple[PaperId, ...]:
    return tuple(PaperId(_SCHEMES[scheme], name) for scheme, name in pairs)


# An enumeration is slow to find its own members, and there are as many of these as papers.
_KINDS = {kind.value: kind for kind in Kind}
_SCHEMES = {scheme.value: scheme for scheme in Scheme}


def _item_json(item: Item) -> dict[str, Any]:
    value = {
        "paper": _paper_json(item.paper),
        "collections": item.collections,
        "tags": [[t.name, t.automatic] for t in item.tags],
        "added_at": instant(item.added_at) if item.added_at else None,
        "added_by": item.added_by,
        "trashed": item.trashed,
        "mark": item.mark,
        "tidied": item.tidied,
    }
    return {name: part for name, part in value.items() if part}


def _item(key: str, value: Json) -> Item:
    added_at = value.get("added_at")
    return Item(
        key=key,
        paper=_paper(value["paper"]),
        collections=tuple(value.get("collections", ())),
        tags=tuple(Tag(name, automatic) for name, automatic in value.get("tags", ())),
        added_at=moment(added_at) if added_at else None,
        added_by=value.get("added_by", ""),
        trashed=value.get("trashed", False),
        mark=value.get("mark", ""),
        tidied=value.get("tidied", False),
    )


def _other_json(other: OtherKind) -> dict[str, Any]:
    value = {
        "parent": other.parent,
        "read_at": instant(other.read_at) if other.read_at else None,
        "trashed": other.trashed,
        "mark": other.mark,
    }
    return {"kind": other.kind} | {name: part for name, part in value.items() if part}


def _other(key: str, value: Json) -> OtherKind:
    read_at = value.get("read_at")
    return OtherKind(
        key,
        value["kind"],
        parent=value.get("parent", ""),
        read_at=moment(read_at) if read_at else None,
        trashed=value.get("trashed", False),
        mark=value.get("mark", ""),
    )
