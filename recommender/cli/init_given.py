"""What the command line of ``shelfwise init`` says, and the settings that it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recommender import config
from recommender.cli import opening
from recommender.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says already; None and nothing are asked for, or stay as they are.

    Attributes:
        key_from: Where the key is.
        asks_nothing: What is not given is as it mostly is.
        starts_afresh: Nothing of a config file that is there is kept in the new one.
    """

    place: str | None = None
    libraries: Sequence[str] = ()
    include: Sequence[str] = ()
    collection: str | None = None
    sources: Sequence[str] = ()
    key_from: str | None = None
    colours: bool | None = None
    asks_nothing: bool = False
    starts_afresh: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)


def with_given(settings: Settings, given: Given) -> Settings:
    """The settings with what the command line names, in place of what they said of that.

    Raises:
        ConfigError: If it cannot be meant.
    """
    library: dict[str, Any] = dict(given.addresses)
    if given.place is not None:
        library["place"] = _place(given.place)
    if given.libraries:
        library["libraries"] = list(given.libraries)
    if given.include:
        library["include"] = list(given.include)
    settings = updated(settings, "library", **library)
    if given.collection is not None:
        settings = updated(settings, "shelf", collection=given.collection)
    return with_sources(settings, [source(p) for p in given.sources]) if given.sources else settings


def with_sources(settings: Settings, places: Sequence[str]) -> Settings:
    """The settings with these places that list papers, and no others."""
    return config.checked({**settings.model_dump(), "source": [{"place": one} for one in places]})


def source(place: str) -> str:
    """A place that lists papers, in full.

    Raises:
        ConfigError: If there is nothing.
    """
    meant = config.Source(place=place)
    opening.source(meant, Settings(), datetime.now(UTC))
    return in_full(place) if meant.named[0] == "file" and place != "-" else place


def updated(settings: Settings, section: str, **values: Any) -> Settings:
    """The settings with other values in one section.

    Raises:
        ConfigError: If they cannot be.
    """
    said = settings.model_dump()
    return config.checked({**said, section: {**said[section], **values}})


def in_full(path: str) -> str:
    """A path that means the same wherever the program runs next."""
    return str(Path.cwd() / Path(path).expanduser())


def _place(place: str) -> str:
    return place if place in {"auto", "local", "web"} else in_full(place)
