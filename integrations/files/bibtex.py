"""BibTeX and BibLaTeX files, as Zotero, JabRef, Mendeley, BibDesk and people write them."""

import re
from collections.abc import Iterable

from integrations.files.bibtex_fields import inherited, record
from integrations.files.bibtex_syntax import Record, records
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.jabref import Path, groups
from integrations.files.records import entries, storable
from recommender.errors import BadResponse
from recommender.library import Collection


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
    there is read; one that says nothing is ``Unreadable`` with its line.

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
    filed = [tree.holding(one) for one in kept]
    return Contents(
        entries=entries(
            record(inherited(one, by_key), tuple(map(_key, paths)))
            for one, paths in zip(kept, filed, strict=True)
        ),
        collections=_collections([g.path for g in tree.groups], *filed),
    )


def _collections(*many: Iterable[Path]) -> tuple[Collection, ...]:
    """A collection for each path and for those around it, outer ones first, in order."""
    paths = dict.fromkeys(
        path[:depth] for some in many for path in some for depth in range(1, len(path) + 1)
    )
    return tuple(
        Collection(_key(path), path[-1], _key(path[:-1]) if path[1:] else None) for path in paths
    )


def _key(path: Path) -> str:
    return "/".join(name.replace("\\", "\\\\").replace("/", "\\/") for name in path)


BIBTEX = LibraryFormat("BibTeX", matches, read)

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
