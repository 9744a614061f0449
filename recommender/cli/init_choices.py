"""What ``shelfwise init`` lets the reader choose from: libraries, collections, and the shelf."""

from collections.abc import Sequence

from recommender.cli import asking
from recommender.cli.init_given import Given, updated
from recommender.config import Settings
from recommender.errors import ConfigError
from recommender.ports import Choice


def chosen(named: Sequence[str], offered: Sequence[Choice], *, asks: bool) -> Sequence[Choice]:
    """The libraries that are to be read; the shelf is in the first.

    Args:
        named: By the command line; none where the reader is to choose.
        offered: All that can be reached.
        asks: Whether a person can be asked.

    Raises:
        ConfigError: If one that is named cannot be reached, or none at all.
    """
    by_place = {choice.place: choice for choice in offered}
    if unknown := [place for place in named if place not in by_place]:
        known = ", ".join(f"{one.place} ({one.called})" for one in offered) or "none"
        raise ConfigError(f"--library {unknown[0]}: cannot be reached; there is: {known}")
    if not offered:
        raise ConfigError("no library can be reached with this key; allow it to read one")
    if named:
        return [by_place[place] for place in named]
    if asks and len(offered) > 1:
        print("Libraries; the first one that you name gets the shelf:")
        numbers = asking.several("Which?", [_described(choice) for choice in offered])
        return [offered[n] for n in numbers] or offered[:1]
    return offered[:1]


def first_settings(
    settings: Settings, libraries: Sequence[Choice], given: Given, *, asks: bool
) -> Settings:
    """The settings with the libraries, the collections that count, and the shelf."""
    include = list(settings.library.include)
    paths = sorted({path for one in libraries for path in one.collections}, key=str.casefold)
    if asks and not include and paths:
        print("Collections, each with what is inside it:")
        numbers = asking.several("Learn from which only? Nothing for all", paths)
        # As they are: what is a sign in a pattern stands for itself, too.
        include = [paths[n] for n in numbers]
    places = [one.place for one in libraries]
    settings = updated(settings, "library", libraries=places, include=include)
    if not libraries[0].writable:
        print("This library can only be read, so there is no shelf in it; set [outputs] to get")
        print("the suggestions as a page, a feed or BibTeX.")
        return updated(settings, "shelf", via="none")
    name = settings.shelf.collection
    if asks and not given.collection:
        name = asking.line("The collection that suggestions are put into", name)
    return updated(settings, "shelf", collection=name)


def renewed_settings(
    settings: Settings, offered: Sequence[Choice], *, has_new_key: bool, asks: bool
) -> Settings:
    """The settings of before, perhaps with a shelf, where there can be one by now."""
    first = settings.library.libraries[0]
    writable = any(one.writable for one in offered if one.place == first)
    if settings.shelf.via != "none" or not writable:
        return settings
    if asks:
        question = "Nothing is put into Zotero so far. Are suggestions to be put there?"
        if asking.yes(question, otherwise=has_new_key):
            return with_shelf(settings)
        return settings
    print('Nothing is put into Zotero, since shelf.via is "none"; set it to "auto" to change that.')
    return settings


def with_shelf(settings: Settings) -> Settings:
    """The settings with a shelf, where they want none: so it is seen whether there could be one."""
    return updated(settings, "shelf", via="auto") if settings.shelf.via == "none" else settings


def _described(choice: Choice) -> str:
    return f"{choice.called}{'' if choice.writable else ' (can only be read)'}"
