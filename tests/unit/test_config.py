"""What the settings promise, the program keeps."""

from pathlib import Path

import pytest

from recommender import config
from recommender.errors import ConfigError
from recommender.model import interests


def settings(folder: Path, text: str) -> config.Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.read(path)


def test_no_more_interests_can_be_asked_for_than_are_told_apart(tmp_path: Path) -> None:
    most = settings(tmp_path, f"[selection]\nmain_interests = {interests.MOST}\n")
    assert most.selection.main_interests == interests.MOST
    with pytest.raises(ConfigError, match=r"selection\.main_interests: .*less than or equal"):
        settings(tmp_path, f"[selection]\nmain_interests = {interests.MOST + 1}\n")


def test_the_default_is_all_interests() -> None:
    assert config.Settings().selection.main_interests == interests.MOST
