"""Feeds of the last suggestions, served to feed readers on this computer."""

from collections.abc import Callable, Sequence

from starlette.responses import Response

from recommender import feeds
from recommender.page.site import Asked, Site
from recommender.suggestions import Suggestion

N_IN_FEED = 50
"""How many suggestions a feed holds, the latest."""


def atom(site: Site, asked: Asked) -> Response:
    """The last suggestions as an Atom feed."""
    return _fed(site, asked, feeds.atom, "application/atom+xml")


def json_feed(site: Site, asked: Asked) -> Response:
    """The last suggestions as a JSON feed."""
    return _fed(site, asked, feeds.json_feed, "application/feed+json")


def _fed(site: Site, asked: Asked, made: Callable[..., str], kind: str) -> Response:
    settings = site.profile(asked)
    with site.opened() as store:
        found = store.search(settings.name, n=N_IN_FEED)
    several = len(site.profiles) > 1
    suggestions: Sequence[Suggestion] = [one.suggestion for one in found.shown]
    path = asked.at(asked.path, profile=settings.name if several else "")
    text = made(
        suggestions,
        feed_id=feeds.urn(f"feed of {settings.name}"),
        title=f"{feeds.TITLE} ({settings.name})" if several else feeds.TITLE,
        self_url=asked.address.removesuffix(asked.base) + path,
    )
    return Response(text.encode("utf-8", "replace"), media_type=kind)
