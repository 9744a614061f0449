"""What settings of different keys say together."""

from pathlib import Path

import pytest

from recommender import config
from recommender.errors import ConfigError


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    try:
        config.read_all(path)
    except ConfigError as error:
        return [problem.removeprefix(f"{path}: ") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("[mail]\nto = ['ada@example.org']\n", ["mail.provider"]),
        ("[mail]\nto = ['ada@example.org']\nhost = 'smtp.example.org'\n", []),
        ("[mail]\nto = ['ada@example.org']\nprovider = 'gmail'\n", []),
        ("[mail]\nuser = 'ada'\n", []),
        ("[summary]\nkind = 'endpoint'\n", ["summary.place", "summary.model"]),
        ("[summary]\nkind = 'endpoint'\nplace = 'http://127.0.0.1/v1'\n", ["summary.model"]),
        ("[summary]\nkind = 'endpoint'\nplace = 'http://127.0.0.1/v1'\nmodel = 'small'\n", []),
        ("[summary]\nkind = 'another'\n", []),
        ("[library]\nkind = 'file'\nplace = 'x.bib'\n[shelf]\nvia = 'web'\n", ["shelf.via"]),
        ("[library]\nkind = 'file'\nplace = 'x.bib'\n[shelf]\nvia = 'local'\n", ["shelf.via"]),
        ("[library]\nkind = 'file'\nplace = 'x.bib'\n", []),
        ("[library]\nkind = 'file'\nplace = 'x.bib'\n[shelf]\nvia = 'none'\n", []),
        ("[shelf]\nvia = 'web'\n", []),
    ],
)
def test_keys_that_are_right_one_by_one_can_be_wrong_together(
    tmp_path: Path, text: str, keys: list[str]
) -> None:
    assert [problem.partition(": ")[0] for problem in problems(tmp_path, text)] == keys


def test_a_profile_can_say_what_the_top_leaves_open(tmp_path: Path) -> None:
    top = "[mail]\nto = ['ada@example.org']\n[[profile]]\nname = 'a'\n"
    assert problems(tmp_path, f"{top}[profile.mail]\nprovider = 'gmail'\n") == []
    [told] = problems(tmp_path, top)
    assert told.startswith("profile.0.mail.provider: nobody is named to send it")


def test_a_shelf_that_a_file_cannot_have_is_one_line(tmp_path: Path) -> None:
    text = "[library]\nkind = 'file'\nplace = 'x.bib'\n[shelf]\nvia = 'web'\n"
    assert problems(tmp_path, text) == ['shelf.via: a file has "file" or "none", but it is \'web\'']
