"""What settings of different keys say together. Pure."""

from collections.abc import Iterator
from pathlib import PurePath

from recommender.config.settings import ProfileSettings

_FILE, _ENDPOINT = "file", "endpoint"


def at_odds(settings: ProfileSettings) -> Iterator[str]:
    """What is wrong with keys that are right one by one, a line each."""
    via = settings.shelf.via
    if settings.library.kind == _FILE and via in {"web", "local"}:
        yield f'shelf.via: a file has "file" or "none", but it is {via!r}'
    mail = settings.mail
    if mail.to and not mail.provider and not mail.host:
        yield "mail.provider: nobody is named to send it; name a provider, or mail.host"
    summary = settings.summary
    if summary.kind == _ENDPOINT:
        if not summary.place:
            yield "summary.place: is missing; write the endpoint's address, up to and with /v1"
        if not summary.model:
            yield "summary.model: is missing; write which of the endpoint's models"


def written(settings: ProfileSettings) -> Iterator[tuple[str, str]]:
    """The files into which a profile is written: the key that says so, and the path."""
    for kind, path in settings.outputs.model_dump().items():
        if path:
            yield f"outputs.{kind}", path
    library, shelf = settings.library, settings.shelf
    if library.kind == _FILE and shelf.via == _FILE:
        # In a folder the shelf is a file of its own.
        is_file = PurePath(library.place).suffix.lower() in _BIBTEX
        own = library.place if is_file else f"{library.place}/{shelf.collection}.bib"
        yield "shelf.via", own


_BIBTEX = frozenset({".bib", ".bibtex"})
