"""What scores for the reader in the config: the hybrid with what is known of it and kept for it."""

from datetime import datetime

from recommender import registry, secrets
from recommender.cli import weighing
from recommender.config import Settings
from recommender.cycle.stored_counts import StoredCounts
from recommender.cycle.stored_meanings import StoredMeanings
from recommender.errors import ConfigError
from recommender.model.hybrid import HybridScorer
from recommender.secrets import Secret
from recommender.store import Store


def own(settings: Settings, store: Store, now: datetime) -> HybridScorer:
    """The scorer of the profile: with tuned weights, and the encoder that the settings name.

    Raises:
        ConfigError: If the settings name an encoder that cannot be opened.
        StoreError: If the store cannot be read.
    """
    return HybridScorer(
        weights=weighing.tuned(settings.name, store),
        counts=StoredCounts(store, now),
        meanings=meanings(settings, store, now),
    )


def meanings(settings: Settings, store: Store, now: datetime) -> StoredMeanings | None:
    """What papers mean to the encoder that the settings name; None where they name none.

    Raises:
        ConfigError: If it cannot be opened.
    """
    named = settings.model.encoder
    if not named.kind:
        return None
    try:
        key = secrets.secret(named.key) if named.key else Secret("")
        opens = registry.encoder(named.kind)
        encoder = opens(named.place, model=named.model, key=key.reveal())
    except ConfigError as error:
        problems = [f"model.encoder: {problem}" for problem in error.problems]
        raise ConfigError(problems) from error
    return StoredMeanings(encoder, store, now)
