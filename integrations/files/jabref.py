r"""The groups that JabRef and BibDesk keep in the comments of a BibTeX file. Pure.

JabRef writes its tree of groups line by line, each with its depth::

    @Comment{jabref-meta: grouping:
    0 AllEntriesGroup:;
    1 StaticGroup:Thesis\;0\;1\;\;\;\;;
    2 KeywordGroup:Methods\;0\;keywords\;methods\;0\;0\;1\;\;\;\;;
    }

Who belongs to a static group stands in its entries' ``groups`` field; up to JabRef 3 it stood in
the group itself, as keys, in lines broken at any place.
"""

import plistlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers.expat import ExpatError

from integrations.files.bibtex_fields import listed
from integrations.files.bibtex_syntax import Record
from integrations.files.latex import plain_text

Path = tuple[str, ...]
"""A group's name behind the names of those around it, from the outermost."""

TREE: Final = re.compile(r"\s*jabref-meta:\s*(?:grouping|(?P<old>groupstree))\s*:", re.I)
"""What JabRef's list begins with; ``old`` up to JabRef 3."""

STATIC: Final = re.compile(r"\s*BibDesk Static Groups\s*\{?", re.I)
"""What BibDesk's list begins with."""

LIST_ENDS: Final = "</array>"
"""What stands behind the last group of BibDesk's list."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group, and who belongs to it.

    Attributes:
        keys: The entries that the group itself lists.
        term: What must stand as a word in ``searched`` of each entry; empty for a group that
            lists its entries, or that only the program itself can evaluate.
        refines: It holds no entry that the group around it does not hold.
    """

    path: Path
    keys: frozenset[str] = frozenset()
    searched: str = ""
    term: str = ""
    exact_case: bool = False
    refines: bool = False

    def matches(self, record: Record) -> bool:
        """Whether the group's term, which it must have, stands in a record."""
        flags = 0 if self.exact_case else re.IGNORECASE
        pattern = re.compile(rf"(?<!\w){re.escape(self.term)}(?!\w)", flags)
        return any(pattern.search(value) for value in record.all(self.searched))


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups of a file, in its order, an outer one before those inside it.

    Attributes:
        are_listed: The file has a list of its groups into which another can be put, be it an empty
            one.
    """

    groups: tuple[Group, ...] = ()
    are_listed: bool = False
    _by_name: dict[str, list[Path]] = field(default_factory=dict)
    _by_key: dict[str, list[Path]] = field(default_factory=dict)
    _searching: list[Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._searching.extend(group for group in self.groups if group.term)
        for group in self.groups:
            self._by_name.setdefault(group.path[-1], []).append(group.path)
            for key in group.keys:
                self._by_key.setdefault(key, []).append(group.path)

    def holding(self, record: Record, *, by_hand: bool = False) -> tuple[Path, ...]:
        """The groups to which a record belongs, without repetition.

        A name in the ``groups`` field that the tree does not have is a group of its own, and so
        is each part of a Mendeley folder's name between slashes.

        Args:
            record: The record.
            by_hand: Groups that fill themselves by what stands in a field are left out.
        """
        found = dict.fromkeys(self._by_key.get(record.key, ()))
        for value in record.all("groups", "collection", "collections"):
            for name in listed(value):
                found.update(dict.fromkeys(self._by_name.get(name, [(name,)])))
        for value in record.all("mendeley-groups"):
            for name in listed(value):
                path = tuple(part for p in name.split("/") if (part := p.strip()))
                found.update({path: None} if path else {})
        for group in () if by_hand else self._searching:
            around = group.path[:-1]
            if group.matches(record) and not (group.refines and around and around not in found):
                found[group.path] = None
        return tuple(found)

    def lost(self, names: frozenset[str], filed: Iterable[Path]) -> frozenset[str]:
        """Which groups are neither in the list any more nor hold anything: taken away, or renamed.

        Args:
            names: What the groups were called.
            filed: All groups in which anything is.
        """
        if not self.are_listed:
            return frozenset()
        return names - {group.path[-1] for group in self.groups} - {path[-1] for path in filed}


def groups(comments: Iterable[str]) -> Groups:
    """The groups that a file's comments hold; a broken list counts as far as it can be read."""
    found: list[Group] = []
    are_listed = False
    for comment in comments:
        if tree := TREE.match(comment):
            are_listed = True
            found.extend(_tree(comment[tree.end() :]))
        elif static := STATIC.match(comment):
            listing = _listing(comment[static.end() :])
            are_listed |= listing is not None and LIST_ENDS in comment
            found.extend(_static(listing or []))
    return Groups(tuple(found), are_listed)


def _tree(text: str) -> Iterator[Group]:
    path: Path = ()
    # JabRef breaks long lines wherever they are long; a line break is never part of a name.
    for unit in _parts(text.replace("\n", "")):
        line = _LINE.match(unit)
        if not line or line["kind"] == "AllEntriesGroup":
            continue
        parts = list(_parts(line["rest"]))
        name = plain_text(parts[0]) if parts else ""
        if not name:
            continue
        path = (*path[: max(0, int(line["depth"]) - 1)], name)
        yield _group(line["kind"], path, parts[1:])


def _group(kind: str, path: Path, parts: list[str]) -> Group:
    refines = parts[:1] == ["1"]
    match kind, parts:
        case "ExplicitGroup", [_, *keys]:
            return Group(path, frozenset(filter(None, keys)), refines=refines)
        # The last two: whether case matters, and whether the term is a regular expression.
        case "KeywordGroup", [_, searched, term, exact_case, "0", *_]:
            return Group(
                path,
                searched=searched.strip().lower(),
                term=term.strip(),
                exact_case=exact_case == "1",
                refines=refines,
            )
    return Group(path)


def _parts(text: str) -> Iterator[str]:
    r"""What stands between semicolons, with ``\;``, ``\:`` and ``\\`` as themselves."""
    part: list[str] = []
    for piece in _PIECE.findall(text):
        if piece == ";":
            yield "".join(part)
            part = []
        else:
            part.append(piece[1:] if piece[0] == "\\" else piece)
    if rest := "".join(part):
        yield rest


def _listing(text: str) -> list[Any] | None:
    """BibDesk's own list; None where it is broken, and BibDesk itself takes it for empty."""
    document = text[max(0, text.find("<")) : text.rfind(">") + 1]
    try:
        listing = plistlib.loads(document.encode(), fmt=plistlib.FMT_XML)
    except (ExpatError, plistlib.InvalidFileException, ValueError, KeyError, TypeError, IndexError):
        return None
    return listing if isinstance(listing, list) else None


def _static(listing: list[Any]) -> Iterator[Group]:
    for one in listing:
        name = one.get("group name") if isinstance(one, dict) else None
        if isinstance(name, str) and name.strip():
            keys = str(one.get("keys", "")).split(",")
            yield Group((name.strip(),), frozenset(k.strip() for k in keys if k.strip()))


_LINE = re.compile(r"\s*(?P<depth>\d{1,3}) (?P<kind>\w+):(?P<rest>.*)", re.S)
_PIECE = re.compile(r"\\.|;|[^\\;]+|\\", re.S)
