"""Secrets: keys and passwords, and the places outside the config file where they are kept.

A place is written as ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/NAME``. No error here tells
what a secret is, nor repeats a place that is none: it may be the secret itself.
"""

import os
import re
import stat
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, TypeVar, cast

from recommender.errors import ConfigError
from recommender.private_files import replace_privately

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 4096  # bytes in a file; what is longer is no key
_Result = TypeVar("_Result")


class Secret:
    """A key or password that no log line, message or traceback shows.

    Equal to another one that is the same; false when it is empty.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text: Final = text

    def reveal(self) -> str:
        """The secret itself, for whoever has to send it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return "Secret(…)"


def secret(place: str) -> Secret:
    """The secret that is kept at a place, without the white space around it.

    Args:
        place: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/NAME``.

    Raises:
        ConfigError: If there is none, it cannot be read, or others may read it too.
    """
    scheme, rest = _parts(place)
    if scheme == "env":
        text = _from_environment(rest)
    elif scheme == "file":
        text = _from_file(Path(rest).expanduser(), place)
    else:
        text = _from_keyring(place, *_entry(rest))
    return Secret(_checked(text, place))


def keep(place: str, value: Secret) -> None:
    """Keep a secret at a place, instead of what was kept there.

    A file is made for its owner's eyes alone, and is there as a whole or not at all.

    Args:
        place: ``file:PATH`` or ``keyring:SERVICE/NAME``.
        value: One line.

    Raises:
        ConfigError: If nothing can be kept there, or something else is.
    """
    scheme, rest = _parts(place)
    text = _checked(value.reveal(), place)
    if scheme == "env":
        raise ConfigError(
            f"{place}: a variable lasts no longer than the shell; set {rest} in the shell's own"
            " configuration, or keep the key at file:PATH or keyring:SERVICE/NAME"
        )
    if scheme == "file":
        _into_file(Path(rest).expanduser(), place, text)
    else:
        _into_keyring(place, *_entry(rest), text)


def _parts(place: str) -> tuple[str, str]:
    scheme, _, rest = place.partition(":")
    rest = rest.strip()
    good = {
        "env": bool(_VARIABLE.fullmatch(rest)),
        "file": bool(rest) and rest.isprintable(),
        "keyring": all(part.strip() for part in _entry(rest)) and rest.isprintable(),
    }
    if not good.get(scheme):
        raise ConfigError(
            "where a key is kept has to be written env:NAME, file:PATH or keyring:SERVICE/NAME"
        )
    return scheme, rest


def _checked(text: str, place: str) -> str:
    text = text.strip()
    if not text:
        raise ConfigError(f"{place}: there is nothing in it; put the key there")
    # In a request's header, what is no line of text would be told by the error that it causes.
    if not text.isprintable():
        raise ConfigError(f"{place}: that is no key, which is one line of text; put the key there")
    return text


def _from_environment(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ConfigError(
            f"env:{name}: there is no such variable; set {name} to the key before the start"
        ) from None


def _from_file(path: Path, place: str) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(_LONGEST + 1)
    except FileNotFoundError:
        raise ConfigError(f"{place}: there is no such file; put the key there") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(f"{place}: cannot be read: {why}; check the path") from error
    if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
        raise ConfigError(f'{place}: others may read the key; run: chmod 600 "{path}"')
    return _line(content, place)


def _line(content: bytes, place: str) -> str:
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        # Its text would tell the bytes.
        text = "\0"
    if len(content) > _LONGEST or not text.isprintable():
        raise ConfigError(
            f"{place}: the file is no key, which is one line of text; name another file"
        )
    return text


def _into_file(path: Path, place: str, text: str) -> None:
    try:
        # A link to where the keys are stays one.
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            with path.open("rb") as file:
                # Whatever is no key was not put there by us.
                _line(file.read(_LONGEST + 1), place)
        replace_privately(path, f"{text}\n".encode())
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"{place}: cannot be written: {why}; name another place") from error


class _Keyring(Protocol):
    """What we use of the package keyring, which need not be installed."""

    def get_password(self, service_name: str, username: str) -> str | None: ...

    def set_password(self, service_name: str, username: str, password: str) -> None: ...


def _entry(rest: str) -> tuple[str, str]:
    service, _, name = rest.partition("/")
    return service, name


def _from_keyring(place: str, service: str, name: str) -> str:
    found = _asked(place, lambda keyring: keyring.get_password(service, name))
    if found is None:
        raise ConfigError(
            f"{place}: the system's keyring has no such entry;"
            f' put the key there (keyring set "{service}" "{name}")'
        )
    return found


def _into_keyring(place: str, service: str, name: str, text: str) -> None:
    _asked(place, lambda keyring: keyring.set_password(service, name, text))


def _asked(place: str, question: Callable[[_Keyring], _Result]) -> _Result:
    otherwise = "or keep the key at file:PATH or env:NAME"
    try:
        keyring = cast("_Keyring", import_module("keyring"))
        errors = import_module("keyring.errors")
    except ImportError:
        raise ConfigError(
            f"{place}: the package keyring is not installed; install it (pip install keyring),"
            f" {otherwise}"
        ) from None
    # Some backends put what they were asked into their errors' texts, so none is repeated.
    try:
        return question(keyring)
    except errors.NoKeyringError:
        raise ConfigError(
            f"{place}: this system has no keyring that works; set one up, {otherwise}"
        ) from None
    except errors.KeyringError as error:
        raise ConfigError(
            f"{place}: the system's keyring refused ({type(error).__name__}); unlock it and try"
            f" again, {otherwise}"
        ) from None
