"""``shelfwise explain PAPER``: why a paper has its score, part by part."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommender import config
from recommender.cli import opening, output, telling
from recommender.cli.naming import listed_one, shown_one
from recommender.cli.telling_cycles import told_states
from recommender.config import Settings
from recommender.cycle import Profile, choosing, fitting
from recommender.errors import ConfigError, NothingToLearnFrom
from recommender.identity import Works
from recommender.ingest import Candidate
from recommender.library import Library
from recommender.model.hybrid import HybridScorer
from recommender.ports import Model
from recommender.selection import Dropped
from recommender.suggestions import Shown, Suggestion


def run(text: str, config_file: Path | None) -> int:
    """Print the score of a paper and what it is made of; nothing is asked of anybody.

    Raises:
        RecommenderError: If no listed paper is meant, or the settings or the store cannot be used.
    """
    settings = config.read_own(config_file)
    with opening.own_store(settings) as store:
        shown = store.shown(opening.PROFILE)
        if one := shown_one(text, shown):
            output.table([one.suggestion], all_reasons=True)
            print(telling.on_one_line(_became(one)))
            return 0
        listed = tuple(store.candidates())
        candidate = listed_one(text, listed)
        if candidate is None:
            raise ConfigError(f"{text}: no listed paper is called this; give its DOI or its title")
        library = opening.last_read(store)
    found, why = _scored(candidate, listed, shown, library, settings)
    output.table([found], all_reasons=True)
    print(telling.on_one_line(why))
    return 0


def _became(one: Shown) -> str:
    suggestion = one.suggestion
    day = suggestion.suggested_at.astimezone()
    known = f"Suggestion {suggestion.suggestion_id} of {day:%Y-%m-%d}"
    return f"{known}: {told_states({one.state: 1}).removeprefix('1 ')}."


def _scored(
    candidate: Candidate,
    listed: Sequence[Candidate],
    shown: Sequence[Shown],
    library: Library,
    settings: Settings,
) -> tuple[Suggestion, str]:
    """What the model of the last read library says of a paper, and why it is no suggestion."""
    guidance, seed_ids = opening.guidance(settings), opening.seed_ids(settings)
    if not (library.items or guidance.teaches or seed_ids):
        message = "no library was read yet that has a paper in it; run shelfwise run first"
        raise NothingToLearnFrom(message)
    profile = Profile(
        name=opening.PROFILE,
        libraries=(),
        sources=(),
        wishes=config.wishes(settings),
        scope=config.scope(settings),
        signs=config.signs(settings),
        seed=settings.model.seed,
        guidance=guidance,
        seed_ids=seed_ids,
    )
    taught = fitting.teaching(profile, library, shown)
    fitted = fitting.fitted(profile, HybridScorer(), taught, library, listed, shown)
    if item := choosing.Had.of(library).match((candidate.paper, *candidate.versions)):
        why = choosing.IN_TRASH if item.trashed else choosing.IN_LIBRARY
    else:
        why = _why_not(candidate, fitted)
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


def _why_not(candidate: Candidate, fitted: fitting.Fitted) -> str:
    """Why a new paper was not chosen, or would not be in a run now."""
    model, fresh, wishes = fitted.model, fitted.fresh, fitted.wishes
    scored = choosing.Scored.by(model, fresh)
    chosen = [choice.row for choice in choosing.selected(scored, model, wishes).chosen]
    row = next((i for i, one in enumerate(fresh) if one == candidate), None)
    if row is None:
        seeds = Works.of(fitted.guidance.seeds)
        is_seed = any(
            seeds.match(one) is not None for one in (candidate.paper, *candidate.versions)
        )
        return choosing.SEED if is_seed else choosing.SUGGESTED
    score = scored.scores[row]
    if np.isnan(score):
        return Dropped.NO_OPINION.value
    if score < wishes.threshold:
        less, more = output.told_apart(float(score), wishes.threshold)
        return f"its score of {less} is below the threshold of {more}"
    if int(scored.interests[row]) in wishes.excluded:
        return Dropped.EXCLUDED.value
    if row in chosen:
        return "it is new since the last run, and the next one suggests it"
    better = [fresh[i].paper for i in chosen if scored.scores[i] >= score]
    if Works.of(better).match(candidate.paper) is not None:
        return Dropped.OTHER_VERSION.value
    vectors = model.vectors([candidate.paper, *better])
    if better and (vectors[1:] @ vectors[0] > wishes.too_similar).any():
        return Dropped.TOO_SIMILAR.value
    return f"{Dropped.NO_PLACE.value}; others were better, or serve another of your interests"


_NEVER = datetime.min.replace(tzinfo=UTC)
