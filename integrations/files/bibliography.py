"""A reader's BibTeX file with entries of ours among theirs. Pure.

Only what is ours is ever taken out again, and what is put in is put behind everything else; so all
that is the reader's stays as it is, character by character.
"""

import codecs
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from integrations.files import group_lists
from integrations.files.bibtex_entries import entry
from integrations.files.bibtex_marks import FIELD, Mark, mark_in, signed
from integrations.files.bibtex_syntax import Placed, placed
from integrations.files.bibtex_writing import braced, cite_key
from integrations.files.jabref import Groups, Path, groups
from recommender.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class Ours:
    """An entry of ours.

    Attributes:
        key: Its cite key.
        start: Where it begins.
        end: Where it ends, behind its closing brace.
        untouched: It is as we wrote it and where we put it.
    """

    mark: Mark
    key: str
    start: int
    end: int
    untouched: bool


@dataclass(frozen=True)
class Bibliography:
    """A file.

    Attributes:
        text: All of it, with whatever ends its lines.
    """

    text: str

    @classmethod
    def read(cls, data: bytes) -> "Bibliography":
        """The bibliography that a file holds.

        Raises:
            ValueError: If it is not in UTF-8, or says so.
        """
        text = data.decode()
        said = _ENCODING.search(text[:_HEAD])
        if said and _named(said[1] or said[2]) not in {"utf-8", "ascii"}:
            raise ValueError(said[0])
        return cls(text)

    @classmethod
    def begun(cls, group: str) -> "Bibliography":
        """A file of our own without entries, in which JabRef finds the group."""
        return cls(f"{_BEGINNING}{group_lists.tree_with(group)}")

    @cached_property
    def ours(self) -> dict[str, Ours]:
        """Our entries by their suggestions' ids; of two of one suggestion, both are touched."""
        found = [(mark, one) for one in self._placed if (mark := mark_in(one.record))]
        copies = Counter(mark.suggestion_id for mark, _ in found)
        return {
            mark.suggestion_id: self._entry(mark, one, is_only=copies[mark.suggestion_id] == 1)
            for mark, one in found
        }

    def with_suggestions(
        self, suggestions: Sequence[Suggestion], *, group: str, tag: str
    ) -> "Bibliography":
        """The file with entries for suggestions that it does not have yet, in their order."""
        lists_keys = group_lists.lists_keys(self.text)
        filed = {"keywords": braced(tag)} | ({} if lists_keys else {"groups": f"{{{group}}}"})
        end = group_lists.newline(self.text)
        body = self.text.rstrip()
        text, keys = body, list[str]()
        for one in suggestions:
            keys.append(cite_key(one.paper, one.suggestion_id, text, marked=True))
            source = _source(one, keys[-1], filed, group).replace("\n", end)
            text += f"{end * 2 if text.strip(_BOM) else ''}{source}"
        text += self.text[len(body) :]
        return Bibliography(group_lists.joined(text, group, keys))

    def without(self, suggestion_ids: Collection[str]) -> "Bibliography":
        """The file without the entries of these suggestions that nobody touched."""
        going = [one for key, one in self.ours.items() if key in suggestion_ids and one.untouched]
        text = self.text
        for one in sorted(going, key=lambda one: one.start, reverse=True):
            before, after = text[: one.start], text[one.end :]
            if not after.strip() or after[0] in "\r\n":
                # The blank line before it came with it, whatever the file ends in.
                before = _BLANK_LINE.sub("", before)
            text = before + after
        for name in {one.mark.group for one in going}:
            keys = {one.key for one in going if one.mark.group == name}
            is_empty = not Bibliography(text).needs(name)
            text = group_lists.left(text, name, keys, is_empty=is_empty)
        return Bibliography(text)

    def needs(self, group: str) -> bool:
        """Whether anything is in a group, or was.

        An entry that the reader took out of it is to be known as one that was in it.
        """
        was = any(one.mark.group == group for one in self.ours.values())
        return was or any(path[-1] == group for path in self._filed())

    def has_lost(self, group: str) -> bool:
        """Whether a group in which we put entries was taken away, or renamed."""
        known = frozenset(one.mark.group for one in self.ours.values())
        return group in self._groups.lost(known, self._filed())

    @property
    def is_open(self) -> bool:
        """Whether the end of the file is in the middle of an entry, where a brace is missing."""
        return bool(self._placed) and self._placed[-1].end > len(self.text)

    @cached_property
    def _placed(self) -> list[Placed]:
        # What is never closed ends where the text does, which so is one further.
        return list(placed(f"{group_lists.flat(self.text)}\n"))

    def _filed(self) -> Iterator[Path]:
        """The groups of each entry."""
        for one in self._placed:
            yield from self._groups.holding(one.record, by_hand=True)

    @cached_property
    def _groups(self) -> Groups:
        return groups(one.record.text for one in self._placed if one.record.type == "comment")

    def _entry(self, mark: Mark, one: Placed, *, is_only: bool) -> Ours:
        paths = self._groups.holding(one.record, by_hand=True)
        return Ours(
            mark=mark,
            key=one.record.key,
            start=one.start,
            end=one.end,
            untouched=is_only
            and {path[-1] for path in paths} == {mark.group}
            and mark.is_of(self.text[one.start : one.end]),
        )


def _source(suggestion: Suggestion, key: str, filed: dict[str, str], group: str) -> str:
    return signed(
        suggestion.suggestion_id,
        group,
        lambda mark: entry(suggestion, key, {**filed, FIELD: mark}),
    )


def _named(encoding: str) -> str:
    """An encoding by Python's name for it; empty for one that Python does not know."""
    try:
        return codecs.lookup(encoding.strip()).name
    except LookupError:
        return ""


_BEGINNING = """\
% Encoding: UTF-8
% Suggestions by Shelfwise. What you move, change or delete here teaches it.

@Comment{jabref-meta: databaseType:bibtex;}

"""
_HEAD = 4096  # characters
_BOM = "\ufeff"
# JabRef's line, and BibDesk's, which is only in brackets what others call it.
_ENCODING = re.compile(
    r"^%+ *(?:Encoding: *(\S+)|Saved with string encoding .*?\(?([\w-]+)\)? *)\r?$", re.M | re.I
)
_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r){1,2}\Z")
