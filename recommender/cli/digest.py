"""``shelfwise digest preview``: the mail as it would be sent, without sending it."""

import sys
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from recommender import registry
from recommender.config.sections import MailTo
from recommender.editions import Edition
from recommender.errors import ConfigError
from recommender.ports import Access
from recommender.private_files import replace_privately


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
    sent = _sent(edition, settings, now)
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


def _sent(edition: Edition, settings: MailTo, now: datetime) -> bytes:
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
