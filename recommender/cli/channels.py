"""From the settings to how a profile's reader is told: channels, when, and where they lead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recommender import cycle, registry, secrets
from recommender.cli import planning
from recommender.config import Settings
from recommender.editions import Edition, Rhythm
from recommender.errors import ConfigError, PermanentError
from recommender.page import tokens
from recommender.papers import Paper
from recommender.ports import Access, Channel, Summariser
from recommender.store import Store


@dataclass(frozen=True, slots=True)
class Unopened:
    """A channel or summariser that cannot be opened: asked for anything, it says why.

    So the shelf and the other channels get what is theirs all the same.
    """

    name: str
    error: ConfigError

    def send(self, edition: Edition) -> None:
        """Nothing, ever.

        Raises:
            PermanentError: With what is to be done.
        """
        raise self._failure() from self.error

    def rendered(self, edition: Edition) -> bytes:
        """Nothing."""
        return b""

    def check(self) -> None:
        """Nothing.

        Raises:
            PermanentError: With what is to be done.
        """
        raise self._failure() from self.error

    def summary(self, paper: Paper, language: str) -> str:
        """Nothing, ever.

        Raises:
            PermanentError: With what is to be done.
        """
        raise self._failure() from self.error

    def _failure(self) -> PermanentError:
        return PermanentError(self.name, str(self.error))


def telling(settings: Settings, store: Store, now: datetime) -> cycle.Telling:
    """How a profile's reader is told; what cannot be opened fails when it is asked.

    Args:
        settings: The config.
        store: Has what addresses are signed with.
        now: When this is.

    Raises:
        ConfigError: If two channels are the same.
    """
    return replace(
        manner(settings, store),
        channels=_channels(settings, now),
        summariser=_summariser(settings),
        language=settings.summary.language,
    )


def manner(settings: Settings, store: Store) -> cycle.Telling:
    """How a profile's reader is told, without anybody who is to be told or asked."""
    said, weekly = settings.digest, settings.schedule.every == "week"
    return cycle.Telling(
        rhythm=Rhythm(
            every=said.every,
            on=planning.DAYS.index(said.on),
            quiet=said.quiet,
            # Lines of cron can be rarer still.
            missed_after=timedelta(days=11 if weekly or settings.schedule.cron else 4),
        ),
        zone=planning.zone(settings),
        links=_links(settings, store),
        alarm_after_failures=settings.daemon.alarm_after_failures,
        alarm_after_stale_days=settings.daemon.alarm_after_stale_days,
    )


def _channels(settings: Settings, now: datetime) -> Sequence[Channel]:
    found: list[Channel] = []
    for kind, told, places in (
        ("mail", settings.mail, [settings.mail.key]),
        ("chat", settings.chat, settings.chat.to),
    ):
        if not told.to:
            continue
        try:
            keys = [secrets.secret(place).reveal() for place in places if place]
            access = Access(now=now, contact=settings.web.contact)
            found += registry.channels(kind)(told.model_dump(), keys=keys, access=access)
        except ConfigError as error:
            found.append(Unopened(kind, error))
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError([f"{name}: is named twice; remove one of them" for name in twice])
    return found


def _summariser(settings: Settings) -> Summariser | None:
    said = settings.summary
    if not said.kind:
        return None
    try:
        key = secrets.secret(said.key).reveal() if said.key else ""
        return registry.summariser(said.kind)(said.place, model=said.model, key=key)
    except ConfigError as error:
        return Unopened("summary", error)


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
