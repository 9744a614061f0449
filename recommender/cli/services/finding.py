"""Who keeps programs running here, and what is to be kept running."""

import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender import config
from recommender.cli.services.launchd import Launchd
from recommender.cli.services.supervisors import Command, Service, Supervisor
from recommender.cli.services.systemd import Systemd
from recommender.cli.services.windows import TaskScheduler
from recommender.config import Settings


def supervisor(
    environment: Mapping[str, str] = os.environ, system: str = sys.platform
) -> Supervisor:
    """Who keeps programs running on this system."""
    if system == "win32":
        user = "\\".join(filter(None, map(environment.get, ("USERDOMAIN", "USERNAME"))))
        folder = environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return TaskScheduler(Path(folder), user)
    if system == "darwin":
        return Launchd(Path.home(), os.getuid())
    named = Path(environment.get("XDG_CONFIG_HOME", ""))
    return Systemd(named if named.is_absolute() else Path.home() / ".config")


def wanted(
    config_file: Path | None,
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
) -> Service:
    """The daemon for a config file: for this one, or else for the one in the usual place.

    Raises:
        ConfigError: If there is no config, it has an error, or a path in it cannot be written down.
    """
    profiles = config.read_all(config_file)
    file = config.own_file(config_file).expanduser().resolve()
    written = {path.parent for one in profiles for path in _written(one)}
    # What says where the store is has to be the same for the daemon as it is here.
    kept = {name: environment[name] for name in ("XDG_DATA_HOME",) if environment.get(name)}
    keys = {key for one in profiles for key in _keys(one.model_dump())}
    return Service(
        command=(*_program(system), "daemon", "--config", str(file)),
        folders=sorted({file.parent, *written}),
        environment=kept,
        keys=sorted(key.removeprefix("env:") for key in keys if key.startswith("env:")),
        log=profiles[0].log.file,
    )


def _written(settings: Settings) -> Iterator[Path]:
    """The files that a run with these settings writes."""
    yield config.store_file(settings).resolve()
    for path in (settings.log.file, *settings.outputs.model_dump().values()):
        if path:
            yield Path(path).resolve()


def _program(system: str) -> Command:
    """This Python's ``shelfwise``."""
    python = Path(sys.executable)
    if system == "win32":
        # The one without a window, where it is there.
        quiet = python.with_name("pythonw.exe")
        return str(quiet if quiet.exists() else python), "-P", "-m", "recommender.cli"
    script = Path(sysconfig.get_path("scripts"), "shelfwise")
    return (str(script),) if script.exists() else (str(python), "-P", "-m", "recommender.cli")


def _keys(said: Any) -> Iterator[str]:
    """The places of keys, wherever the settings name one."""
    if isinstance(said, Mapping):
        yield from (value for name, value in said.items() if name == "key")
        said = list(said.values())
    if isinstance(said, Sequence) and not isinstance(said, str):
        for one in said:
            yield from _keys(one)
