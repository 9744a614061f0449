"""What settings mean to the parts that follow them. Pure."""

from datetime import timedelta
from typing import TYPE_CHECKING

from recommender.config.settings import ProfileSettings
from recommender.feedback import Signs
from recommender.following import Following, Topics
from recommender.scope import Scope

if TYPE_CHECKING:
    from recommender.selection import Wishes


def wishes(
    settings: ProfileSettings, *, limit: int | None = None, threshold: float | None = None
) -> "Wishes":
    """How to choose: what the command line says, and otherwise what the settings say."""
    # It brings numpy, which whoever only reads the config, for months perhaps, does without.
    from recommender.selection import Wishes

    chosen = settings.selection
    least = chosen.threshold if threshold is None else threshold
    return Wishes(
        limit=chosen.limit if limit is None else limit,
        threshold=float("nan") if least is None else least,
        explore=chosen.explore,
        too_similar=chosen.too_similar,
        main_interests=chosen.main_interests,
        patience=chosen.patience,
    )


def scope(settings: ProfileSettings) -> Scope:
    """Which part of the library counts."""
    library = settings.library
    return Scope(
        include=library.include,
        exclude=library.exclude,
        include_tags=library.include_tags,
        exclude_tags=library.exclude_tags,
    )


def following(settings: ProfileSettings) -> Following:
    """Whom and what the reader follows and never wants to see."""
    said = settings.follow
    return Following(
        wanted=Topics(
            authors=said.authors,
            venues=said.venues,
            institutions=said.institutions,
            keywords=said.keywords,
        ),
        unwanted=Topics(
            authors=said.exclude_authors,
            venues=said.exclude_venues,
            institutions=said.exclude_institutions,
            keywords=said.exclude_keywords,
        ),
        limit=said.limit,
    )


def signs(settings: ProfileSettings) -> Signs:
    """How the reader answers, and how long an answer is waited for."""
    return Signs(
        more=settings.shelf.more,
        less=settings.shelf.less,
        tag=settings.shelf.tag,
        expires_after=timedelta(days=settings.feedback.expires_after_days),
        expired_weight=settings.feedback.expired_weight,
    )
