"""What single settings can be: texts of one line, addresses, places of keys, times, zones."""

import re
from datetime import UTC
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from recommender.guidance import seed_id
from recommender.identifiers import Scheme


def _some_text(text: str) -> str:
    if not text.strip():
        raise ValueError("needs at least one character")
    return text


def _line(text: str) -> str:
    _some_text(text)
    if any(not c.isprintable() for c in text):
        raise ValueError("has to be one line")
    return text


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("has to begin with http:// or https://")
    return text.rstrip("/")


def _heartbeat(text: str) -> str:
    if text and not re.fullmatch(r"https?://[!-~]+", text):
        raise ValueError("has to be an address that begins with http:// or https://, or empty")
    return text


def _mail(text: str) -> str:
    if text and not re.fullmatch(r"[!-~]+@[!-~]+", text):
        raise ValueError("has to be an address of mail, or empty")
    return text


def _place_of_key(text: str) -> str:
    scheme, _, rest = text.partition(":")
    if text and (scheme not in {"env", "file", "keyring"} or not rest.strip()):
        # Whoever wrote the key itself here should not find it in a log as well.
        raise ValueError("has to say where the key is: env:NAME, file:PATH or keyring:SERVICE/NAME")
    return text


def _seed(text: str) -> str:
    if seed_id(text) is None:
        # Taken for a file, such a name would only be told to be none.
        scheme = text.partition(":")[0].strip().lower()
        if scheme in set(Scheme):
            raise ValueError(f"has to be a {scheme} id behind {scheme}:, or a file")
        if scheme in {"http", "https"}:
            raise ValueError("is an address without an id in it: give the paper's DOI, or a file")
    return text


def _factor(number: float) -> float:
    if not 0 < number <= _MOST_BOOSTED:
        raise ValueError(f"has to be above 0 and at most {_MOST_BOOSTED}; for 0 there is mute")
    return number


def _time(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("has to be a time from 00:00 to 23:59, such as 07:30")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text or "UTC")
    # A name that nobody knows, one that cannot be any, and that of a folder full of zones.
    except (LookupError, ValueError, OSError):
        raise ValueError("has to be a time zone such as Europe/Berlin, or empty") from None
    return text


def _cron(text: str) -> str:
    if text:
        # It brings a library that few configs need.
        from recommender.schedule import cron

        cron(text, UTC)
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("has to be a name of letters, digits, - and _")
    return text


_MOST_BOOSTED = 10

Text = Annotated[str, AfterValidator(_some_text)]
Line = Annotated[str, AfterValidator(_line)]
# TOML's arrays are lists, and what is frozen holds tuples.
Lines = Annotated[tuple[Line, ...], Field(strict=False)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Address = Annotated[str, AfterValidator(_address)]
Heartbeat = Annotated[str, AfterValidator(_heartbeat)]
Mail = Annotated[str, AfterValidator(_mail)]
KeyPlace = Annotated[str, AfterValidator(_place_of_key)]
Seeds = Annotated[tuple[Annotated[Line, AfterValidator(_seed)], ...], Field(strict=False)]
Factor = Annotated[float, AfterValidator(_factor)]
Time = Annotated[str, AfterValidator(_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
Name = Annotated[str, AfterValidator(_name)]
