"""From the settings to how a profile's reader is told: channels, when, and where they lead."""

from collections.abc import Sequence
from datetime import datetime

from recommender import cycle, registry, secrets
from recommender.cli import planning
from recommender.config import Settings
from recommender.editions import Rhythm
from recommender.errors import ConfigError
from recommender.page import tokens
from recommender.ports import Access, Channel, Summariser
from recommender.store import Store


def telling(settings: Settings, store: Store, now: datetime) -> cycle.Telling:
    """How a profile's reader is told.

    Args:
        settings: The config.
        store: Has what addresses are signed with.
        now: When this is.

    Raises:
        ConfigError: If a channel cannot be opened, or a key is not where it should be.
    """
    said = settings.digest
    return cycle.Telling(
        channels=_channels(settings, now),
        rhythm=Rhythm(every=said.every, on=planning.DAYS.index(said.on), quiet=said.quiet),
        zone=planning.zone(settings),
        links=_links(settings, store),
        summariser=_summariser(settings),
        language=settings.summary.language,
        alarm_after_failures=settings.daemon.alarm_after_failures,
        alarm_after_stale_days=settings.daemon.alarm_after_stale_days,
    )


def _channels(settings: Settings, now: datetime) -> Sequence[Channel]:
    found: list[Channel] = []
    for kind, told, places in (
        ("mail", settings.mail, [settings.mail.key]),
        ("chat", settings.chat, settings.chat.to),
    ):
        if told.to:
            keys = [secrets.secret(place).reveal() for place in places if place]
            access = Access(now=now, contact=settings.web.contact)
            found += registry.channels(kind)(told.model_dump(), keys=keys, access=access)
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError([f"{name}: is named twice; remove one of them" for name in twice])
    return found


def _summariser(settings: Settings) -> Summariser | None:
    said = settings.summary
    if not said.kind:
        return None
    key = secrets.secret(said.key).reveal() if said.key else ""
    return registry.summariser(said.kind)(said.place, model=said.model, key=key)


def _links(settings: Settings, store: Store) -> cycle.Links:
    base = settings.page.address
    if not base:
        return cycle.Links()
    secret = tokens.secret(store)
    return cycle.Links(
        page=base,
        answers=lambda one: (
            tokens.answer_url(base, secret, one, "good"),
            tokens.answer_url(base, secret, one, "bad"),
        ),
        stop=lambda channel: tokens.stop_url(base, secret, settings.name, channel),
    )
