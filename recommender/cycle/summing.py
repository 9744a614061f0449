"""What is said of each suggestion in a sentence: a model's summary, or the abstract's own words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from recommender.cycle.reading import failure
from recommender.errors import BadResponse, StoreError
from recommender.gist import gist
from recommender.model.judging import content_of
from recommender.papers import Paper
from recommender.ports import Summariser
from recommender.records import Failure
from recommender.store.summaries import Summaries
from recommender.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of suggestions.

    Attributes:
        gists: By the suggestion's id, a sentence and the model that wrote it; the model's name is
            empty where it is a sentence of the abstract.
        failures: What went wrong with the summariser first.
    """

    gists: Mapping[str, tuple[str, str]]
    failures: tuple[Failure, ...] = ()


def gists(
    suggestions: Sequence[Suggestion],
    summariser: Summariser | None,
    language: str,
    store: Summaries,
    now: datetime,
    *,
    longest: timedelta = timedelta(minutes=3),
    clock: Callable[[], float] = monotonic,
) -> Said:
    """A sentence on each suggestion, from the summariser where there is one.

    What it said once is kept. Where it fails, or time is up, the sentence of the abstract that says
    best why the paper is here stands there; the next time it is asked again.

    Args:
        suggestions: Those that are to be told, the best first.
        summariser: None for the abstracts' own sentences.
        language: In which it writes; empty for the paper's own.
        store: Keeps what it said.
        now: When this is.
        longest: After which nothing more is asked; what is asked then is waited for.
        clock: Seconds since some moment.

    Raises:
        StoreError: If the store cannot be used.
    """
    own = {one.suggestion_id: (gist(one), "") for one in suggestions}
    if summariser is None:
        return Said(own)
    ends = clock() + longest.total_seconds()
    summed: dict[str, tuple[str, str]] = {}
    failed: Failure | None = None
    is_asked = True
    for suggestion in suggestions:
        is_asked = is_asked and clock() < ends
        try:
            said = _said(suggestion.paper, summariser, language, store, now, is_asked=is_asked)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            failed = failed or failure(summariser.name, error)
            # A strange answer to one question says nothing of the next.
            is_asked = isinstance(error, BadResponse)
        else:
            if said:
                summed[suggestion.suggestion_id] = said, summariser.name
    return Said(own | summed, (failed,) if failed else ())


def _said(
    paper: Paper,
    summariser: Summariser,
    language: str,
    store: Summaries,
    now: datetime,
    *,
    is_asked: bool,
) -> str:
    """What the summariser says of a paper, or said before; empty where it does not."""
    content = content_of(paper).hex()
    kept = store.summary(summariser.name, language, content)
    if kept is not None or not is_asked:
        return kept or ""
    said = summariser.summary(paper, language)
    store.keep_summary(summariser.name, language, content, said, at=now)
    return said
