"""``shelfwise explain PAPER``: why a paper has its score, part by part."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommender import config
from recommender.cli import learnt, opening, output, scorers, telling
from recommender.cli.naming import listed_one, shown_one
from recommender.config import Settings
from recommender.cycle import Profile, choosing, fitting, followed, scoring
from recommender.cycle.enriching import OWNER, kept_of
from recommender.errors import ConfigError, NothingToLearnFrom
from recommender.identity import Works, names
from recommender.ingest import Candidate, Place
from recommender.papers import Paper
from recommender.ports import Model
from recommender.runs import told_states
from recommender.selection import Dropped
from recommender.store import Store
from recommender.suggestions import Shown, Suggestion
from recommender.wording import count


def run(text: str, config_file: Path | None, profile: str = "") -> int:
    """Print the score of a paper and what it is made of; nothing is asked of anybody.

    Raises:
        RecommenderError: If no listed paper is meant, or the settings or the store cannot be used.
    """
    settings = config.read_own(config_file, profile)
    now = datetime.now(UTC)
    # What has to be worked out for it is kept by the next run, and not by a question.
    with opening.own_store(settings) as own, own.copy() as store:
        shown = store.shown(settings.name)
        if one := shown_one(text, shown):
            output.table([one.suggestion], all_reasons=True)
            _tell(_became(one), *_origin(one.suggestion.paper, store))
            return 0
        candidate = listed_one(text, tuple(store.candidates()))
        if candidate is None:
            raise ConfigError(f"{text}: no listed paper is called this; give its DOI or its title")
        found, why = _scored(candidate, shown, store, settings, now)
        origin = [*_origin(candidate.paper, store)]
    output.table([found], all_reasons=True)
    _tell(why, *origin)
    return 0


def _tell(*lines: str) -> None:
    for line in filter(None, lines):
        print(telling.on_one_line(line))


def _origin(paper: Paper, store: Store) -> Iterator[str]:
    """Where a listed paper was listed, and which catalogues it was completed from."""
    listed = store.candidates_named(names(paper))
    row = Works.of(one.paper for one in listed).match(paper)
    if row is None:
        return
    # The names of most pages are days.
    places = sorted(listed[row].provenance, key=lambda place: place.listing, reverse=True)
    yield from map(_listed, places[:_PLACES])
    if len(places) > _PLACES:
        yield f"Listed on {count(len(places) - _PLACES, 'more page')}."
    sources = kept_of(store.memory(OWNER), listed[row])
    told = [f"{name} (confidence {sure:.2f})" for name, sure in sources.items()]
    if told:
        yield f"Completed from {', '.join(told)}."


def _listed(place: Place) -> str:
    told = [f"Listed by {place.source}", f"page {place.listing}", f"place {place.position}"]
    if place.votes is not None:
        told.append(count(place.votes, "vote"))
    if place.curator:
        told.append(f"sent in by {place.curator}")
    return f"{', '.join(told)}."


def _became(one: Shown) -> str:
    suggestion = one.suggestion
    day = suggestion.suggested_at.astimezone()
    known = f"Suggestion {suggestion.suggestion_id} of {day:%Y-%m-%d}"
    return f"{known}: {told_states({one.state: 1}).removeprefix('1 ')}."


def _scored(
    candidate: Candidate, shown: Sequence[Shown], store: Store, settings: Settings, now: datetime
) -> tuple[Suggestion, str]:
    """What the model of the last read library says of a paper, and why it is no suggestion."""
    library = opening.last_read(settings, store)
    profile = learnt.profile(settings, store)
    if not (library.items or profile.guidance.teaches or profile.seed_ids):
        message = "no library was read yet that has a paper in it; run shelfwise run first"
        raise NothingToLearnFrom(message)
    scorer = scorers.own(settings, store, now)
    taught = fitting.teaching(profile, library, shown)
    fitted = fitting.fitted(profile, scorer, taught, library, store, shown, now)
    why = fitted.known.reason(candidate) or _why_not(candidate, profile, fitted, store, now)
    return _as_suggestion(candidate, fitted.model), f"Not suggested: {why}."


def _as_suggestion(candidate: Candidate, model: Model) -> Suggestion:
    score = float(model.score([candidate.paper])[0])
    place = candidate.provenance[0]
    return Suggestion(
        suggestion_id="",
        paper=candidate.paper,
        rank=place.position,
        score=0.0 if np.isnan(score) else score,
        reasons=tuple(model.reasons([candidate.paper])[0]),
        source=place.listing,
        interest="",
        suggested_at=_NEVER,
    )


def _why_not(
    candidate: Candidate, profile: Profile, fitted: fitting.Fitted, store: Store, now: datetime
) -> str:
    """Why a new paper was not chosen, or would not be in a run now."""
    taken = followed.followed(profile.following, fitted, store, now)
    if candidate in taken.candidates:
        what = profile.following.follows(candidate.paper)
        return f"it is new since the last run, and the next one suggests it: you follow {what}"
    looked = scoring.looked(profile.name, fitted, store)
    left = followed.without(looked, taken, fitted.wishes.threshold)
    others = [one.paper for one in taken.candidates]
    why = _why_not_chosen(candidate, others, fitted, left.scored)
    what = profile.following.follows(candidate.paper)
    if not what or why in {Dropped.EXCLUDED.value, Dropped.OTHER_VERSION.value}:
        return why
    is_late = candidate not in store.candidates_since(now - followed.LATELY)
    late = f"it was first listed more than {followed.LATELY.days} days ago"
    return f"{why}; you follow {what}, but {late if is_late else 'follow.limit leaves it no place'}"


def _why_not_chosen(
    candidate: Candidate,
    others: Sequence[Paper],
    fitted: fitting.Fitted,
    scored: choosing.Scored,
) -> str:
    """Why the ranking does not choose a paper.

    Args:
        candidate: The paper.
        others: What is suggested whatever its score.
        fitted: What scores it.
        scored: What can be chosen.
    """
    model, wishes = fitted.model, fitted.wishes
    (score,), (interest,) = model.judged([candidate.paper])
    if np.isnan(score):
        return Dropped.NO_OPINION.value
    if score < wishes.threshold:
        less, more = output.told_apart(float(score), wishes.threshold)
        return f"its score of {less} is below the threshold of {more}"
    if int(interest) in wishes.excluded:
        return Dropped.EXCLUDED.value
    chosen = [choice.row for choice in choosing.selected(scored, model, wishes).chosen]
    if candidate in (scored.candidates[row] for row in chosen):
        return "it is new since the last run, and the next one suggests it"
    better = [scored.candidates[row].paper for row in chosen if scored.scores[row] >= score]
    if Works.of([*others, *better]).match(candidate.paper) is not None:
        return Dropped.OTHER_VERSION.value
    vectors = model.vectors([candidate.paper, *better])
    if better and (vectors[1:] @ vectors[0] > wishes.too_similar).any():
        return Dropped.TOO_SIMILAR.value
    return f"{Dropped.NO_PLACE.value}; others were better, or serve another of your interests"


_PLACES = 5  # the latest of them are told, one a line
_NEVER = datetime.min.replace(tzinfo=UTC)
