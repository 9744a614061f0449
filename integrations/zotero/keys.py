"""Names and marks by which our own objects in Zotero are known again. Pure.

On the web an object's key is ours to choose: the same library and work give the same key on every
machine, so that a write that is repeated is recognised. Where Zotero gives the key, a write token
made of the suggestion and a mark on the object do the same.
"""

import hashlib
import re

MARK = "Shelfwise"
"""What begins the line in Extra that says which suggestion an item is."""

NOTE_MARK = "Shelfwise suggestion"
"""What begins the last paragraph of a suggestion's note."""


def made_key(library: str, what: str, name: str, attempt: int = 1) -> str:
    """The key of an object of ours on the web.

    Args:
        library: Such as ``users/1``.
        what: Its role, so that an item and its note have two keys.
        name: What it is of: a work's best name, a collection's path.
        attempt: From 1; the next one where something else has that key already.

    Returns:
        Eight of the characters that Zotero allows in keys.
    """
    digest = hashlib.sha256(f"{library}\n{what}\n{name}\n{attempt}".encode()).digest()
    number = int.from_bytes(digest)
    letters = []
    for _ in range(_KEY_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)


def is_key(text: str) -> bool:
    """Whether a text can be the key of an object in Zotero."""
    return bool(_KEY.fullmatch(text))


def write_token(library: str, what: str, name: str) -> str:
    """A token that tells Zotero's own programs that a write is a repetition: 32 hexadecimal digits.

    Args:
        library: Such as ``users/1``.
        what: The role of the object written.
        name: What it is of: a suggestion's id, a collection's path.
    """
    return hashlib.sha256(f"{library}\n{what}\n{name}".encode()).hexdigest()[:32]


def extra_line(suggestion_id: str, *, tidied: bool = False) -> str:
    """The line in Extra that marks an item as a suggestion.

    Args:
        suggestion_id: Which one.
        tidied: Whether we put the item into the trash ourselves: any computer of the reader's can
            tell that from their own trashing then.
    """
    return f"{MARK}: {suggestion_id}{_TIDIED * tidied}"


def mark_in_extra(extra: object) -> str:
    """The suggestion that an item's Extra says it is; empty where it says none."""
    match = _EXTRA_LINE.search(extra) if isinstance(extra, str) else None
    return match[1] if match else ""


def is_tidied(extra: object) -> bool:
    """Whether an item's Extra says that we put the item into the trash ourselves."""
    match = _EXTRA_LINE.search(extra) if isinstance(extra, str) else None
    return bool(match and match[2])


def extra_with(extra: str, *, tidied: bool) -> str:
    """The same Extra, but that its mark says this; without a mark it stays as it is.

    Args:
        extra: As the server has it.
        tidied: Whether we put the item into the trash ourselves.
    """
    return _EXTRA_LINE.sub(lambda line: extra_line(line[1], tidied=tidied), extra, count=1)


def mark_in_note(note: object) -> str:
    """The suggestion that a note's last words say it is of; empty where they say none."""
    if not isinstance(note, str):
        return ""
    match = _NOTE_END.search(_TAGS.sub(" ", note))
    return match[1] if match else ""


_ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
_KEY_LENGTH = 8
_KEY = re.compile(f"[{_ALPHABET}]{{{_KEY_LENGTH}}}")
_TIDIED = " tidied"
_EXTRA_LINE = re.compile(rf"^{MARK}: ([0-9a-f]{{16}})({_TIDIED})?[^\S\n]*$", re.M)
_TAGS = re.compile(r"<[^<>]*>")
_NOTE_END = re.compile(rf"\b{NOTE_MARK} ([0-9a-f]{{16}})\s*\Z")
