"""What a person or a program sees of a cycle."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recommender import wording
from recommender.cli.telling import on_one_line
from recommender.identifiers import Scheme
from recommender.papers import Paper, Skipped
from recommender.records import PageRecord, Record
from recommender.selection import Dropped
from recommender.suggestions import Suggestion, rounded_shares
from recommender.wording import count

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_PIPED_WIDTH = 100
_SKIPPED_SHOWN = 5
_SHOWN = 2  # digits of a score, for people
_DIGITS = 4  # and for programs
_DIGITS_OF_A_FLOAT = 17


def table(suggestions: Sequence[Suggestion], *, all_reasons: bool = False) -> None:
    """Print suggestions for a person: score, title, why, link."""
    if not suggestions:
        return
    # Here and below: for a program nothing is drawn, and it takes a while to load.
    from rich.table import Table
    from rich.text import Text

    console = _console(sys.stdout)
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 1, 0), expand=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for suggestion in suggestions:
        grid.add_row(
            f"{suggestion.rank}",
            Text(str(rounded_shares(suggestion, _SHOWN)[0]), style="bold green"),
            _told(suggestion, all_reasons=all_reasons),
        )
    console.print(grid)


def _told(suggestion: Suggestion, *, all_reasons: bool) -> "Text":
    from rich.text import Text

    lines = [(suggestion.paper.title, "bold"), (_byline(suggestion), "dim")]
    if suggestion.followed:
        lines.append((f"you follow {suggestion.followed}", "italic"))
    if suggestion.exploring:
        lines.append(("to widen the view", "italic"))
    if all_reasons:
        _, shares = rounded_shares(suggestion, _SHOWN)
        told = zip(shares, suggestion.reasons, strict=True)
        lines += [(f"{share}  {reason.text}", "") for share, reason in told]
    else:
        lines.append((suggestion.headline, ""))
    lines += [(f"{what}{url}", "blue") for what, url in links(suggestion.paper)]
    return Text("\n").join(Text(on_one_line(text), style=style) for text, style in lines if text)


def links(paper: Paper) -> list[tuple[str, str]]:
    """Where a person reads on, each with what stands before it, as the page does."""
    return [("", paper.link), *((f"{what}: ", url) for what, url in wording.beside(paper))]


def _byline(suggestion: Suggestion) -> str:
    paper = suggestion.paper
    names = ", ".join(str(author) for author in paper.authors[:3])
    more = " and others" if len(paper.authors) > 3 else ""
    return " · ".join(part for part in (names + more, paper.venue, paper.published[:4]) if part)


def account(record: Record, *, lowers: str) -> None:
    """Tell a person on stderr what was looked at, what was left out and why.

    Args:
        record: Of the cycle.
        lowers: What the reader can do to lower the threshold.
    """
    from rich.text import Text

    console = _console(sys.stderr)
    library = record.library
    pages = [page for page in record.pages if page.is_read]
    listed = sum(page.count.n_new for page in pages)
    others = f" and {count(len(library.others), 'other entry')}" if len(library.others) else ""
    lines = [
        (
            f"Your library: {count(len(library.items), 'paper')}{others}."
            f" Listed: {count(listed, 'paper')} on {count(len(pages), 'page')}."
        )
    ]
    if record.excluded:
        left_out = ", ".join(f"{n} {why}" for why, n in sorted(record.excluded.items()))
        lines.append(f"Left out: {left_out}.")
    if not record.suggestions:
        lines.append(quiet(record, lowers=lowers))
    lines += _skipped_lines("library", library.skipped)
    for page in pages:
        lines += _skipped_lines(page.count.listing, page.skipped)
    for line in lines:
        console.print(Text(on_one_line(line), style="dim"), soft_wrap=True)


def quiet(record: Record, *, lowers: str = "") -> str:
    """Why there is no suggestion, in a sentence, and what could be done about it.

    Args:
        record: Of the cycle.
        lowers: What the reader can do to lower the threshold, if anything.
    """
    # Of a page that is as it was, the papers that were found on it count.
    if not any(page.count.n_papers or page.unchanged for page in record.pages):
        why = "the listings hold no papers."
    elif record.best_left is not None:
        best, threshold = told_apart(record.best_left, record.summary["threshold"])
        why = f"the best new paper scores {best}, below the threshold of {threshold}"
        why += f"; {lowers} lowers it." if lowers else "."
    elif Dropped.NO_OPINION in record.excluded:
        why = "what is new to you has no word in common with your library."
    elif Dropped.EXCLUDED in record.excluded:
        why = "what is new to you is in interests that you exclude."
    else:
        why = "no listed paper is new to you."
    return f"Nothing to suggest: {why}"


def told_apart(less: float, more: float) -> tuple[str, str]:
    """Two scores with as many digits as show which one is less."""
    for digits in range(2, _DIGITS_OF_A_FLOAT):
        if (shown := f"{less:.{digits}f}") != f"{more:.{digits}f}":
            return shown, f"{more:.{digits}f}"
    return repr(less), repr(more)


def _skipped_lines(name: str, skipped: Sequence[Skipped]) -> list[str]:
    lines = [f"Not read, {name}: {s.place}: {s.reason}" for s in skipped[:_SKIPPED_SHOWN]]
    if more := len(skipped) - len(lines):
        lines.append(f"Not read, {name}: and {more} more; --json lists all.")
    return lines


def answer(record: Record, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A cycle's suggestions and report for a program, with what more there is to report."""
    return {
        "suggestions": [_suggestion(s) for s in record.suggestions],
        "report": {
            "library": {
                "entries": record.library.n_entries,
                "papers": len(record.library.items),
                "other_kinds": len(record.library.others),
                "skipped": [_skipped(s) for s in record.library.skipped],
            },
            "listings": [_page(page) for page in record.pages],
            "excluded": dict(sorted(record.excluded.items())),
            **(more or {}),
        },
    }


def json_text(value: Any) -> None:
    """Print a value as JSON, for a program."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        # Escaped, it means the same in any encoding.
        text = json.dumps(value, indent=2)
    print(text)


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    paper = suggestion.paper
    score, shares = rounded_shares(suggestion, _DIGITS)
    return {
        "rank": suggestion.rank,
        "score": float(score),
        "title": paper.title,
        "ids": {i.scheme.value: i.value for scheme in Scheme if (i := paper.id(scheme))},
        "url": paper.link,
        "code": paper.code,
        "website": paper.website,
        "authors": [str(author) for author in paper.authors],
        "year": paper.year,
        "source": suggestion.source,
        "reasons": [
            {"kind": reason.kind.value, "text": reason.text, "share": float(share)}
            for reason, share in zip(suggestion.reasons, shares, strict=True)
        ],
    }


def _page(page: PageRecord) -> dict[str, Any]:
    return {
        "name": page.count.listing,
        "papers": page.count.n_papers,
        "new": page.count.n_new,
        "skipped": [_skipped(s) for s in page.skipped],
    }


def _skipped(skipped: Skipped) -> dict[str, str]:
    return {"place": skipped.place, "reason": skipped.reason}


def _console(stream: Any) -> "Console":
    from rich.console import Console

    return Console(file=stream, width=_width(stream), highlight=False)


def _width(stream: Any) -> int | None:
    """How many characters a line may have; None leaves it to the terminal."""
    return None if stream.isatty() else _PIPED_WIDTH
