"""Suggestions as a BibTeX file, which JabRef and BibDesk open and Zotero imports."""

from collections.abc import Sequence

from integrations.files.bibtex_entries import entry
from integrations.files.bibtex_writing import cite_key
from integrations.files.marked_document import Syntax
from integrations.files.marked_file import MarkedFile
from recommender.suggestions import Suggestion


class BibShelf(MarkedFile):
    """A bibliography of suggestions, in a group of their own, each with a note that says why."""

    service = "BibTeX shelf"
    syntax = Syntax("bib", "% Encoding: UTF-8\n", "% ", "")

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """What the file is; comments alone."""
        # In BibTeX an @ begins an entry wherever it stands.
        about = self._about.replace("@", "(at)")
        lines = ["Suggestions by Shelfwise.", *([about] if about else [])]
        lines.append("Between the marks, what you change stays as you made it.")
        return "".join(f"% {line}\n" for line in lines) + "\n"

    def block(self, suggestion: Suggestion, others: str) -> str:
        """The suggestion as an entry, under a cite key that no other entry has."""
        key = cite_key(suggestion.paper, suggestion.suggestion_id, others)
        return f"{entry(suggestion, key, _FILED)}\n\n"

    def foot(self, blocks: Sequence[str]) -> str:
        """The group of which the entries say that they are in it."""
        return _GROUPS


_FILED = {"keywords": "{shelfwise}", "groups": "{Shelfwise}"}
_GROUPS = """\
@Comment{jabref-meta: databaseType:bibtex;}

@Comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Shelfwise\\;0\\;1\\;\\;\\;\\;;
}
"""
