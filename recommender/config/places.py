"""Where things are: the usual places of a system, and paths as a config file writes them."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from recommender.config.settings import Settings
from recommender.guidance import seed_id

_NAME = "shelfwise"
_NO_PATH = {"auto", "local", "web", "-"}


def config_file(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> Path:
    """Where the config file is if nobody says otherwise."""
    return _folder(environment, system, "APPDATA", "XDG_CONFIG_HOME", ".config") / "config.toml"


def store_file(
    settings: Settings,
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
) -> Path:
    """Where the store is: where the settings say, or where this system keeps such files."""
    if settings.store.path:
        return Path(settings.store.path)
    folder = _folder(environment, system, "LOCALAPPDATA", "XDG_DATA_HOME", ".local/share")
    return folder / "shelfwise.db"


def _folder(
    environment: Mapping[str, str], system: str, windows: str, variable: str, otherwise: str
) -> Path:
    if system == "win32" and environment.get(windows):
        return Path(environment[windows], _NAME)
    if system == "darwin":
        return Path.home() / "Library" / "Application Support" / _NAME
    named = Path(environment.get(variable, ""))
    # A relative path in such a variable is to be ignored, says the standard that invented them.
    return (named if named.is_absolute() else Path.home() / otherwise) / _NAME


def placed(settings: Settings, folder: Path) -> Settings:
    """The settings with every path in full: a relative one starts where the config file is."""

    def path(text: str) -> str:
        return str(folder / Path(text).expanduser()) if text else ""

    def key_at(text: str) -> str:
        scheme, _, rest = text.partition(":")
        return f"file:{path(rest)}" if scheme == "file" else text

    library = settings.library
    at = library.place if library.place in _NO_PATH else path(library.place)
    encoder = settings.model.encoder
    # What the place of another kind of encoder is, only that encoder knows.
    encoder_at = path(encoder.place) if encoder.kind == "onnx" else encoder.place
    outputs = {kind: path(written) for kind, written in settings.outputs.model_dump().items()}
    seeds = tuple(
        path(seed) if seed_id(seed) is None else seed for seed in settings.interests.seeds
    )
    sources = tuple(
        one.model_copy(update={"place": path(one.place), "key": key_at(one.key)})
        # What the place of another kind of source is, only that source knows.
        if one.named[0] == "file" and one.place != "-"
        else one.model_copy(update={"key": key_at(one.key)})
        for one in settings.source
    )
    return settings.model_copy(
        update={
            "library": library.model_copy(update={"place": at, "key": key_at(library.key)}),
            "model": settings.model.model_copy(
                update={
                    "encoder": encoder.model_copy(
                        update={"place": encoder_at, "key": key_at(encoder.key)}
                    )
                }
            ),
            "interests": settings.interests.model_copy(update={"seeds": seeds}),
            "outputs": settings.outputs.model_copy(update=outputs),
            "source": sources,
            "catalogue": tuple(
                one.model_copy(update={"key": key_at(one.key)}) for one in settings.catalogue
            ),
            "store": settings.store.model_copy(update={"path": path(settings.store.path)}),
            "log": settings.log.model_copy(update={"file": path(settings.log.file)}),
        }
    )
