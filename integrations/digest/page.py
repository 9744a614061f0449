"""Suggestions as a page for a browser: one file without scripts or anything from outside."""

from collections.abc import Sequence
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from integrations.files.marked_document import Syntax, block_name
from integrations.files.marked_file import MarkedFile
from recommender import wording
from recommender.suggestions import Suggestion


class HtmlPage(MarkedFile):
    """A web page of suggestions, each with the parts of its score."""

    service = "web page"
    syntax = Syntax("html", "<!DOCTYPE html>\n", "<!-- ", " -->")

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """Everything up to the first suggestion."""
        return str(_template().head(self._about, len(blocks)))

    def block(self, suggestion: Suggestion, others: str) -> str:
        """The suggestion as an article."""
        return str(_template().article(_words(suggestion, dated=self._dated)))

    def foot(self, blocks: Sequence[str]) -> str:
        """Everything behind the last suggestion."""
        return str(_template().foot(len(blocks)))


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2").module


def _words(suggestion: Suggestion, *, dated: bool) -> dict[str, object]:
    paper = suggestion.paper
    whole = sum(max(0.0, reason.share) for reason in suggestion.reasons)
    return {
        "anchor": "s" + block_name(suggestion.suggestion_id).replace("%", "-"),
        "rank": suggestion.rank,
        "title": wording.visible(paper.title),
        "link": wording.link(paper),
        "authors": wording.few(paper.authors),
        "venue": wording.visible(paper.venue),
        "published": paper.published,
        "ids": [(str(paper_id), wording.address(paper_id.url)) for paper_id in paper.ids],
        "score": f"{suggestion.score:.2f}",
        "purpose": wording.purpose(suggestion),
        "reasons": [
            {
                "text": wording.visible(reason.text),
                "share": share,
                "percent": round(100 * max(0.0, reason.share) / whole) if whole else 0,
            }
            for reason, share in wording.shares(suggestion)
        ],
        "abstract": wording.visible(paper.abstract),
        "source": wording.visible(suggestion.source),
        "at": wording.moment(suggestion.suggested_at),
        "day": suggestion.suggested_at.astimezone(UTC).date().isoformat() if dated else "",
    }
