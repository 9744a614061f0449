"""Logs: on stderr and perhaps in a file, plain or as JSON; what is logged holds no titles."""

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from recommender.config import Log

_MEGABYTE = 2**20


def begin(settings: Log, *, run: str = "") -> None:
    """Let everything that is logged from now on go where the settings say.

    Args:
        settings: The section ``[log]``.
        run: The name of the run in whose process this is; each line bears it.
    """
    shown = _Lines(run) if settings.format == "plain" else _Objects(run)
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if settings.file:
        path = Path(settings.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                path,
                maxBytes=settings.max_megabytes * _MEGABYTE,
                backupCount=settings.keep,
                encoding="utf-8",
            )
        )
    root = logging.getLogger()
    root.setLevel(settings.level.upper())
    for handler in handlers:
        handler.setFormatter(shown)
    root.handlers[:] = handlers


class _Lines(logging.Formatter):
    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = f" [{run}]" if run else ""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        said = " ".join(record.getMessage().split())
        return f"{at}{self._run} {record.levelname.lower()}: {said}"


class _Objects(logging.Formatter):
    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = run

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at, "level": record.levelname.lower(), "says": record.getMessage()}
        said |= {"from": record.name} | ({"run": self._run} if self._run else {})
        return json.dumps(said, ensure_ascii=False)
