"""Suggestions as a page for a browser: one file without scripts or anything from outside."""

from collections.abc import Sequence

from integrations.files.marked_document import Syntax
from integrations.files.marked_file import MarkedFile
from recommender.page import rendering
from recommender.suggestions import Suggestion


class HtmlPage(MarkedFile):
    """A web page of suggestions, each with the parts of its score."""

    service = "web page"
    syntax = Syntax("html", "<!DOCTYPE html>\n", "<!-- ", " -->")

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """Everything up to the first suggestion."""
        return rendering.head(self._about, len(blocks))

    def block(self, suggestion: Suggestion, others: str) -> str:
        """The suggestion as an article."""
        return rendering.article(suggestion, dated=self._dated)

    def foot(self, blocks: Sequence[str]) -> str:
        """Everything behind the last suggestion."""
        return rendering.foot(len(blocks))
