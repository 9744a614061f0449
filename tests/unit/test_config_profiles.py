"""Several profiles in one config file."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from recommender import config
from recommender.config import writing
from recommender.errors import ConfigError

TWO = """
[library]
kind = "file"
place = "mine.bib"
exclude = ["Old"]
[selection]
limit = 4
patience = 0.5
[model.encoder]
kind = "onnx"
place = "small"
[interests.boost]
bees = 2
[[source]]
place = "page.jsonl"
[store]
path = "kept.db"
[log]
file = "log.txt"
[[profile]]
name = "thesis"
[profile.selection]
limit = 7
[profile.interests]
boost = { glaciers = 3 }
[profile.model.encoder]
model = "other"
[[profile]]
name = "teaching_2"
source = []
[profile.library]
place = "others/*.bib"
[profile.interests]
boost = {}
[profile.schedule]
every = "week"
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    path = file(folder, text)
    with pytest.raises(ConfigError) as found:
        config.read_all(path)
    assert all(problem.startswith(f"{path}: ") for problem in found.value.problems)
    return [problem.removeprefix(f"{path}: ") for problem in found.value.problems]


def keys_of(told: Sequence[str]) -> list[str]:
    return [problem.partition(": ")[0] for problem in told]


def test_a_file_without_profiles_is_one_called_default(tmp_path: Path) -> None:
    [one] = config.read_all(file(tmp_path, "[selection]\nlimit = 3\n"))
    assert (one.name, one.selection.limit) == ("default", 3)
    assert config.read_all(file(tmp_path, "profile = []\n"))[0].name == config.DEFAULT


def test_a_profiles_keys_replace_those_of_the_top_one_by_one(tmp_path: Path) -> None:
    thesis, teaching = config.read_all(file(tmp_path, TWO))
    assert (thesis.name, teaching.name) == ("thesis", "teaching_2")
    assert (thesis.selection.limit, thesis.selection.patience) == (7, 0.5)
    assert teaching.selection.limit == 4
    # A section in a section is one, too, and what is a key's value is replaced as a whole.
    assert (thesis.model.encoder.kind, thesis.model.encoder.model) == ("onnx", "other")
    assert thesis.interests.boost == {"glaciers": 3.0}
    assert teaching.interests.boost == {}
    assert teaching.library.exclude == ("Old",)
    assert [one.place for one in thesis.source] == [str(tmp_path / "page.jsonl")]
    assert teaching.source == ()
    assert (thesis.schedule.every, teaching.schedule.every) == ("day", "week")
    assert thesis.store == teaching.store


def test_the_paths_of_each_profile_start_where_the_config_is(tmp_path: Path) -> None:
    thesis, teaching = config.read_all(file(tmp_path, TWO))
    assert thesis.library.place == str(tmp_path / "mine.bib")
    assert teaching.library.place == str(tmp_path / "others" / "*.bib")
    assert thesis.log.file == str(tmp_path / "log.txt")
    assert config.store_file(thesis) == tmp_path / "kept.db"


def test_one_of_several_has_to_be_named(tmp_path: Path) -> None:
    path = file(tmp_path, TWO)
    assert config.read_own(path, "teaching_2").name == "teaching_2"
    assert [one.name for one in config.read_all(path, "thesis")] == ["thesis"]
    with pytest.raises(ConfigError, match=r"name one with --profile: thesis, teaching_2$"):
        config.read_own(path)
    with pytest.raises(
        ConfigError, match=r"^--profile Thesis: .* no such profile; there is: thesis, teaching_2$"
    ):
        config.read_own(path, "Thesis")
    path = file(tmp_path, "[[profile]]\nname = 'me'\n")
    assert config.read_own(path).name == "me"
    with pytest.raises(ConfigError, match=r"there is: me$"):
        config.read_own(path, "default")


def test_what_concerns_no_profile_is_the_only_ones_or_that_of_the_top(tmp_path: Path) -> None:
    assert config.read(file(tmp_path, TWO)).selection.limit == 4
    text = "[selection]\nlimit = 4\n[[profile]]\nname = 'me'\n[profile.selection]\nlimit = 5\n"
    assert config.read(file(tmp_path, text)).selection.limit == 5


