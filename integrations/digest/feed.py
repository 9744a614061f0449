"""Suggestions as an Atom feed in a file."""

import re
from collections.abc import Sequence

from integrations.files.marked_document import Syntax
from integrations.files.marked_file import MarkedFile
from recommender import feeds
from recommender.suggestions import Suggestion


class AtomFeed(MarkedFile):
    """A feed of suggestions: why stands first in each entry, then the abstract."""

    service = "Atom feed"
    syntax = Syntax("atom", feeds.ATOM_PREFACE, "<!-- ", " -->")

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """The feed's own elements; it changed when its newest suggestion was made."""
        held = [found[1] for block in blocks if (found := _ID.search(block))]
        kept = _ID.search(earlier)
        feed_id = feeds.file_id(self._path.name, held, kept[1] if kept else "")
        return feeds.atom_head(blocks, feed_id=feed_id, about=self._about)

    def block(self, suggestion: Suggestion, others: str) -> str:
        """The suggestion as an entry."""
        return feeds.atom_entry(suggestion, dated=self._dated)

    def foot(self, blocks: Sequence[str]) -> str:
        """The feed's end."""
        return feeds.ATOM_FOOT


_ID = re.compile(r"<id>(urn:uuid:[0-9a-f-]{36})</id>")
