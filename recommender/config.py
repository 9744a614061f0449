"""The config file: TOML in, frozen and validated settings out, with every problem at once."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recommender.errors import ConfigError
from recommender.selection import Wishes


class _Section(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)


class Selection(_Section):
    """How suggestions are chosen: section ``[selection]``."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 10
    threshold: Annotated[float | None, Field(ge=0, le=1)] = None
    explore: bool = True
    too_similar: Annotated[float, Field(gt=0, le=1)] = 0.95
    # The model tells no more interests apart than this.
    main_interests: Annotated[int, Field(ge=1, le=8)] = 8
    patience: Annotated[float, Field(gt=0, le=1)] = 0.6


class Model(_Section):
    """How the model is fitted: section ``[model]``."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class Settings(_Section):
    """Everything that the config file can say."""

    selection: Selection = Selection()
    model: Model = Model()


def read(path: Path | None) -> Settings:
    """The settings of a config file, or the defaults where there is none.

    Raises:
        ConfigError: If the file cannot be read, is no TOML, or holds anything that is not a
            setting; it carries every problem with its key.
    """
    if path is None:
        return Settings()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path}: cannot be read: {why}; check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or brackets in brackets in brackets.
        raise ConfigError(f"{path}: is no config file; start from config.example.toml") from error
    try:
        return Settings.model_validate(found)
    except ValidationError as error:
        raise ConfigError([f"{path}: {problem}" for problem in _problems(error)]) from error


def wishes(settings: Settings, *, limit: int | None, threshold: float | None) -> Wishes:
    """How to choose: what the command line says, and otherwise what the settings say."""
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


def keys(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Every key that the config file can hold, as ``section.key``."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        key = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, [*keys(), *_sections()], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{key}: there is no such setting{hint}"
        else:
            yield f"{key}: {_said(problem)}"


def _sections() -> Iterator[str]:
    yield from Settings.model_fields


def _said(problem: Any) -> str:
    message = str(problem["msg"])
    found = repr(problem["input"])
    shown = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
    return f"{message[:1].lower()}{message[1:]}, but it is {shown}"


_SHOWN = 60  # characters of what somebody wrote in the wrong place