def test_every_problem_of_every_profile_is_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        """
        name = "me"
        [selection]
        limit = 0
        explore = 1
        [[profile]]
        [profile.selection]
        limmit = 3
        [[profile]]
        name = "two words"
        [profile.selection]
        limit = 5
        patience = 7
        [profile.store]
        path = "own.db"
        [profile.selektion]
        limit = 3
        [[profile]]
        name = "good"
        [[profile.source]]
        plase = "x"
        [profile.interests.boost]
        bees = 11
        [[profile]]
        name = "good"
        """,
    )
    assert keys_of(told) == [
        "name",
        "selection.limit",
        "selection.explore",
        "profile.0.name",
        "profile.0.selection.limmit",
        "profile.1.store",
        "profile.1.selection.patience",
        "profile.1.name",
        "profile.1.selektion",
        "profile.2.interests.boost.bees",
        "profile.2.source.0.plase",
        "profile.3.name",
    ]
    by_key = dict(problem.split(": ", 1) for problem in told)
    assert by_key["name"].endswith("did you mean profile.name?")
    assert by_key["profile.0.name"] == "is missing"
    assert by_key["profile.0.selection.limmit"] == (
        "there is no such setting; did you mean selection.limit?"
    )
    assert by_key["profile.1.store"] == "counts for all profiles; move it out of [[profile]]"
    assert "letters, digits, - and _, but it is 'two words'" in by_key["profile.1.name"]
    assert by_key["profile.1.selektion"].endswith("did you mean selection?")
    assert by_key["profile.2.source.0.plase"].endswith("did you mean source.place?")
    assert by_key["profile.3.name"] == "another profile is called good, too; change one"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[profile]\nname = 'me'\n", "profile: has to be a table in two brackets: [[profile]]"),
        ("profile = ['me']\n", "profile: has to be a table in two brackets: [[profile]]"),
        ("[[profil]]\nname = 'me'\n", "profil: there is no such setting; did you mean profile?"),
        (
            "[[profile]]\nname = ''\n",
            "profile.0.name: has to be a name of letters, digits, - and _, but it is ''",
        ),
        (
            "[[profile]]\nname = 'me'\nselection = 3\n",
            (
                "profile.0.selection: input should be a valid dictionary or instance of Selection, "
                "but it is 3"
            ),
        ),
        (
            "selection = 3\n[[profile]]\nname = 'me'\n[profile.selection]\nlimit = 3\n",
            "selection: input should be a valid dictionary or instance of Selection, but it is 3",
        ),
    ],
)
def test_what_is_no_profile_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert problems(tmp_path, text) == [told]


def test_two_profiles_do_not_write_to_one_file(tmp_path: Path) -> None:
    text = "[outputs]\nbib = 'out.bib'\nhtml = 'out.html'\n[[profile]]\nname = 'a'\n"
    told = problems(tmp_path, text + "[[profile]]\nname = 'b'\n[profile.outputs]\nbib = ''\n")
    assert told == [
        "profile.1.outputs.html: the profile a writes out.html, too; name another file, or none"
    ]
    assert len(config.read_all(file(tmp_path, text))) == 1


@pytest.mark.parametrize(
    ("library", "own", "n_profiles"),
    [
        ("mine.bib", "", 0),
        ("mine.bib", "[profile.library]\nplace = './mine.bib'\n", 0),
        ("mine.bib", "[profile.shelf]\ncollection = 'Other'\n", 0),
        ("papers", "", 0),
        ("mine.bib", "[profile.shelf]\nvia = 'none'\n", 2),
        ("mine.bib", "[profile.library]\nplace = 'other.bib'\n", 2),
        ("papers", "[profile.shelf]\ncollection = 'Other'\n", 2),
    ],
)
def test_two_profiles_have_no_shelf_in_one_file(
    tmp_path: Path, library: str, own: str, n_profiles: int
) -> None:
    text = f"[library]\nkind = 'file'\nplace = '{library}'\n[shelf]\nvia = 'file'\n"
    text += f"[[profile]]\nname = 'a'\n[[profile]]\nname = 'b'\n{own}"
    if n_profiles:
        assert len(config.read_all(file(tmp_path, text))) == n_profiles
        return
    [told] = problems(tmp_path, text)
    assert told.startswith("profile.1.shelf.via: the profile a writes ")
    assert told.endswith(", too; name another file, or none")


def test_an_output_of_one_profile_is_not_the_shelf_of_another(tmp_path: Path) -> None:
    text = "[[profile]]\nname = 'a'\n[profile.outputs]\nbib = 'x.bib'\n[[profile]]\nname = 'b'\n"
    text += "[profile.library]\nkind = 'file'\nplace = 'x.bib'\n[profile.shelf]\nvia = 'file'\n"
    assert keys_of(problems(tmp_path, text)) == ["profile.1.shelf.via"]


def test_settings_go_through_json_as_they_are(tmp_path: Path) -> None:
    for one in (*config.read_all(file(tmp_path, TWO)), config.Settings()):
        assert config.Settings.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize("text", [TWO, "[selection]\nlimit = 3\n", "[[profile]]\nname = 'me'\n"])
def test_what_is_in_force_is_told_as_a_file_that_says_the_same(tmp_path: Path, text: str) -> None:
    path = file(tmp_path, text)
    found = config.read_all(path)
    told = writing.toml_in_full(found)
    assert config.read_all(file(tmp_path, told)) == found
    # The defaults, too, but for what is not there by default.
    said = tomllib.loads(told)
    profiles = said.get("profile", [said])
    for one in profiles:
        assert (
            one["selection"].keys()
            == config.Settings().selection.model_dump(exclude_none=True).keys()
        )
    assert said["log"].keys() == config.Log().model_dump().keys()


def test_a_file_that_is_written_again_keeps_its_profiles(tmp_path: Path) -> None:
    path = file(tmp_path, TWO)
    found, tables = config.read_all(path), config.tables(path)
    writing.write(config.said(path), path, tables)
    assert config.read_all(path) == found
    assert config.tables(path) == tables
