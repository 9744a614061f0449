"""``shelfwise explain PAPER``: why a paper has its score, part by part."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommender import config
from recommender.cli import opening, output, scorers, telling
from recommender.cli.naming import listed_one, shown_one
from recommender.cli.telling_cycles import told_states
from recommender.config import Settings
from recommender.cycle import Profile, choosing, fitting, scoring
from recommender.cycle.enriching import OWNER, kept_of
from recommender.errors import ConfigError, NothingToLearnFrom
from recommender.identity import Works, names
from recommender.ingest import Candidate
from recommender.papers import Paper
from recommender.ports import Model
from recommender.selection import Dropped
from recommender.store import Store
from recommender.suggestions import Shown, Suggestion


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
            _tell(_became(one), _origin(one.suggestion.paper, store))
            return 0
        candidate = listed_one(text, tuple(store.candidates()))
        if candidate is None:
            raise ConfigError(f"{text}: no listed paper is called this; give its DOI or its title")
        found, why = _scored(candidate, shown, store, settings, now)
        origin = _origin(candidate.paper, store)
    output.table([found], all_reasons=True)
    _tell(why, origin)
    return 0


def _tell(*lines: str) -> None:
    for line in filter(None, lines):
        print(telling.on_one_line(line))


def _origin(paper: Paper, store: Store) -> str:
    """Which catalogues a listed paper was completed from; empty for none."""
    listed = store.candidates_named(names(paper))
    row = Works.of(one.paper for one in listed).match(paper)
    sources = {} if row is None else kept_of(store.memory(OWNER), listed[row])
    told = [f"{name} (confidence {sure:.2f})" for name, sure in sources.items()]
    return f"Completed from {', '.join(told)}." if told else ""


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
    guidance, seed_ids = opening.guidance(settings), opening.seed_ids(settings)
    if not (library.items or guidance.teaches or seed_ids):
        message = "no library was read yet that has a paper in it; run shelfwise run first"
        raise NothingToLearnFrom(message)
    profile = Profile(
        name=settings.name,
        libraries=(),
        sources=(),
        wishes=config.wishes(settings),
        scope=config.scope(settings),
        signs=config.signs(settings),
        seed=settings.model.seed,
        guidance=guidance,
        following=config.following(settings),
        seed_ids=seed_ids,
    )
    scorer = scorers.own(settings, store, now)
    taught = fitting.teaching(profile, library, shown)
    fitted = fitting.fitted(profile, scorer, taught, library, store, shown, now)
    why = fitted.known.reason(candidate)
    if not why:
        why = _why_not(candidate, fitted, scoring.looked(profile.name, fitted, store).scored)
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


def _why_not(candidate: Candidate, fitted: fitting.Fitted, scored: choosing.Scored) -> str:
    """Why a new paper was not chosen, or would not be in a run now.

    Args:
        candidate: The paper.
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
    if Works.of(better).match(candidate.paper) is not None:
        return Dropped.OTHER_VERSION.value
    vectors = model.vectors([candidate.paper, *better])
    if better and (vectors[1:] @ vectors[0] > wishes.too_similar).any():
        return Dropped.TOO_SIMILAR.value
    return f"{Dropped.NO_PLACE.value}; others were better, or serve another of your interests"


_NEVER = datetime.min.replace(tzinfo=UTC)
