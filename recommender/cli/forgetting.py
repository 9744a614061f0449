"""``shelfwise forget PAPER | INTEREST | all``: takes back what was learnt, and shows nothing twice.

A forgotten suggestion counts as let pass for good: nothing is learnt of it, it never comes again,
and unless somebody changed it, the next run takes it off the shelf. What stands in the library
teaches all the same, for that is the reader's own.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from recommender import config, runs
from recommender.cli import asking, opening
from recommender.cli.naming import listed_one, shown_one
from recommender.cli.telling import on_one_line
from recommender.cycle.recording import last_that
from recommender.errors import ConfigError
from recommender.guidance import Guidance
from recommender.identity import title_key
from recommender.ingest import Candidate
from recommender.store import Store, rescue
from recommender.store.lock import Lock
from recommender.suggestions import Shown, State, Suggestion, suggestion_ids
from recommender.wording import count

ALL = "all"


def run(text: str, config_file: Path | None, profile: str = "", *, agrees: bool = False) -> int:
    """Forget what is meant, and tell what that was.

    Args:
        text: ``all``; or else an interest, as ``guidance.Guidance`` names it; or else a paper.
        config_file: Another than the usual one.
        profile: Whose; empty for the only one.
        agrees: Nobody is to be asked whether all is meant.

    Raises:
        RecommenderError: If nothing is meant, nobody agrees to forget all, a run is under way, or
            the settings or the store cannot be used.
    """
    settings = config.read_own(config_file, profile)
    path, now = config.store_file(settings), datetime.now(UTC)
    with opening.own_store(settings) as store:
        if text == ALL and not agrees:
            _agree(settings.name)
        with Lock.taken(path, command="shelfwise forget", at=now):
            done = _forgotten(text, settings.name, store, now)
            # What was taken back is not to come again from there.
            rescue.keep_copy(path, store)
    print(on_one_line(done))
    return 0


def _agree(profile: str) -> None:
    if not asking.is_possible():
        raise ConfigError("forget all: nobody is there to be asked; give --yes if it is meant")
    question = f"Forget all that was learnt of the reader ({profile})?"
    if not asking.yes(question, otherwise=False):
        raise KeyboardInterrupt


def _forgotten(text: str, profile: str, store: Store, now: datetime) -> str:
    """Forgets what is meant, and says what that was."""
    if text == ALL:
        store.forget_reader(profile, at=now)
        return "All that was learnt of you is forgotten; what was shown is not shown again."
    shown = store.shown(profile)
    meant = Guidance(excluded=(text,))
    of_interest = [one for one in shown if meant.excludes([one.suggestion.interest])]
    pins = [pin.called for pin in store.pins(profile) if meant.excludes([pin.called])]
    if of_interest or pins:
        for called in pins:
            store.unpin(profile, called)
        done = [interest_forgotten(text, of_interest, store, now)] if of_interest else []
        if pins:
            done.append(f"What you made of {', '.join(pins)} is taken back.")
        return " ".join(done)
    one = shown_one(text, shown)
    if one:
        store.forget_suggestions([one.suggestion.suggestion_id], at=now)
        return f"“{one.suggestion.paper.title}” {_TEACHES}."
    candidate = listed_one(text, store.candidates())
    if not candidate:
        message = f"{text}: no interest and no listed paper is called this"
        raise ConfigError(f"{message}; give an interest, a DOI, a title, or all")
    _never_show(candidate, profile, store, {s.suggestion.suggestion_id for s in shown}, now)
    return f"“{candidate.paper.title}” is not shown."


def interest_forgotten(name: str, suggested: Iterable[Shown], store: Store, now: datetime) -> str:
    """Forget what was learnt of the suggestions for an interest, and say so in a sentence.

    Those that wait for the reader's answer have taught nothing yet, and stay.

    Args:
        name: What the reader calls the interest.
        suggested: Everything that was suggested for it.
        store: Keeps it.
        now: When this is.

    Raises:
        StoreError: If the store cannot be written.
    """
    told = [
        one.suggestion.suggestion_id
        for one in suggested
        if one.verdict or one.state in {State.KEPT, State.DISMISSED, State.EXPIRED}
    ]
    store.forget_suggestions(told, at=now)
    if not told:
        return f"Of {name} nothing was learnt that could be forgotten."
    verb = ("teaches", "does") if len(told) == 1 else ("teach", "do")
    said = f"{count(len(told), 'suggestion')} of {name} {verb[0]} nothing from the next run on"
    return f"{said}, and {verb[1]} not come again."


_TEACHES = "teaches nothing from the next run on, and does not come again"


def _never_show(
    candidate: Candidate, profile: str, store: Store, taken: set[str], now: datetime
) -> None:
    """Write a paper down as one that was suggested by nobody to be delivered by nobody."""
    names = (*candidate.names, f"{candidate.names[0]} {title_key(candidate.paper.title)}")
    [key] = suggestion_ids(profile, [names], taken)
    place = candidate.provenance[0]
    # It is to take no place in the next delivery, as what was chosen since the last run does.
    last = last_that(store, profile, runs.is_whole)
    suggestion = Suggestion(
        suggestion_id=key,
        paper=candidate.paper,
        rank=place.position,
        score=0.0,
        reasons=(),
        source=place.listing,
        interest="",
        suggested_at=last.started_at if last else now,
    )
    store.add_suggestions(profile, [suggestion], publishers=(), at=now)
    store.forget_suggestions([key], at=now)
