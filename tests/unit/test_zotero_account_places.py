"""Where Zotero keeps its database on this computer."""

import json
from pathlib import Path

import pytest

from integrations.zotero import account_places


def test_the_database_is_where_zotero_says_or_where_it_usually_is(tmp_path: Path) -> None:
    assert account_places.database(tmp_path, {}, "linux") is None
    usual = tmp_path / "Zotero" / "zotero.sqlite"
    usual.parent.mkdir()
    usual.touch()
    assert account_places.database(tmp_path, {}, "linux") == usual
    other = tmp_path / "Möbel “x”" / "zotero.sqlite"
    other.parent.mkdir()
    other.touch()
    profile = tmp_path / ".zotero" / "zotero" / "ab12.default" / "prefs.js"
    profile.parent.mkdir(parents=True)
    folder = json.dumps(str(other.parent), ensure_ascii=False)
    lines = [
        f'user_pref("extensions.zotero.dataDir", {folder});',
        'user_pref("extensions.zotero.useDataDir", true);',
    ]
    profile.write_text("\n".join(lines), encoding="utf-8")
    assert account_places.database(tmp_path, {}, "linux") == other
    # Not in use any more, or spoilt: the usual one.
    for text in (lines[0], "\n".join([lines[1], 'user_pref("extensions.zotero.dataDir", "\\x");'])):
        profile.write_text(text, encoding="utf-8")
        assert account_places.database(tmp_path, {}, "linux") == usual


@pytest.mark.parametrize(
    ("system", "folder"),
    [
        ("darwin", "Library/Application Support/Zotero/Profiles"),
        ("win32", "roaming/Zotero/Zotero/Profiles"),
    ],
)
def test_every_system_has_its_place_for_preferences(
    tmp_path: Path, system: str, folder: str
) -> None:
    file = tmp_path / "elsewhere" / "zotero.sqlite"
    file.parent.mkdir()
    file.touch()
    profile = tmp_path / folder / "x.default" / "prefs.js"
    profile.parent.mkdir(parents=True)
    profile.write_text(
        f'user_pref("extensions.zotero.dataDir", {json.dumps(str(file.parent))});\n'
        'user_pref("extensions.zotero.useDataDir", true);\n',
        encoding="utf-8",
    )
    environment = {"APPDATA": str(tmp_path / "roaming")}
    assert account_places.database(tmp_path, environment, system) == file
