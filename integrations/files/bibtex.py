"""BibTeX and BibLaTeX files, as Zotero, JabRef, Mendeley, BibDesk and people write them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from integrations.files.bibtex_fields import inherited, record
from integrations.files.bibtex_marks import FIELD, Mark, mark_in
from integrations.files.bibtex_syntax import Record, records
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.jabref import Path, groups
from integrations.files.records import entries, storable
from recommender.errors import BadResponse
from recommender.library import Collection, Entry, Item, OtherKind


def matches(head: bytes) -> bool:
    """Whether a file is BibTeX, by its first 64 KiB.

    It is when a line begins a record with a key and a field, or defines a macro, or when its
    first comments say that JabRef or BibDesk wrote it.
    """
    text = decoded(head).lstrip()
    if text.startswith(("{", "[", "<")) or _OTHER_TAGGED.match(text):
        return False
    return bool(_RECORD.search(text) or _WRITTEN_BY.match(text))


def read(data: bytes) -> Contents:
    """The entries and collections of a BibTeX file.

    Comments, definitions and preambles are no entries. Of an entry that is never closed, what is
    there is read; one that says nothing is ``Unreadable`` with its line. An entry of our own shelf
    is only in those groups in which somebody put it, and what the reader hung on it is a part.

    Raises:
        BadResponse: If there is text, but neither a record nor a comment of BibTeX's.
    """
    text = storable(decoded(data))
    found = list(records(text))
    if not found and text.strip() and not _WRITTEN_BY.match(text.lstrip()):
        raise BadResponse(
            "BibTeX",
            "the file holds no BibTeX record (a line that begins like @article{key,);"
            " export the library again, as BibTeX or BibLaTeX",
        )
    tree = groups(one.text for one in found if one.type == "comment")
    kept = [one for one in found if one.type not in _NO_ENTRIES]
    by_key: dict[str, Record] = {}
    for one in kept:
        by_key.setdefault(one.key.lower(), one)
    marks = [mark_in(one) for one in kept]
    filed = [
        tree.holding(one, by_hand=mark is not None) for one, mark in zip(kept, marks, strict=True)
    ]
    found_entries = entries(
        record(inherited(one, by_key), tuple(map(_key, paths)))
        for one, paths in zip(kept, filed, strict=True)
    )
    paths = [group.path for group in tree.groups]
    known = frozenset(mark.group for mark in marks if mark)
    lost = tree.lost(known, chain.from_iterable(filed))
    ours = known | _renamed(lost, marks, filed)
    return Contents(
        entries=(*found_entries, *_parts(found_entries, kept, filed, known - lost)),
        collections=_collections(ours, paths, *filed),
    )


def _renamed(
    lost: frozenset[str], marks: Sequence[Mark | None], filed: Sequence[Sequence[Path]]
) -> frozenset[str]:
    """What lost groups of ours are called by now: our entries went with them."""
    together = list(zip(marks, filed, strict=True))
    theirs = {path[-1] for mark, paths in together if not mark for path in paths}
    now = {path[-1] for mark, paths in together if mark and mark.group in lost for path in paths}
    return frozenset(now - theirs)


def _parts(
    found: Iterable[Entry],
    kept: Iterable[Record],
    filed: Iterable[Sequence[Path]],
    shelves: frozenset[str],
) -> Iterator[OtherKind]:
    """What the reader hung on entries of ours; and our own mark, if they took it off the shelf.

    To throw something away, people delete it, since most of what they have is in no group.
    """
    for entry, one, paths in zip(found, kept, filed, strict=True):
        if (mark := mark_in(one)) and isinstance(entry, Item):
            names = [name for name in one.fields if _PART.fullmatch(name) and one.first(name)]
            if mark.group in shelves and all(path[-1] != mark.group for path in paths):
                names.append(FIELD)
            yield from (OtherKind(f"{entry.key}#{name}", name, parent=entry.key) for name in names)


def _collections(ours: frozenset[str], *many: Iterable[Path]) -> tuple[Collection, ...]:
    """A collection for each path and for those around it, outer ones first, in order.

    Args:
        ours: What the groups of our shelves are called.
        many: The paths.
    """
    paths = dict.fromkeys(
        path[:depth] for some in many for path in some for depth in range(1, len(path) + 1)
    )
    return tuple(
        Collection(
            _key(path),
            path[-1],
            _key(path[:-1]) if path[1:] else None,
            ours=path[-1] in ours,
        )
        for path in paths
    )


def _key(path: Path) -> str:
    return "/".join(name.replace("\\", "\\\\").replace("/", "\\/") for name in path)


BIBTEX = LibraryFormat("BibTeX", matches, read)

_PART = re.compile(r"file|bdsk-file-\d+|comment.*|review")
_NO_ENTRIES = frozenset(("comment", "string", "preamble"))
# Round brackets are the older spelling, and also how programs decorate functions.
_RECORD = re.compile(
    r"^[^\S\n]*@(?:(?:\w+\s*\{|(?:article|book|booklet|conference|in\w+|manual|misc|online"
    r"|proceedings|unpublished|\w*report|\w*thesis)\s*\()"
    r"[^,={}\"'@]{0,300},\s*(?:[\w:.+-]+\s*=|[})]|\Z)"
    r"|string\s*[{(]\s*[\w:.+-]+\s*=\s*[{\"]"
    r"|preamble\s*[{(]\s*[{\"]"
    r"|comment\s*\{\s*(?:jabref-meta|BibDesk))",
    re.I | re.M,
)
_WRITTEN_BY = re.compile(r"(?:%[^\n]*\n\s*){0,5}?%[^\n]*\b(?:JabRef|BibDesk)\b", re.I)
_OTHER_TAGGED = re.compile(r"(?:TY  - |%0 |PMID- |FN )")
