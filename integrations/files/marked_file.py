"""A file that holds suggestions: what every publisher that writes one has in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from integrations.files import replacing
from integrations.files.marked_document import HEAD_WITHIN, Document, Part, Syntax, block_name
from recommender.errors import PermanentError
from recommender.suggestions import Receipt, Suggestion
from recommender.wording import visible


class MarkedFile(ABC):
    """A publisher that writes one file, in which each suggestion is a marked block.

    New suggestions go on top: the newest first, and the best of one delivery first. A file that
    we did not begin is refused; what a person added to ours or changed in it stays, character by
    character. Nothing is written where nothing changes.

    Args:
        path: The file; its folder must exist.
        about: A line for the reader on what was looked at.
        fresh: What is published first takes the place of what we published before. So writes a
            run that remembers no other: it does not know when it suggested something first, and
            the file names no such day.
    """

    service: ClassVar[str]
    """What the file is, as a person would say it."""

    syntax: ClassVar[Syntax]
    """How the format writes comments."""

    def __init__(self, path: Path, *, about: str = "", fresh: bool = False) -> None:
        self._path = path
        self._about = visible(about)
        self._fresh = fresh
        self._dated = not fresh

    @property
    def name(self) -> str:
        """The file's path, as it was given."""
        return str(self._path)

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Put suggestions into the file: a receipt for each, in the same order.

        What is there already stays as it is; with ``fresh``, what is there of ours and untouched is
        written anew the first time.

        Raises:
            IntegrationError: If the file is not ours, or cannot be read or written.
        """
        text = self._text()
        there = self._document(text)
        if self._fresh:
            there = there.without(there.untouched)
        self._write(text, there.with_blocks(self._blocks(there, suggestions)))
        self._fresh = False
        return [Receipt(suggestion.suggestion_id) for suggestion in suggestions]

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Take what was delivered out of the file, if nobody touched it: a receipt for each.

        Raises:
            IntegrationError: If the file is not ours, or cannot be read or written.
        """
        text = self._text()
        there = self._document(text)
        names = {block_name(receipt.suggestion_id) for receipt in receipts}
        if going := names & there.untouched:
            self._write(text, there.without(going))
        edited = (names & there.names) - going
        return [
            Receipt(r.suggestion_id, touched=block_name(r.suggestion_id) in edited)
            for r in receipts
        ]

    def address(self, place: str) -> str:
        """Nothing: a file opens as a whole."""
        return ""

    @abstractmethod
    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """Whole lines that stand before the blocks.

        Args:
            blocks: The blocks, newest first.
            earlier: The head as we wrote it the last time; empty in a new file.
        """

    @abstractmethod
    def block(self, suggestion: Suggestion, others: str) -> str:
        """Whole lines that tell of a suggestion.

        Args:
            suggestion: The suggestion.
            others: All that the file holds beside it.
        """

    @abstractmethod
    def foot(self, blocks: Sequence[str]) -> str:
        """Whole lines that stand behind the blocks."""

    def _blocks(self, there: Document, suggestions: Sequence[Suggestion]) -> list[Part]:
        """The blocks of those that are not there yet, newest delivery first, within one by rank."""
        known = set(there.names)
        others = there.text
        blocks: list[Part] = []
        by_rank = sorted(suggestions, key=lambda s: s.rank)
        for suggestion in sorted(by_rank, key=lambda s: s.suggested_at, reverse=True):
            name = block_name(suggestion.suggestion_id)
            if name not in known:
                known.add(name)
                blocks.append(self.syntax.part(name, self.block(suggestion, others)))
                others += blocks[-1].body
        return blocks

    def _text(self) -> str:
        """What the file holds, if it is ours; empty where there is none yet."""
        data = replacing.content(self._path, self.service)
        if not data.strip():
            return ""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = ""
        marks = self.syntax.marks.finditer(text, 0, HEAD_WITHIN)
        if not any(m["name"] == self.syntax.head and not m["end"] for m in marks):
            raise PermanentError(
                self.service,
                f"{self._path}: exists and was not written by Shelfwise as"
                f" {_article(self.service)}; choose another name",
            )
        return text

    def _document(self, text: str) -> Document:
        if not text:
            return Document.empty(self.syntax)
        document = Document.read(text, self.syntax)
        if not document.has_head:
            raise PermanentError(
                self.service,
                f"{self._path}: its first lines were edited, so it stays; choose another name",
            )
        return document

    def _write(self, before: str, document: Document) -> None:
        after = document.framed(self.head, self.foot).text
        if after != before:
            replacing.replace(self._path, after.encode(), self.service)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"
