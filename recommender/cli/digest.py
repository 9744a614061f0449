"""``shelfwise digest``: how a digest looks, whether it arrives, and to have it again."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from recommender import config, cycle, registry
from recommender.cli import channels, opening, telling
from recommender.cli.exits import exit_code
from recommender.cli.telling_cycles import code_of_all
from recommender.config import Settings
from recommender.config.sections import MailTo
from recommender.cycle.telling import start_again, stopped
from recommender.editions import Edition
from recommender.errors import ConfigError, IntegrationError
from recommender.ports import Access, Channel
from recommender.private_files import replace_privately
from recommender.store import Store


def preview(
    config_file: Path | None, profile: str = "", *, file: Path | None = None, is_raw: bool = False
) -> int:
    """Show the mail that would tell what was suggested last; nothing is sent.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or the file not be written.
    """
    settings, now = config.read_own(config_file, profile), datetime.now(UTC)
    with opening.own_store(settings) as store:
        reader = _reader(settings, channels.manner(settings, store))
        edition = cycle.preview(reader, store, now)
    return run_preview(edition, settings.mail, now, file=file, is_raw=is_raw)


def try_out(config_file: Path | None, profile: str = "") -> int:
    """Send each channel a few words, tell how that went, and give the exit code.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or there is no channel.
    """
    settings, now = config.read_own(config_file, profile), datetime.now(UTC)
    # Without a run there is no store yet, and nothing that a test needs of it.
    path = config.store_file(settings)
    with Store.open(path if path.exists() else None) as store:
        told = channels.telling(settings, store, now)
    edition = Edition(
        edition_id=f"{settings.name}/test/{now:%Y%m%dT%H%M%S}",
        profile=settings.name,
        at=now.astimezone(told.zone),
        alarms=("This is a test: whatever Shelfwise suggests will come this way.",),
    )
    return code_of_all({_sent(one, edition) for one in _some(told.channels)})


def start(config_file: Path | None, profile: str = "") -> int:
    """Send editions again to all who had stopped them.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or nobody had.
    """
    settings = config.read_own(config_file, profile)
    with opening.own_store(settings) as store:
        names = stopped(store, settings.name)
        if not names:
            raise ConfigError(
                "nobody has stopped the digest; shelfwise digest test says if it goes"
            )
        for name in names:
            start_again(store, settings.name, name)
            print(f"{name}: gets the next digest.")
    return 0


def _reader(settings: Settings, told: cycle.Telling) -> cycle.Profile:
    return cycle.Profile(name=settings.name, libraries=(), sources=(), telling=told)


def _some(found: Sequence[Channel]) -> Sequence[Channel]:
    if not found:
        raise ConfigError("there is nobody to be told; name somebody in mail.to or chat.to")
    return found


def _sent(channel: Channel, edition: Edition) -> int:
    try:
        channel.send(edition)
    except IntegrationError as error:
        telling.failure(channel.name, error)
        return exit_code(error)
    print(f"{channel.name}: taken; look whether it arrives.")
    return 0


def run_preview(
    edition: Edition,
    settings: MailTo,
    now: datetime,
    *,
    file: Path | None = None,
    is_raw: bool = False,
) -> int:
    """Show what would be sent by mail, and give the exit code; no server is asked.

    Args:
        edition: What would be told.
        settings: The section ``[mail]``; to whom and from whom is all that is needed of it.
        now: When this is.
        file: Where to write the page that readers of HTML would see; None prints the plain text.
        is_raw: Print the whole message instead.

    Raises:
        ConfigError: If no mail could be sent so, or the file cannot be written or is no preview.
    """
    if file and is_raw:
        raise ConfigError("--raw: is printed; name no file, or leave it out")
    sent = _message(edition, settings, now)
    if is_raw:
        print(sent.decode("ascii").replace("\r\n", "\n"))
        return 0
    wanted = "html" if file else "plain"
    part = message_from_bytes(sent, policy=policy.default).get_body((wanted,))
    text = str(part.get_content()).replace("\r\n", "\n") if part else ""
    if not file:
        print(text)
        return 0
    _write(file.expanduser(), text.encode())
    print(f"Written: {file}", file=sys.stderr)
    return 0


def _message(edition: Edition, settings: MailTo, now: datetime) -> bytes:
    """The mail to the first recipient, or to an invented one where there is none yet."""
    to = settings.to[:1] or (_NOBODY,)
    shown = {**settings.model_dump(), "to": to}
    if not settings.host and not settings.provider:
        shown["host"] = "localhost"
    # The password stays where it is.
    [channel] = registry.channels("mail")(shown, keys=(), access=Access(now=now))
    return channel.rendered(edition)


def _write(file: Path, content: bytes) -> None:
    try:
        if file.exists() and _MARK not in file.read_bytes()[:_HEAD]:
            raise ConfigError(f"{file}: is no preview of a digest; name another file")
        replace_privately(file, content)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(f"{file}: cannot be written: {why}; name another file") from error


_NOBODY = "you@example.org"
_MARK = b'<meta name="generator" content="Shelfwise">'
_HEAD = 2000
