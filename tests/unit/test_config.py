"""What the settings promise, the program keeps."""

from datetime import timedelta
from pathlib import Path

import pytest

from recommender import config
from recommender.config.places import placed
from recommender.errors import ConfigError
from recommender.feedback import Signs
from recommender.model import interests
from recommender.scope import Scope


def settings(folder: Path, text: str) -> config.Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.read(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as found:
        settings(folder, text)
    prefix = f"{folder / 'config.toml'}: "
    assert all(problem.startswith(prefix) for problem in found.value.problems)
    return [problem.removeprefix(prefix) for problem in found.value.problems]


def test_no_more_interests_can_be_asked_for_than_are_told_apart(tmp_path: Path) -> None:
    most = settings(tmp_path, f"[selection]\nmain_interests = {interests.MOST}\n")
    assert most.selection.main_interests == interests.MOST
    with pytest.raises(ConfigError, match=r"selection\.main_interests: .*less than or equal"):
        settings(tmp_path, f"[selection]\nmain_interests = {interests.MOST + 1}\n")


def test_the_default_is_all_interests() -> None:
    assert config.Settings().selection.main_interests == interests.MOST


def test_relative_paths_start_where_the_config_is(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    found = settings(
        tmp_path / "conf",
        """
        [library]
        kind = "file"
        place = "papers/*.bib"
        key = "file:zotero.key"
        [[source]]
        place = "../pages"
        [[source]]
        place = "-"
        [[source]]
        kind = "arxiv"
        place = "cs.CL"
        [outputs]
        html = "/elsewhere/page.html"
        atom = "~/feed.atom"
        [store]
        path = "my.db"
        """,
    )
    folder = tmp_path / "conf"
    assert found.library.place == str(folder / "papers" / "*.bib")
    assert found.library.key == f"file:{folder / 'zotero.key'}"
    assert [one.place for one in found.source] == [str(folder / "../pages"), "-", "cs.CL"]
    assert found.outputs.html == str(Path("/elsewhere/page.html"))
    assert found.outputs.atom == str(Path.home() / "feed.atom")
    assert found.outputs.bib == ""
    assert config.store_file(found) == folder / "my.db"
    # What is in full already stays where it is.
    assert placed(found, tmp_path) == found


@pytest.mark.parametrize("place", ["auto", "local", "web"])
def test_the_words_for_a_zotero_are_no_paths(tmp_path: Path, place: str) -> None:
    assert settings(tmp_path, f"[library]\nplace = '{place}'\n").library.place == place


@pytest.mark.parametrize("key", ["P9aLlowedSecret", "env:", "file: ", "secret:P9aLlowedSecret"])
def test_a_key_written_in_the_config_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    [told] = problems(tmp_path, f"[library]\nkey = '{key}'\n")
    assert told == (
        "library.key: has to say where the key is: env:NAME, file:PATH or keyring:SERVICE/NAME"
    )


def test_every_problem_of_every_section_is_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        """
        [library]
        libraries = []
        include = "Thesis"
        exclude_tags = [3]
        web_address = "api.zotero.org"
        plase = "auto"
        [shelf]
        collection = " "
        tag = "two\\nlines"
        via = "carrier pigeon"
        per_interest = 1
        [feedback]
        expires_after_days = 0
        expired_weight = 1.5
        [[source]]
        kind = "file"
        [[source]]
        plase = "here"
        place = "there"
        """,
    )
    assert [problem.partition(": ")[0] for problem in told] == [
        "library.libraries",
        "library.include",
        "library.exclude_tags.0",
        "library.web_address",
        "library.plase",
        "shelf.collection",
        "shelf.tag",
        "shelf.per_interest",
        "shelf.via",
        "feedback.expires_after_days",
        "feedback.expired_weight",
        "source.0.place",
        "source.1.plase",
    ]
    by_key = dict(problem.split(": ", 1) for problem in told)
    assert by_key["library.plase"].endswith("did you mean library.place?")
    assert by_key["source.1.plase"].endswith("did you mean source.place?")
    assert by_key["source.0.place"] == "is missing"


def test_settings_reach_the_parts_that_follow_them(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        """
        [library]
        include = ["Thesis/**"]
        exclude = ["Old"]
        include_tags = ["a"]
        exclude_tags = ["b"]
        [shelf]
        more = "yes"
        less = "no"
        [feedback]
        expires_after_days = 7
        expired_weight = 0
        """,
    )
    assert config.scope(found) == Scope(
        include=("Thesis/**",), exclude=("Old",), include_tags=("a",), exclude_tags=("b",)
    )
    assert config.signs(found) == Signs(
        more="yes", less="no", expires_after=timedelta(days=7), expired_weight=0
    )


def test_the_defaults_are_those_of_the_parts() -> None:
    assert config.scope(config.Settings()) == Scope()
    assert config.signs(config.Settings()) == Signs()


@pytest.mark.parametrize(
    ("system", "environment", "conf", "kept"),
    [
        ("linux", {}, "~/.config", "~/.local/share"),
        ("linux", {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"}, "/c", "/d"),
        # Relative ones are to be ignored.
        ("linux", {"XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": ""}, "~/.config", "~/.local/share"),
        ("darwin", {"XDG_CONFIG_HOME": "/c"}, "~/Library/Application Support", None),
        ("win32", {"APPDATA": "/roaming", "LOCALAPPDATA": "/local"}, "/roaming", "/local"),
    ],
)
def test_each_system_has_its_usual_places(
    system: str, environment: dict[str, str], conf: str, kept: str | None
) -> None:
    folder = Path(conf).expanduser() / "shelfwise"
    assert config.config_file(environment, system) == folder / "config.toml"
    folder = Path(kept or conf).expanduser() / "shelfwise"
    assert config.store_file(config.Settings(), environment, system) == folder / "shelfwise.db"


def test_without_a_config_it_is_said_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.config.reading.config_file", lambda: tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"none\.toml: there is no config .* shelfwise init"):
        config.read_own(None)
    (tmp_path / "none.toml").write_text("[selection]\nlimit = 3\n", encoding="utf-8")
    assert config.read_own(None).selection.limit == 3
