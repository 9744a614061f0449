"""What was learnt of a reader, as the last run left it; nothing is asked of anybody."""

from dataclasses import replace
from datetime import datetime

from recommender import config
from recommender.cli import opening, scorers
from recommender.config import Settings
from recommender.cycle import Profile, fitting
from recommender.cycle.choosing import Had
from recommender.errors import NothingToLearnFrom
from recommender.model.hybrid import HybridScorer
from recommender.model.judging import HybridModel
from recommender.model.saved import VERSION
from recommender.store import Store


def profile(settings: Settings, store: Store) -> Profile:
    """What a cycle is told that reads no library and no listing.

    Raises:
        ConfigError: If the settings name a seed that is not there.
        IntegrationError: If a file of seeds cannot be read.
        StoreError: If the store cannot be read.
    """
    return Profile(
        name=settings.name,
        libraries=(),
        sources=(),
        wishes=config.wishes(settings),
        scope=config.scope(settings),
        signs=config.signs(settings),
        seed=settings.model.seed,
        guidance=opening.guidance(settings, store.pins(settings.name)),
        following=config.following(settings),
        seed_ids=opening.seed_ids(settings),
    )


def model(settings: Settings, store: Store, now: datetime) -> HybridModel | None:
    """The model that the last run left, under the names that interests have now.

    It is the one that chose what was suggested, also where the next run will learn another one: of
    what the reader said since then it knows nothing. None before the first run, where the library
    was read since, and where the reader took back what they had said before it.

    Raises:
        RecommenderError: As for ``profile``, or if the encoder in the settings cannot be used.
    """
    saved = store.saved_model(settings.name)
    if saved is None or saved.version != VERSION:
        return None
    told, library = profile(settings, store), opening.last_read(settings, store)
    guidance, _ = fitting.asked(told, Had.of(library), store)
    scorer = HybridScorer(meanings=scorers.meanings(settings, store, now))
    later = store.answered_since(settings.name, saved.made_at)
    shown = [
        replace(one, verdict=None) if one.suggestion.suggestion_id in later else one
        for one in store.shown(settings.name)
    ]
    try:
        taught = fitting.teaching(told, library, shown)
        return scorer.restored(saved.payload, taught, guidance)
    except (NothingToLearnFrom, ValueError):
        return None
