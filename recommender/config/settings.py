"""What the config file can say: frozen sections, each key with its default."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


def _line(text: str) -> str:
    if not text.strip():
        raise ValueError("needs at least one character")
    if any(not c.isprintable() for c in text):
        raise ValueError("has to be one line")
    return text


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("has to begin with http:// or https://")
    return text.rstrip("/")


def _place_of_key(text: str) -> str:
    scheme, _, rest = text.partition(":")
    if text and (scheme not in {"env", "file", "keyring"} or not rest.strip()):
        # Whoever wrote the key itself here should not find it in a log as well.
        raise ValueError("has to say where the key is: env:NAME, file:PATH or keyring:SERVICE/NAME")
    return text


_Line = Annotated[str, AfterValidator(_line)]
_Address = Annotated[str, AfterValidator(_address)]
# TOML's arrays are lists, and what is frozen holds tuples.
_Lines = Annotated[tuple[_Line, ...], Field(strict=False)]


class Library(_Section):
    """What is read: section ``[library]``.

    Attributes:
        kind: The name of an account, such as ``zotero``, or of a reference manager that is a file.
        key: Where the key is, never the key.
    """

    kind: _Line = "zotero"
    place: _Line = "auto"
    libraries: Annotated[tuple[_Line, ...], Field(strict=False, min_length=1)] = ("user",)
    key: Annotated[str, AfterValidator(_place_of_key)] = ""
    include: _Lines = ()
    exclude: _Lines = ()
    include_tags: _Lines = ()
    exclude_tags: _Lines = ()
    web_address: _Address = "https://api.zotero.org"
    local_address: _Address = "http://127.0.0.1:23119"


class Shelf(_Section):
    """Where suggestions are put: section ``[shelf]``."""

    collection: _Line = "Shelfwise"
    tag: _Line = "shelfwise"
    per_interest: bool = False
    via: Literal["auto", "web", "local", "none"] = "auto"
    more: _Line = "more like this"
    less: _Line = "not for me"


class Feedback(_Section):
    """How long a suggestion waits, and what silence means: section ``[feedback]``."""

    expires_after_days: Annotated[int, Field(ge=1, le=3650)] = 30
    expired_weight: Annotated[float, Field(ge=0, le=1)] = 0.1


class Source(_Section):
    """Where papers are listed: one section ``[[source]]`` for each place."""

    kind: _Line = "file"
    place: _Line


class Outputs(_Section):
    """Files that are written beside the shelf: section ``[outputs]``; empty for none."""

    html: str = ""
    atom: str = ""
    bib: str = ""


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


class Store(_Section):
    """Where everything is kept between runs: section ``[store]``; empty for the usual place."""

    path: str = ""


class ProfileSettings(_Section):
    """One reader's settings."""

    library: Library = Library()
    shelf: Shelf = Shelf()
    feedback: Feedback = Feedback()
    source: Annotated[tuple[Source, ...], Field(strict=False)] = ()
    outputs: Outputs = Outputs()
    selection: Selection = Selection()
    model: Model = Model()


class Settings(ProfileSettings):
    """Everything that the config file can say."""

    store: Store = Store()
