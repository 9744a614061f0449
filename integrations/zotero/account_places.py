"""Where Zotero keeps its database on this computer."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path


def database(
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
) -> Path | None:
    """The database of the Zotero on this computer, where it usually is; None where there is none.

    A folder that the reader chose in Zotero's settings counts before the usual one.

    Args:
        home: The reader's home.
        environment: The environment's variables.
        system: As ``sys.platform`` calls it.
    """
    home = home or Path.home()
    chosen = (_chosen(file) for file in _preferences(home, environment, system))
    folders = [*(folder for folder in chosen if folder), home / "Zotero"]
    files = (folder / "zotero.sqlite" for folder in folders)
    return next((file for file in files if file.is_file()), None)


def _preferences(home: Path, environment: Mapping[str, str], system: str) -> Iterator[Path]:
    """The preferences of each of Zotero's profiles."""
    if system == "darwin":
        root = home / "Library" / "Application Support" / "Zotero"
    elif system == "win32":
        root = Path(environment.get("APPDATA", home / "AppData" / "Roaming")) / "Zotero" / "Zotero"
    else:
        root = home / ".zotero" / "zotero"
    # On Linux the profiles lie beside the list of them, elsewhere in a folder.
    yield from sorted([*root.glob("*/prefs.js"), *root.glob("Profiles/*/prefs.js")])


def _chosen(preferences: Path) -> Path | None:
    """The folder that a profile names for its database, if it does."""
    text = ""
    with suppress(OSError):  # what cannot be read names nothing
        text = preferences.read_text(encoding="utf-8", errors="replace")
    uses = re.search(r'^user_pref\("extensions\.zotero\.useDataDir", true\);', text, re.M)
    named = re.search(r'^user_pref\("extensions\.zotero\.dataDir", (".*")\);', text, re.M)
    if not uses or not named:
        return None
    try:
        return Path(json.loads(named[1]))
    except ValueError:
        return None
