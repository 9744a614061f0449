"""What the settings promise, the program keeps."""

import tomllib
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
        [model.encoder]
        kind = "onnx"
        place = "models/small"
        key = "file:endpoint.key"
        [interests]
        seeds = ["seeds/*.bib", "10.1234/a", "arXiv:2101.00001", "/elsewhere/seeds.bib"]
        [store]
        path = "my.db"
        """,
    )
    folder = tmp_path / "conf"
    assert found.library.place == str(folder / "papers" / "*.bib")
    assert found.library.key == f"file:{folder / 'zotero.key'}"
    assert [one.place for one in found.source] == [str(folder / "../pages"), "-", "cs.CL"]
    assert found.interests.seeds == (
        str(folder / "seeds" / "*.bib"),
        "10.1234/a",
        "arXiv:2101.00001",
        str(Path("/elsewhere/seeds.bib")),
    )
    assert found.outputs.html == str(Path("/elsewhere/page.html"))
    assert found.outputs.atom == str(Path.home() / "feed.atom")
    assert found.outputs.bib == ""
    assert found.model.encoder.place == str(folder / "models" / "small")
    assert found.model.encoder.key == f"file:{folder / 'endpoint.key'}"
    assert config.store_file(found) == folder / "my.db"
    # What is in full already stays where it is.
    assert placed(found, tmp_path) == found


@pytest.mark.parametrize("place", ["auto", "local", "web"])
def test_the_words_for_a_zotero_are_no_paths(tmp_path: Path, place: str) -> None:
    assert settings(tmp_path, f"[library]\nplace = '{place}'\n").library.place == place


def test_an_encoders_address_is_no_path(tmp_path: Path) -> None:
    text = "[model.encoder]\nkind = 'endpoint'\nplace = 'http://127.0.0.1:11434/v1'\n"
    assert settings(tmp_path, text).model.encoder.place == "http://127.0.0.1:11434/v1"


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
        key = "the key itself"
        [[source]]
        plase = "here"
        place = "there"
        [web]
        contact = "Ada"
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
        "source.0.key",
        "source.1.plase",
        "web.contact",
    ]
    by_key = dict(problem.split(": ", 1) for problem in told)
    assert by_key["library.plase"].endswith("did you mean library.place?")
    assert by_key["source.1.plase"].endswith("did you mean source.place?")


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


def test_what_is_asked_for_is_kept_as_it_is_written(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        """
        [interests]
        goals = ["how bees dance", '''two
        lines''']
        seeds = ["https://doi.org/10.1234/A", "2101.00001v2", "978-0-306-40615-7"]
        mute = ["Teaching/**"]
        exclude = ["graph network, node embedding"]
        [interests.boost]
        "Thesis/Methods" = 2
        "graph*" = 0.5
        """,
    ).interests
    assert found.goals[0] == "how bees dance"
    assert found.goals[1].splitlines()[1].strip() == "lines"
    assert found.seeds == ("https://doi.org/10.1234/A", "2101.00001v2", "978-0-306-40615-7")
    assert found.boost == {"Thesis/Methods": 2.0, "graph*": 0.5}
    assert found.mute == ("Teaching/**",)
    assert found.exclude == ("graph network, node embedding",)


def test_what_cannot_be_asked_for_is_told_with_what_can(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        """
        [interests]
        goals = [" "]
        seeds = ["doi:11.1234/a", "https://example.org/paper", "", "two\\nlines"]
        boost = { bees = 0, verse = 10.5, glass = nan, bridges = "much", "" = 2 }
        mute = "Thesis"
        exclude = [3]
        muted = []
        """,
    )
    assert [problem.partition(",")[0] for problem in told] == [
        "interests.goals.0: needs at least one character",
        "interests.seeds.0: has to be a doi id behind doi:",
        "interests.seeds.1: is an address without an id in it: give the paper's DOI",
        "interests.seeds.2: needs at least one character",
        "interests.seeds.3: has to be one line",
        "interests.boost.bees: has to be above 0 and at most 10; for 0 there is mute",
        "interests.boost.verse: has to be above 0 and at most 10; for 0 there is mute",
        "interests.boost.glass: input should be a finite number",
        "interests.boost.bridges: input should be a valid number",
        "interests.boost..[key]: needs at least one character",
        "interests.mute: input should be a valid tuple",
        "interests.exclude.0: input should be a valid string",
        "interests.muted: there is no such setting; did you mean interests.mute?",
    ]


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


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("place = 'arxiv:cs.CL+cs.LG'", ("arxiv", "cs.CL+cs.LG")),
        ("kind = 'arxiv'\nplace = 'cs.CL'", ("arxiv", "cs.CL")),
        ("kind = 'huggingface'", ("huggingface", "")),
        ("place = 'https://example.org/feed:1.xml'", ("url", "https://example.org/feed:1.xml")),
        ("place = 'C:/papers/*.bib'", ("file", "C:/papers/*.bib")),
        ("kind = 'file'\nplace = 'odd:name.bib'", ("file", "odd:name.bib")),
        ("place = '-'", ("file", "-")),
    ],
)
def test_a_place_says_its_kind_where_none_is_named(said: str, meant: tuple[str, str]) -> None:
    found = config.checked({"source": [tomllib.loads(said)]})
    assert found.source[0].named == meant


def test_only_files_start_where_the_config_is(tmp_path: Path) -> None:
    text = """
    [[source]]
    place = "pages/*.xml"
    [[source]]
    place = "arxiv:cs.CL"
    key = "file:arxiv.key"
    [[source]]
    place = "https://example.org/feed.xml"
    """
    file, arxiv, feed = settings(tmp_path, text).source
    assert file.place == str(tmp_path / "pages" / "*.xml")
    assert arxiv.place == "arxiv:cs.CL"
    assert arxiv.key == f"file:{tmp_path / 'arxiv.key'}"
    assert feed.place == "https://example.org/feed.xml"
