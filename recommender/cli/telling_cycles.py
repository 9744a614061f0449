"""What is said of a cycle: the suggestions on stdout, and on stderr how it went."""

import sys
from collections.abc import Callable, Collection, Iterator, Set
from pathlib import Path
from typing import Any

from recommender.cli import output, telling
from recommender.cli.exits import FAILED, exit_code
from recommender.cycle.between import PartRecord
from recommender.records import Record
from recommender.runs import told_states
from recommender.wording import count


def tell(record: Record, files: Collection[Path], *, as_json: bool, lowers: str) -> None:
    """Print suggestions and account of a cycle that keeps no memory.

    Args:
        record: Of the cycle.
        files: What was to be written.
        as_json: For a program.
        lowers: What the reader can do to lower the threshold.
    """
    if as_json:
        output.json_text(output.answer(record))
    _print(record, as_json=as_json, lowers=lowers)
    _tell_files(record, files)
    _tell_failures(record)


def tell_own(
    record: Record,
    files: Collection[Path],
    *,
    as_json: bool,
    is_dry: bool,
    answer: Callable[[dict[str, Any]], None] = output.json_text,
) -> None:
    """Print suggestions and account of a cycle that learns and delivers.

    Args:
        record: Of the cycle.
        files: What was to be written.
        as_json: For a program.
        is_dry: Nothing was written or delivered.
        answer: Gets what a program is told.
    """
    if as_json:
        answer(output.answer(record, _more(record)))
    _print(record, as_json=as_json, lowers="selection.threshold in the config")
    for line in () if as_json else _account(record):
        print(telling.on_one_line(line), file=sys.stderr)
    if is_dry:
        print("A dry run: nothing was written and nothing delivered.", file=sys.stderr)
    else:
        _tell_files(record, files)
    _tell_failures(record)


def _print(record: Record, *, as_json: bool, lowers: str) -> None:
    if not as_json:
        output.table(record.suggestions)
    if any(page.is_read for page in record.pages):
        if not as_json:
            output.account(record, lowers=lowers)
        elif not record.suggestions:
            print(output.quiet(record, lowers=lowers), file=sys.stderr)


def _tell_files(record: Record, files: Collection[Path]) -> None:
    failed = {failure.where for failure in record.failures}
    for path in files:
        if str(path) not in failed:
            print(telling.on_one_line(f"wrote {path}"), file=sys.stderr)


def _tell_failures(record: Record) -> None:
    for failure in record.failures:
        telling.problem(str(failure.error))


def _account(record: Record) -> Iterator[str]:
    """What was learnt, delivered and tidied, a line each; none for what did not happen."""
    if record.learnt:
        yield f"Learnt of earlier suggestions: {told_states(record.learnt)}."
    if record.n_delivered:
        yield f"Delivered: {count(record.n_delivered, 'suggestion')}."
    if record.n_tidied or record.n_left:
        left = f"; {record.n_left} left, since somebody changed them" if record.n_left else ""
        yield f"Tidied: {record.n_tidied} taken off the shelf{left}."
    yield from record.notices
    for pattern in record.unmatched:
        yield f"No collection is called {pattern}: correct library.include or library.exclude."


def _more(record: Record) -> dict[str, Any]:
    return {
        "learnt": {state.value: n for state, n in sorted(record.learnt.items())},
        "delivered": record.n_delivered,
        "tidied": record.n_tidied,
        "left": record.n_left,
        "unmatched": list(record.unmatched),
        "notices": list(record.notices),
        "failures": [
            {"where": failure.where, "error": str(failure.error)} for failure in record.failures
        ],
    }


def code_of(record: Record | PartRecord) -> int:
    """The exit code of a cycle, or a part of one: 0 where nothing failed."""
    return code_of_all({exit_code(failure.error) for failure in record.failures})


def code_of_all(codes: Set[int]) -> int:
    """The exit code where several things were done, by theirs."""
    failed = codes - {0}
    # Trying again helps only where all that failed was passing.
    return next(iter(failed)) if len(failed) == 1 else FAILED if failed else 0
