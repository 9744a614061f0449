"""What the config file can say: frozen sections, each key with its default."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from recommender.guidance import seed_id
from recommender.identifiers import Scheme


class _Section(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


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


_MOST_BOOSTED = 10
_KIND = re.compile(r"[a-z][a-z0-9_-]+")
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


class Interests(_Section):
    """What is asked for, beside what the library shows: section ``[interests]``.

    An interest is named by a pattern, as ``guidance.Guidance`` says.

    Attributes:
        goals: What is wanted, in words.
        seeds: Papers that stand for what is wanted: ids in any spelling, and library files.
        boost: A pattern, and how much such interests count: 1 as ever, 2 twice, 0.5 half.
        mute: Interests whose papers do not pull.
        exclude: Interests for which nothing is suggested.
    """

    goals: Annotated[
        tuple[Annotated[str, AfterValidator(_some_text)], ...], Field(strict=False)
    ] = ()
    seeds: Annotated[tuple[Annotated[_Line, AfterValidator(_seed)], ...], Field(strict=False)] = ()
    boost: Mapping[_Line, Annotated[float, AfterValidator(_factor)]] = Field(default_factory=dict)
    mute: _Lines = ()
    exclude: _Lines = ()


class Follow(_Section):
    """Whom and what the reader follows, whatever the model thinks of it: section ``[follow]``.

    Attributes:
        limit: How many papers are suggested for being followed alone, in one run.
    """

    authors: _Lines = ()
    venues: _Lines = ()
    institutions: _Lines = ()
    keywords: _Lines = ()
    exclude_authors: _Lines = ()
    exclude_venues: _Lines = ()
    exclude_institutions: _Lines = ()
    exclude_keywords: _Lines = ()
    limit: Annotated[int, Field(ge=0, le=100)] = 5


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
    """Where papers are listed: one section ``[[source]]`` for each place.

    Attributes:
        kind: The name of a source that is installed; empty where the place says it.
        place: What of it is wanted, in the source's own words; empty for the usual.
        key: Where the key is, never the key.
    """

    kind: str = ""
    place: str = ""
    key: Annotated[str, AfterValidator(_place_of_key)] = ""

    @property
    def named(self) -> tuple[str, str]:
        """The kind and the place that are meant.

        Where no kind is named, the place says it: ``arxiv:cs.CL``, an address, or else a file.
        """
        if self.kind:
            return self.kind, self.place
        if re.match(r"https?://", self.place, re.I):
            return "url", self.place
        # One letter is a drive.
        kind, colon, rest = self.place.partition(":")
        return (kind, rest) if colon and _KIND.fullmatch(kind) else ("file", self.place)


class Catalogue(_Section):
    """What is asked for what listings left out: one section ``[[catalogue]]`` for each.

    Attributes:
        kind: The name of a catalogue that is installed.
        key: Where the key is, never the key.
    """

    kind: _Line
    key: Annotated[str, AfterValidator(_place_of_key)] = ""


class Web(_Section):
    """How services are asked: section ``[web]``.

    Attributes:
        contact: Under which address of mail a service reaches whoever asks; empty for none.
    """

    contact: Annotated[str, AfterValidator(_mail)] = ""


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


class Encoder(_Section):
    """What else turns texts into vectors: section ``[model.encoder]``; without a kind, nothing.

    Attributes:
        kind: ``onnx``, ``endpoint``, or another that is installed.
        place: The folder of the one, the address of the other.
        model: Which of the endpoint's models.
        key: Where the endpoint's key is, never the key.
    """

    kind: str = ""
    place: str = ""
    model: str = ""
    key: Annotated[str, AfterValidator(_place_of_key)] = ""


class Model(_Section):
    """How the model is fitted: section ``[model]``."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    encoder: Encoder = Encoder()


class Store(_Section):
    """Where everything is kept between runs: section ``[store]``; empty for the usual place."""

    path: str = ""


class ProfileSettings(_Section):
    """One reader's settings."""

    library: Library = Library()
    interests: Interests = Interests()
    follow: Follow = Follow()
    shelf: Shelf = Shelf()
    feedback: Feedback = Feedback()
    source: Annotated[tuple[Source, ...], Field(strict=False)] = ()
    catalogue: Annotated[tuple[Catalogue, ...], Field(strict=False)] = ()
    web: Web = Web()
    outputs: Outputs = Outputs()
    selection: Selection = Selection()
    model: Model = Model()


class Settings(ProfileSettings):
    """Everything that the config file can say."""

    store: Store = Store()
