"""``shelfwise feedback PAPER good|bad|undo``: what the reader says of a suggestion outright."""

from datetime import UTC, datetime
from pathlib import Path

from recommender import config
from recommender.cli import opening, telling
from recommender.cli.naming import listed_one, shown_one
from recommender.errors import ConfigError
from recommender.page import answering
from recommender.store import Store
from recommender.suggestions import Shown


def run(text: str, said: str, config_file: Path | None, profile: str = "") -> int:
    """Write down what the reader says of a suggestion, and tell what that means.

    Args:
        text: Which suggestion.
        said: ``good``, ``bad`` or ``undo``.
        config_file: Another than the usual one.
        profile: Whose suggestion it is; empty for the only one.

    Raises:
        RecommenderError: If no suggestion is meant, or the settings or the store cannot be used.
    """
    settings = config.read_own(config_file, profile)
    with opening.own_store(settings) as store:
        one = _meant(text, settings.name, store)
        is_new = answering.answer(store, one, said, datetime.now(UTC))
    title = f"“{one.suggestion.paper.title}”"
    if is_new:
        print(telling.on_one_line(f"{title} {answering.MEANINGS[said]}, from the next run on."))
    else:
        print(telling.on_one_line(f"{title}: you have said so already."))
    return 0


def _meant(text: str, profile: str, store: Store) -> Shown:
    one = shown_one(text, store.shown(profile))
    if one:
        return one
    if listed_one(text, store.candidates()):
        raise ConfigError(f"{text}: was listed, but never suggested, so there is nothing to judge")
    raise ConfigError(f"{text}: no suggestion is called this; shelfwise status counts them all")
