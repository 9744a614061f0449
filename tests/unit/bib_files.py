"""BibTeX files as readers keep them, and what readers do with them in an editor."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.files.account import FileAccount
from integrations.files.bibtex_syntax import placed
from integrations.files.group_lists import flat
from integrations.files.group_shelf import GroupShelf
from recommender.config import Settings
from recommender.suggestions import Suggestion

PLAIN = """\
% My papers
@article{frisch1967, title = {Dances}, author = {von Frisch, K.}, groups = {Thesis}}

@string{hive = "The Hive"}
@book{lindauer1961,
\ttitle = "Communication",   author={M. Lindauer} }
"""

JABREF = (
    "% Encoding: UTF-8\n\n"
    + PLAIN
    + r"""
@Comment{jabref-meta: databaseType:bibtex;}

@Comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Thesis\;0\;1\;0x8a8a8aff\;\;My thesis\;;
2 StaticGroup:Methods\;0\;1\;\;\;\;;
1 KeywordGroup:Odes\;0\;author\;Ode\;0\;0\;1\;\;\;\;;
}
"""
)

BIBDESK = (
    "%% This BibTeX bibliography file was created using BibDesk.\n"
    "%% Saved with string encoding Unicode (UTF-8) \n\n"
    + PLAIN
    + """
@comment{BibDesk Static Groups{
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://example.org/PropertyList-1.0.dtd">
<plist version="1.0">
<array>
\t<dict>
\t\t<key>group name</key>
\t\t<string>To read</string>
\t\t<key>keys</key>
\t\t<string>lindauer1961,frisch1967</string>
\t</dict>
</array>
</plist>
}}
"""
)

KINDS = {"plain": PLAIN, "JabRef": JABREF, "BibDesk": BIBDESK}


def opened(place: Path, **shelf: Any) -> FileAccount:
    """The account at a place, with a shelf in the file unless the settings say otherwise."""
    defaults = Settings()
    settings = {
        **defaults.library.model_dump(),
        "place": str(place),
        "shelf": {**defaults.shelf.model_dump(), "via": "file", **shelf},
    }
    return FileAccount(settings, key="", memory={}, now=datetime(2026, 3, 2, tzinfo=UTC))


def shelf_in(path: Path, group: str = "Shelfwise") -> GroupShelf:
    """The shelf in a file."""
    return GroupShelf(path, group=group, tag="shelfwise")


def raw(path: Path) -> str:
    """A file's text with its own line ends."""
    return path.read_bytes().decode()


def entry_of(text: str, suggestion: Suggestion) -> str:
    """The entry of a suggestion, as it stands."""
    [one] = [
        one
        for one in placed(flat(text))
        if one.record.first("shelfwise").startswith(suggestion.suggestion_id)
    ]
    return text[one.start : one.end]


def edit(path: Path, suggestion: Suggestion, old: str, new: str) -> None:
    """Let the reader change a word of a suggestion's entry."""
    text = raw(path)
    entry = entry_of(text, suggestion)
    assert old in entry
    path.write_bytes(text.replace(entry, entry.replace(old, new)).encode())


def delete(path: Path, suggestion: Suggestion) -> str:
    """Let the reader delete a suggestion's entry, and give it."""
    text = raw(path)
    entry = entry_of(text, suggestion)
    path.write_bytes(text.replace(entry, "").encode())
    return entry
