"""``shelfwise page``: the suggestions and all about them as a page, on this computer alone."""

import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path

from recommender import config
from recommender.cli import telling
from recommender.cli.exits import FAILED
from recommender.errors import ConfigError
from recommender.store import Store


def run(
    config_file: Path | None, profile: str = "", port: int | None = None, *, opens: bool
) -> int:
    """Show the page until Ctrl-C, and give the exit code.

    Args:
        config_file: Another than the usual one.
        profile: The only one that it shows; empty for all.
        port: Where to listen; None for where the config says.
        opens: Whether the browser is asked to show it.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or the extra is missing.
    """
    profiles = config.read_all(config_file, profile)
    if any(find_spec(name) is None for name in ("starlette", "uvicorn")):
        raise ConfigError("the page needs more packages: pip install 'shelfwise[web]'")
    from recommender.page import serving

    path = config.store_file(profiles[0])
    if path.exists():
        # Each answer opens it again, and does not look it through.
        Store.open(path).close()
    port = profiles[0].page.port if port is None else port

    try:
        place = serving.listening(port)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        telling.problem(f"the page cannot be shown at port {port}: {why}; give another --port")
        return FAILED

    def ready(address: str) -> None:
        print(address, flush=True)
        print("Ctrl-C ends it.", file=sys.stderr)
        if opens:
            webbrowser.open(address)

    serving.serve(profiles, place, ready)
    return 0
