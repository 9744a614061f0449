"""*My interests*: a map of them, and what the reader can make of each.

What the reader makes of an interest is kept in the store and counts from the next run on. The name
of an interest changes with every model, so it is kept with the papers that are typical of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recommender import config
from recommender.cli import opening
from recommender.cli.forgetting import interest_forgotten
from recommender.config import Settings
from recommender.errors import ConfigError
from recommender.guidance import Pinned
from recommender.page.interest_map import CHOICES, InterestMap
from recommender.page.mapped import Picture, picture
from recommender.store import Store, rescue
from recommender.store.lock import Lock
from recommender.wording import visible

FACTORS = tuple(factor for factor, _ in CHOICES)
_LONGEST = 100  # characters of a name


def view(settings: Settings, store: Store, now: datetime) -> tuple[InterestMap | None, bool]:
    """The last map that was drawn, None without one; and whether another one is being drawn.

    Raises:
        RecommenderError: If the store or what the settings name cannot be used.
    """
    seen = picture(settings, store, now)
    if not seen.picture:
        return None, seen.is_due
    guidance = opening.leanings(settings, store.pins(settings.name))
    return InterestMap.of(seen.picture, guidance), seen.is_due


def rename(settings: Settings, store: Store, now: datetime, *, interest: str, called: str) -> str:
    """Call an interest something else, and say so in a sentence.

    Args:
        settings: The profile's.
        store: Keeps the name.
        now: When this is.
        interest: What it is called on the map.
        called: Its name; nothing for the one that the model gives it.

    Raises:
        ConfigError: If there is no such interest, or it cannot be called this.
        RecommenderError: If the store or what the settings name cannot be used.
    """
    meant = _meant(settings, store, now, interest)
    called = " ".join(called.split())
    if called and called != meant.own_name:
        _check(called, (*meant.others, *meant.kept))
    else:
        called = meant.own_name
        _check_free(called, meant.others)
    if meant.is_excluded and called != meant.own_name:
        message = f"{interest}: interests.exclude in the config names it; take it off there first"
        raise ConfigError(message)
    # The papers stay those by which it was known, so that nothing has to be learnt anew.
    meant.make(store, settings.name, called, meant.factor, meant.pin or meant.anew, now)
    return f"{interest} is called {called} from now on."


def _check(called: str, taken: Sequence[str]) -> None:
    """Make sure that an interest can be called this.

    Raises:
        ConfigError: If it cannot.
    """
    if len(called) > _LONGEST:
        told = f"at most {_LONGEST} characters, and this has {len(called)}"
        raise ConfigError(f"the name of an interest has {told}; choose a shorter one")
    letters = _letters(called)
    if unseen := next((c for c in letters if not c.isprintable()), None):
        told = f"U+{ord(unseen):04X}, a character that cannot be shown"
        raise ConfigError(f"the name holds {told}; write it without")
    if not letters.strip():
        raise ConfigError("the name shows nothing; choose one with letters")
    _check_free(called, taken)


def _check_free(called: str, taken: Sequence[str]) -> None:
    if _letters(called).casefold() in (_letters(one).casefold() for one in taken):
        raise ConfigError(f"{called}: another interest is called this; choose another name")


def _letters(name: str) -> str:
    """A name without what only says how letters join, as Persian and emoji need it to."""
    return name.replace("\u200c", "").replace("\u200d", "")


def weigh(settings: Settings, store: Store, now: datetime, *, interest: str, factor: float) -> str:
    """Let an interest pull more or less, and say so in a sentence.

    Args:
        settings: The profile's.
        store: Keeps the factor.
        now: When this is.
        interest: What it is called on the map.
        factor: One of ``FACTORS``.

    Raises:
        ConfigError: If there is no such interest or factor.
        RecommenderError: If the store or what the settings name cannot be used.
    """
    meant = _meant(settings, store, now, interest)
    if factor not in FACTORS:
        allowed = ", ".join(f"{one:g}" for one in FACTORS)
        raise ConfigError(f"{factor:g}: an interest counts by one of {allowed}")
    called = meant.pin.called if meant.pin else interest
    meant.make(store, settings.name, called, factor, meant.anew, now)
    return f"{interest} {_WEIGHED[factor]} from the next run on."


_WEIGHED = {
    0.0: "is muted and does not pull",
    0.5: "counts half",
    1.0: "counts as ever",
    2.0: "counts twice",
}


def forget(settings: Settings, store: Store, now: datetime, *, interest: str) -> str:
    """Forget what the answers to an interest's suggestions taught, and say so in a sentence.

    Raises:
        ConfigError: If there is no such interest, or nothing was suggested for it.
        RecommenderError: If a run is under way, or the store or what the settings name cannot be
            used.
    """
    meant = _meant(settings, store, now, interest)
    names = {interest, meant.own_name, *([meant.pin.called] if meant.pin else ())}
    # A later model may call it what the reader called another one before.
    names -= {*meant.others}
    path = config.store_file(settings)
    with Lock.taken(path, command="shelfwise page", at=now):
        shown = store.shown(settings.name)
        suggested = [one for one in shown if one.suggestion.interest in names]
        if not suggested:
            raise ConfigError(f"{interest}: nothing was suggested for it, so there is nothing yet")
        done = interest_forgotten(interest, suggested, store, now)
        # What was taken back is not to come again from there.
        rescue.keep_copy(path, store)
    return done


@dataclass(frozen=True, slots=True)
class _Meant:
    """An interest that the reader names.

    Attributes:
        own_name: What the model calls it.
        pin: What the reader made of it so far.
        anew: A pin for it as it is now.
        others: What the others are called.
        kept: What else is not to be called so: the model's names of the others, and what the reader
            called those that are not there now.
        is_excluded: The config excludes it.
    """

    own_name: str
    pin: Pinned | None
    anew: Pinned
    others: Sequence[str]
    kept: Sequence[str]
    is_excluded: bool

    @property
    def factor(self) -> float:
        return self.pin.factor if self.pin else 1.0

    def make(
        self, store: Store, profile: str, called: str, factor: float, known: Pinned, at: datetime
    ) -> None:
        """Write down what the reader makes of it; what is as the model has it needs no pin."""
        if (called, factor) != (self.own_name, 1.0):
            gone = [self.pin.called] if self.pin else []
            store.pin(profile, Pinned(called, known.keys, factor), replaces=gone, at=at)
        elif self.pin:
            store.unpin(profile, self.pin.called)


def _meant(settings: Settings, store: Store, now: datetime, interest: str) -> _Meant:
    """The interest that goes by a name on the map.

    Raises:
        ConfigError: If there is none, or it cannot be told from others.
        RecommenderError: If the store or what the settings name cannot be used.
    """
    seen = _pictured(settings, store, now)
    guidance = opening.leanings(settings, store.pins(settings.name))
    names = seen.interests.called(seen.items, guidance).names
    if interest not in names:
        told = visible(interest)[:_LONGEST]
        raise ConfigError(f"{told}: no interest is called this now; load the page again")
    at = names.index(interest)
    if not seen.keys[at]:
        message = "no paper of your library is in it; edit interests.goals or interests.seeds"
        raise ConfigError(f"{interest}: {message} in the config instead")
    own_name = seen.interests.names[at]
    pins = seen.interests.pins(seen.items, guidance)
    waiting = [pin.called for pin in guidance.pinned if pin not in pins]
    return _Meant(
        own_name=own_name,
        pin=pins[at],
        anew=Pinned(own_name, seen.keys[at]),
        others=[*names[:at], *names[at + 1 :]],
        kept=[one for one in (*seen.interests.names, *waiting) if one != own_name],
        is_excluded=guidance.excludes((own_name,)),
    )


def _pictured(settings: Settings, store: Store, now: datetime) -> Picture:
    """What the reader sees the interests on.

    Raises:
        ConfigError: If there is nothing now.
        RecommenderError: If the store or what the settings name cannot be used.
    """
    seen = picture(settings, store, now)
    if seen.picture:
        return seen.picture
    if seen.is_due:
        raise ConfigError("the map of your interests is being drawn; try again in a moment")
    if store.model_mark(settings.name) is None:
        raise ConfigError("there are no interests yet; run shelfwise run first")
    message = "your library or your answers have changed since the last run"
    raise ConfigError(f"there is no map now, as {message}; do shelfwise run, and try again")


def changed(settings: Settings, store: Store, now: datetime, told: Mapping[str, str]) -> str:
    """Do what a form of the page asks for, and say so in a sentence.

    Args:
        settings: The profile's.
        store: Keeps it.
        now: When this is.
        told: The form's fields: ``interest``, its name; ``do``, which is ``rename`` with
            ``called``, ``weigh`` with ``factor``, or ``forget``.

    Raises:
        ConfigError: If that cannot be done.
        RecommenderError: If the store or what the settings name cannot be used.
    """
    interest = told.get("interest", "")
    match told.get("do"):
        case "rename":
            return rename(settings, store, now, interest=interest, called=told.get("called", ""))
        case "weigh":
            factor = _BY_TEXT.get(told.get("factor", ""), math.nan)
            return weigh(settings, store, now, interest=interest, factor=factor)
        case "forget":
            return forget(settings, store, now, interest=interest)
    raise ConfigError("there is no such thing to do with an interest; load the page again")


_BY_TEXT = {f"{factor:g}": factor for factor in FACTORS}
