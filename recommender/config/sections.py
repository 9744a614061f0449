"""The sections that each profile can have, each key with its default."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from recommender.config.values import (
    Address,
    Cron,
    Factor,
    Heartbeat,
    KeyPlace,
    Line,
    Lines,
    Mail,
    Seeds,
    Texts,
    Time,
    Zone,
)


class Section(BaseModel):
    """What is frozen, and holds nothing but what it names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_KIND = re.compile(r"[a-z][a-z0-9_-]+")


class Library(Section):
    """What is read: section ``[library]``.

    Attributes:
        kind: The name of an account, such as ``zotero``, or of a reference manager that is a file.
        key: Where the key is, never the key.
    """

    kind: Line = "zotero"
    place: Line = "auto"
    libraries: Annotated[tuple[Line, ...], Field(strict=False, min_length=1)] = ("user",)
    key: KeyPlace = ""
    include: Lines = ()
    exclude: Lines = ()
    include_tags: Lines = ()
    exclude_tags: Lines = ()
    web_address: Address = "https://api.zotero.org"
    local_address: Address = "http://127.0.0.1:23119"


class Interests(Section):
    """What is asked for, beside what the library shows: section ``[interests]``.

    An interest is named by a pattern, as ``guidance.Guidance`` says.

    Attributes:
        goals: What is wanted, in words.
        seeds: Papers that stand for what is wanted: ids in any spelling, and library files.
        boost: A pattern, and how much such interests count: 1 as ever, 2 twice, 0.5 half.
        mute: Interests whose papers do not pull.
        exclude: Interests for which nothing is suggested.
    """

    goals: Texts = ()
    seeds: Seeds = ()
    boost: Mapping[Line, Factor] = Field(default_factory=dict)
    mute: Lines = ()
    exclude: Lines = ()


class Follow(Section):
    """Whom and what the reader follows, whatever the model thinks of it: section ``[follow]``.

    Attributes:
        limit: How many papers are suggested for being followed alone, in one run.
    """

    authors: Lines = ()
    venues: Lines = ()
    institutions: Lines = ()
    keywords: Lines = ()
    exclude_authors: Lines = ()
    exclude_venues: Lines = ()
    exclude_institutions: Lines = ()
    exclude_keywords: Lines = ()
    limit: Annotated[int, Field(ge=0, le=100)] = 5


class Shelf(Section):
    """Where suggestions are put: section ``[shelf]``."""

    collection: Line = "Shelfwise"
    tag: Line = "shelfwise"
    per_interest: bool = False
    via: Literal["auto", "web", "local", "file", "none"] = "auto"
    more: Line = "more like this"
    less: Line = "not for me"


class Feedback(Section):
    """How long a suggestion waits, and what silence means: section ``[feedback]``."""

    expires_after_days: Annotated[int, Field(ge=1, le=3650)] = 30
    expired_weight: Annotated[float, Field(ge=0, le=1)] = 0.1


class Source(Section):
    """Where papers are listed: one section ``[[source]]`` for each place.

    Attributes:
        kind: The name of a source that is installed; empty where the place says it.
        place: What of it is wanted, in the source's own words; empty for the usual.
        key: Where the key is, never the key.
    """

    kind: str = ""
    place: str = ""
    key: KeyPlace = ""

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


class Catalogue(Section):
    """What is asked for what listings left out: one section ``[[catalogue]]`` for each.

    Attributes:
        kind: The name of a catalogue that is installed.
        key: Where the key is, never the key.
    """

    kind: Line
    key: KeyPlace = ""


class Web(Section):
    """How services are asked: section ``[web]``.

    Attributes:
        contact: Under which address of mail a service reaches whoever asks; empty for none.
        asks_about_library: Whether catalogues may be asked what the reader's own papers cite.
    """

    contact: Mail = ""
    asks_about_library: bool = False


class Outputs(Section):
    """Files that are written beside the shelf: section ``[outputs]``; empty for none."""

    html: str = ""
    atom: str = ""
    jsonfeed: str = ""
    bib: str = ""


class Digest(Section):
    """When what is suggested is sent as well: section ``[digest]``.

    Attributes:
        on: The day from which on, where it is every week.
        quiet: Whether it is sent where nothing is suggested.
    """

    every: Literal["run", "week"] = "run"
    on: Day = "mon"
    quiet: bool = True


class MailTo(Section):
    """To whom it is sent by mail, and through which server: section ``[mail]``.

    Attributes:
        to: Each gets a mail of its own; without any, there is none.
        sender: From whom; empty for ``user``, or else the first recipient.
        provider: The name of a provider whose settings are known, in place of host and security.
        port: 0 for the usual one.
        security: ``tls`` from the beginning, or ``starttls``; there is no third.
        key: Where the password is, never the password.
    """

    to: Annotated[tuple[Mail, ...], Field(strict=False)] = ()
    sender: Mail = ""
    provider: str = ""
    host: str = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    security: Literal["tls", "starttls"] = "tls"
    user: str = ""
    key: KeyPlace = ""


class Chat(Section):
    """To which chats it is sent: section ``[chat]``.

    Attributes:
        to: Where the addresses are that the package apprise understands; they hold secrets.
    """

    to: Annotated[tuple[KeyPlace, ...], Field(strict=False)] = ()


class Page(Section):
    """The page that ``shelfwise page`` shows: section ``[page]``.

    Attributes:
        port: On this computer.
        address: Under which the page can be reached from elsewhere; empty where it cannot.
    """

    port: Annotated[int, Field(ge=1, le=65535)] = 8765
    address: Heartbeat = ""


class Summary(Section):
    """What writes a sentence on each suggestion: section ``[summary]``; without a kind, nothing.

    Attributes:
        kind: ``endpoint``, or another that is installed.
        place: The address.
        model: Which of the models there.
        key: Where its key is, never the key.
        language: In which it writes; empty for the paper's own.
    """

    kind: str = ""
    place: str = ""
    model: str = ""
    key: KeyPlace = ""
    language: str = ""


class Selection(Section):
    """How suggestions are chosen: section ``[selection]``."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 10
    threshold: Annotated[float | None, Field(ge=0, le=1)] = None
    explore: bool = True
    too_similar: Annotated[float, Field(gt=0, le=1)] = 0.95
    # The model tells no more interests apart than this.
    main_interests: Annotated[int, Field(ge=1, le=8)] = 8
    patience: Annotated[float, Field(gt=0, le=1)] = 0.6


class Encoder(Section):
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
    key: KeyPlace = ""


class Model(Section):
    """How the model is fitted: section ``[model]``."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    encoder: Encoder = Encoder()


class Schedule(Section):
    """When the daemon runs: section ``[schedule]``.

    Attributes:
        at: By the clock of the zone.
        on: The day, where it is every week.
        cron: Five fields, in place of the three before; empty for those.
        ingest: Five fields; when the sources alone are read, between whole runs; empty for never.
        sync: When the library alone is read, likewise.
        zone: Of the time zone database; empty for the system's.
        jitter_minutes: How much later a run begins, at the most and at random.
        time_limit_minutes: After which a run is ended.
    """

    every: Literal["day", "weekday", "week"] = "day"
    at: Time = "07:30"
    on: Day = "mon"
    cron: Cron = ""
    ingest: Cron = ""
    sync: Cron = ""
    zone: Zone = ""
    jitter_minutes: Annotated[int, Field(ge=0, le=720)] = 5
    time_limit_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
