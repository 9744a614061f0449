"""Who wrote a listed paper and where they work, however the listing spells it. Pure."""

import re
from collections.abc import Iterable, Mapping

from integrations.files.latex import plain_text
from integrations.files.records import storable
from recommender.papers import Author, authors_of


def authors(names: Iterable[str]) -> tuple[Author, ...]:
    """The authors of these names, one a name; groups keep their name whole.

    An e-mail address is no author, and neither is the colon that some put behind a group.
    """
    found: list[Author] = []
    for name in names:
        text = _AFFILIATION.sub("", _plain(name)).strip(" ,;")
        if "@" in text or not any(map(str.isalpha, text)):
            continue
        found += [Author(text)] if _GROUP.search(text) else map(_suffixed, authors_of([text]))
    return tuple(found)


def listed_in_order(text: str) -> tuple[Author, ...]:
    """The authors in one text that gives them as ``Ann Roe, Bo Li and Eva Mann``."""
    text = re.sub(r"\s*,?\s+(?:and|&)\s+", ", ", _AFFILIATION.sub("", _plain(text)))
    names: list[str] = []
    for name in text.split(","):
        if _SUFFIX.fullmatch(name.strip()) and names:
            names[-1] += f" {name.strip()}"
        else:
            names.append(name)
    return authors(names)


def authors_in(text: str) -> tuple[Author, ...]:
    """The authors in one text, in any of the usual ways to put several into one.

    ``A B; C D``, ``A B and C D``, ``A B, C D, E F``, ``B, A and D, C``, ``B, A., D, C.``
    """
    text = _AFFILIATION.sub("", _plain(text))
    if ";" in text:
        return authors(text.split(";"))
    parts = re.split(r",?\s+(?:and|&)\s+", text)
    pieces = [[piece.strip() for piece in part.split(",") if piece.strip()] for part in parts]
    if all(len(part) == 2 and not _whole(part) for part in pieces):
        return authors(f"{family}, {given}" for family, given in pieces)
    flat = [piece for part in pieces for piece in part]
    if len(flat) > 1 and len(flat) % 2 == 0 and all(map(_INITIALS.fullmatch, flat[1::2])):
        return authors(f"{a}, {b}" for a, b in zip(flat[::2], flat[1::2], strict=True))
    return listed_in_order(", ".join(flat))


def authors_from(value: object) -> tuple[Author, ...]:
    """The authors that a JSON value gives: a text, or a list of names or of objects."""
    if isinstance(value, str):
        return authors_in(value)
    if not isinstance(value, list):
        return ()
    found: list[Author] = []
    for person in value:
        if isinstance(person, str):
            found += authors([person])
        elif isinstance(person, Mapping):
            found += _person(person)
        elif isinstance(person, list) and len(person) > 1:
            # arXiv's own data gives [family, given, suffix].
            found += _named(str(person[0] or ""), str(person[1] or ""))
    return tuple(found)


def institutions(affiliations: Iterable[str]) -> tuple[str, ...]:
    """Where a paper's authors work, each place once and without anybody's address of mail."""
    told = ((_MAIL.sub("", one) if "@" in one else one).strip(" ;,.") for one in affiliations)
    return tuple(dict.fromkeys(place for place in told if place))


def _plain(name: str) -> str:
    return plain_text(storable(name))


def _suffixed(author: Author) -> Author:
    # "John Roe Jr." is of the family Roe.
    if not _SUFFIX.fullmatch(author.family) or not author.given:
        return author
    own = Author.of(author.given.rstrip(","))
    return Author(own.family, f"{own.given} {author.family}".strip())


def _person(person: Mapping[str, object]) -> tuple[Author, ...]:
    family = _text(person, "family", "last", "lastName", "last_name")
    given = _text(person, "given", "first", "firstName", "first_name")
    if family:
        return _named(family, given)
    return authors([_text(person, "name", "fullname", "full_name", "display_name", "literal")])


def _named(family: str, given: str) -> tuple[Author, ...]:
    family = _plain(family)
    return (Author(family, _plain(given)),) if family else ()


def _text(person: Mapping[str, object], *keys: str) -> str:
    return next((v for key in keys if isinstance(v := person.get(key), str) and v.strip()), "")


def _whole(pair: list[str]) -> bool:
    """Whether two pieces are two people rather than one's family and given name."""
    return all(" " in piece for piece in pair) and not _INITIALS.fullmatch(pair[1])


_GROUP = re.compile(
    r"\b(?:collaboration|consortium|(?:working |study )?group|team|network|initiative|committee"
    r"|investigators)$",
    re.I,
)
_SUFFIX = re.compile(r"(?:jr|sr)\.?|ii|iii|iv", re.I)
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[ -]?){1,4}")
_AFFILIATION = re.compile(r"\s*\((?:[^()]|\([^()]*\)){0,500}\)")
_MAIL = re.compile(r"(?:Electronic address:|E-?mail:)?\s?[^\s@;,]{1,100}@[^\s@;,]{1,200}", re.I)
