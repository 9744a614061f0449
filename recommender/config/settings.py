"""What the config file can say: of each profile, and once for all of them."""

from typing import Annotated, Literal

from pydantic import Field

from recommender.config.sections import (
    Catalogue,
    Chat,
    Digest,
    Feedback,
    Follow,
    Interests,
    Library,
    MailTo,
    Model,
    Outputs,
    Page,
    Schedule,
    Section,
    Selection,
    Shelf,
    Source,
    Summary,
    Web,
)
from recommender.config.values import Heartbeat, Name

DEFAULT = "default"
"""The name of the only profile where the file names none. It is in the name of each suggestion, so
it is the same everywhere: two computers that write to one account recognise each other's."""


class Store(Section):
    """Where everything is kept between runs: section ``[store]``; empty for the usual place."""

    path: str = ""


class Daemon(Section):
    """How the daemon tells of itself: section ``[daemon]``.

    Attributes:
        heartbeat: An address that is asked after each run in which nothing failed; empty for none.
        health_port: Where this computer alone can ask how it is; 0 for nowhere.
        alarm_after_failures: After so many failed runs in a row the reader is told; 0 for never.
        alarm_after_stale_days: After so many days without news of a source, too; 0 for never.
    """

    heartbeat: Heartbeat = ""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    alarm_after_failures: Annotated[int, Field(ge=0, le=1000)] = 3
    alarm_after_stale_days: Annotated[int, Field(ge=0, le=3650)] = 5


class Log(Section):
    """What the daemon logs, and where to: section ``[log]``.

    Attributes:
        file: Beside stderr; empty for none.
        max_megabytes: The size at which another file is begun.
        keep: How many of the earlier files stay.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["plain", "json"] = "plain"
    file: str = ""
    max_megabytes: Annotated[int, Field(ge=1, le=10_000)] = 5
    keep: Annotated[int, Field(ge=0, le=1000)] = 3


class Keep(Section):
    """How long the store remembers what nobody needs: section ``[keep]``.

    Attributes:
        runs_days: The accounts of runs.
        listed_days: Listed papers that were never suggested and are listed no more.
    """

    runs_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    listed_days: Annotated[int, Field(ge=1, le=36_500)] = 365


class ProfileSettings(Section):
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
    digest: Digest = Digest()
    mail: MailTo = MailTo()
    chat: Chat = Chat()
    summary: Summary = Summary()
    selection: Selection = Selection()
    model: Model = Model()
    schedule: Schedule = Schedule()


class Settings(ProfileSettings):
    """Everything that the config file says for one profile.

    Attributes:
        name: The profile's.
    """

    name: Name = DEFAULT
    store: Store = Store()
    page: Page = Page()
    daemon: Daemon = Daemon()
    log: Log = Log()
    keep: Keep = Keep()
