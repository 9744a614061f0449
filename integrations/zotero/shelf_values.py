"""What the shelf in Zotero is told, and what it notes on a suggestion that it put there. Pure."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from integrations.zotero.items import fingerprint, item_json, note_json
from recommender.errors import ConfigError
from recommender.suggestions import Suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfSettings:
    """How the shelf looks.

    Attributes:
        collection: The collection's path, from the outermost: ``Reading/Suggested``.
        tag: What our items are tagged with.
        per_interest: Whether each interest that is named by a collection of the reader's has a
            collection of its own on it. What other interests are called changes with the library.
        more: The tag that says *more like this*; empty where there is none.
        less: The tag that says *not for me*; empty where there is none.

    Raises:
        ConfigError: If the path names no collection, or Zotero cannot search for the tag.
    """

    collection: str = "Shelfwise"
    tag: str = "shelfwise"
    per_interest: bool = False
    more: str = ""
    less: str = ""

    def __post_init__(self) -> None:
        problems = []
        if not self.names:
            problems.append("shelf.collection names no collection; write a name or a path A/B")
        # Zotero reads these as "not" and "or" where it searches for a tag.
        if not self.tag.strip() or self.tag.strip().startswith("-") or "||" in self.tag:
            problems.append(f"shelf.tag: {self.tag!r} is no tag to search for; choose a plain word")
        if problems:
            raise ConfigError(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """The collections on the path, the outermost first."""
        parts = (" ".join(part.split()) for part in self.collection.split("/"))
        return tuple(part for part in parts if part)

    @property
    def path(self) -> str:
        """The path in one spelling."""
        return "/".join(self.names)

    def item(self, suggestion: Suggestion) -> dict[str, Any]:
        """The suggestion as an item in no collection."""
        return item_json(suggestion, tag=self.tag)

    def note(self, suggestion: Suggestion, parent: str) -> dict[str, Any]:
        """The suggestion's note, under the item of that key."""
        return note_json(suggestion, parent, more=self.more, less=self.less)

    def as_sent(
        self, suggestion: Suggestion, item: dict[str, Any], note: dict[str, Any] | None
    ) -> bool:
        """Whether what is in Zotero is what we send, and no more: nobody changed it.

        Args:
            suggestion: What it was made of.
            item: Its ``data``.
            note: The note's; nothing to judge the item alone.
        """
        sent_note = None if note is None else self.note(suggestion, str(item.get("key", "")))
        return fingerprint(self.item(suggestion), sent_note) == fingerprint(item, note)


@dataclass(frozen=True, slots=True)
class Memo:
    """What a receipt notes of an item that was made, to judge later whether it was touched.

    Attributes:
        item: Its key in Zotero, without the group.
        note: Its note's key; empty where it has none that we know of.
        fingerprint: Of both as the server has stored them; empty where somebody may have changed
            them already, so that they are never taken away.
        shelf: The key of the collection that it was put into, and that alone.
    """

    item: str
    note: str = ""
    fingerprint: str = ""
    shelf: str = ""

    @classmethod
    def of(cls, item: dict[str, Any], note: dict[str, Any] | None, shelf: str) -> "Memo":
        """The memo on an item as the server answered to its writing."""
        if note is None:
            # A note that Zotero did not let us write, nor see: a reader's would be hidden too.
            return cls(str(item["key"]), shelf=shelf)
        return cls(str(item["key"]), str(note["key"]), fingerprint(item, note), shelf)

    @classmethod
    def read(cls, text: str) -> "Memo | None":
        """The memo that a text is; nothing where it is none of ours."""
        try:
            found = json.loads(text)
            parts = [found[name] for name in ("item", "note", "fingerprint", "shelf")]
        except (ValueError, TypeError, KeyError):
            return None
        return cls(*parts) if all(isinstance(part, str) for part in parts) else None

    def __str__(self) -> str:
        return json.dumps(asdict(self))
