"""Names in BibTeX's ``author`` and ``editor`` fields to authors. Pure."""

import re
from collections.abc import Iterable, Iterator

from integrations.files.latex import plain_text
from recommender.papers import Author


def authors(field: str) -> tuple[Author, ...]:
    """Whom a field names, in its order; ``others`` and empty names are left out.

    Names are joined by ``and``; each is ``First von Last``, ``von Last, First``,
    ``von Last, Jr, First``, a group in braces, or BibLaTeX's ``family=…, given=…``.
    """
    return tuple(a for name in _names(field) if (a := _author(name)) and not _is_rest(a))


def split(text: str, separator: re.Pattern[str]) -> list[str]:
    """The parts of a text between separators that are in no braces."""
    if "{" not in text and "}" not in text:
        return separator.split(text)
    parts, start, depth = [], 0, 0
    for match in re.finditer(rf"\\.|[{{}}]|{separator.pattern}", text, separator.flags):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(0, depth - 1)
        elif depth == 0 and match[0][0] != "\\":
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _names(field: str) -> Iterator[str]:
    field = _unwrapped(" ".join(field.split()))
    for name in split(field, _AND):
        if ";" in name and len(parts := split(name, _SEMICOLON)) > 1 and "\\;" not in name:
            yield from parts
        else:
            yield from _listed(_AND_OTHERS.sub("", name.strip()))


def _unwrapped(field: str) -> str:
    """The field without braces round all of it, where they hold more than one name."""
    field = field.strip()
    inner = field[1:-1]
    if field[:1] == "{" and field[-1:] == "}" and _AND.search(inner) and _is_closed(inner):
        return inner
    return field


def _is_closed(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _listed(name: str) -> Iterable[str]:
    """The names in one that holds a whole list with commas, as some publishers give it."""
    parts = [part.strip() for part in split(name, _COMMA)]
    if len(parts) < _TOO_MANY or "=" in name:
        return [name]
    if all(_SPACE.search(part) for part in parts):
        return parts
    if len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    return [name]


def _author(name: str) -> Author | None:
    if "=" in name and (named := dict(_NAMED_PART.findall(name))):
        family = f"{named.get('prefix', '')} {named.get('family', '')}"
        return _of_parts(family, f"{named.get('given', '')} {named.get('suffix', '')}")
    match split(name, _COMMA):
        case [family, *rest] if rest:
            # "von Last, Jr, First" as BibTeX wants it, or "Last, First, Jr." as people write it.
            return _of_parts(family, " ".join(sorted(rest, key=_is_suffix)))
    words = [word for word in split(name.replace("~", " ").strip(), _SPACE) if word]
    if words and _SPACE.search(words[-1]):
        # Braces say that these words are one: a group, or a family name of several words.
        whole = plain_text(words[-1])
        if len(words) == 1 and _PERSON_AS_GROUP.fullmatch(whole):
            return Author.of(whole)
        return _of_parts(words[-1], " ".join(words[:-1]))
    plain = plain_text(name)
    return Author.of(plain) if plain else None


def _is_suffix(part: str) -> bool:
    return bool(_SUFFIX.fullmatch(part.strip()))


def _of_parts(family: str, given: str) -> Author | None:
    family, given = plain_text(family), plain_text(given)
    if not family:
        family, given = given, ""
    return Author(family, given) if family else None


def _is_rest(author: Author) -> bool:
    return str(author).lower() in {"others", "et al", "et al.", "and"}


# As many commas as no name of one person has.
_TOO_MANY = 4
_AND = re.compile(r"\s+and\s+|^and\s+|\s+and$|\s+&\s+", re.I)
_COMMA = re.compile(r"\s*,\s*")
_SEMICOLON = re.compile(r"\s*;\s*")
_SPACE = re.compile(r"\s+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s~-]*){1,4}")
_AND_OTHERS = re.compile(r"[\s,]+et\.? al\.?$|,+$", re.I)
_SUFFIX = re.compile(r"(?:jr|sr|junior|senior|ph\.?d|m\.?d|i{1,3}|iv)\.?", re.I)
# A program that exports a name typed into one field puts braces round a person's, too.
_PERSON_AS_GROUP = re.compile(
    r"[^\W\d_][\w'’-]*(?: [\w'’-]+)?, (?!(?i:inc|ltd|llc|corp|gmbh)\b)[A-ZÀ-Ý][\w.'’-]*"
    r"(?: [A-ZÀ-Ý][\w.'’-]*)?"
)
_NAMED_PART = re.compile(r"(?<![a-z])(family|given|prefix|suffix)\s*=\s*\"?\{?([^,{}\"]*)")
