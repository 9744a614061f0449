"""The config file, from the command line and against its example."""

import itertools
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recommender import config
from tests.system import invented

Run = Callable[..., "subprocess.CompletedProcess[str]"]

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.toml"
KEYS = set(config.keys())


def flat(found: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for key, value in found.items():
        name = f"{prefix}{key}"
        sections = value if isinstance(value, list) else [value]
        if name not in KEYS and all(isinstance(one, dict) for one in sections):
            for one in sections:
                settings |= flat(one, f"{name}.")
        else:
            settings[name] = value
    return settings


def test_the_example_is_accepted_and_changes_nothing(run: Run, mine: Path, page: Path) -> None:
    plain = run("recommend", mine, page, "--json")
    found = run("recommend", mine, page, "--json", "--config", EXAMPLE)
    assert (found.returncode, found.stdout) == (0, plain.stdout)


def test_the_example_shows_every_setting_with_its_default_and_no_other(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    given = flat(tomllib.loads(text))
    # A setting whose default cannot be written down stands in a comment, with an example.
    uncommented = re.sub(r"^# (?=[a-z_]+ = |\[\[)", "", text, flags=re.MULTILINE)
    shown = flat(tomllib.loads(uncommented))
    defaults = flat(config.Settings().model_dump(mode="json", exclude={"name"}))
    # There can be any number of sources, catalogues and profiles, and at first there is none.
    assert (
        shown.keys()
        == KEYS
        == defaults.keys()
        | {
            "source.kind",
            "source.place",
            "source.key",
            "catalogue.kind",
            "catalogue.key",
            "profile.name",
        }
    )
    for key in shown:
        if key in given:
            assert (type(given[key]), given[key]) == (type(defaults[key]), defaults[key])
        else:
            assert defaults.get(key) is None
    for written in (text, uncommented):
        (tmp_path / "config.toml").write_text(written, encoding="utf-8")
        assert len(config.read_all(tmp_path / "config.toml")) == 1
    # And each is explained.
    lines = text.splitlines()
    for above, line in itertools.pairwise(lines):
        if re.match(r"(# )?[a-z_]+ = ", line):
            assert above.startswith("# "), line


def test_every_problem_is_told_at_once(run: Run, mine: Path, page: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[selection]\nlimmit = 3\nexplore = "yes"\nthreshold = 7\npatience = nan\n'
        "[modell]\nseed = 1\n[model]\nseed = true\n",
        encoding="utf-8",
    )
    found = run("recommend", mine, page, "--config", path)
    assert found.returncode == 2
    assert not found.stdout
    lines = found.stderr.splitlines()
    assert all(line.startswith(f"shelfwise: {path}: ") for line in lines)
    told = {line.removeprefix(f"shelfwise: {path}: ").partition(": ")[0] for line in lines}
    assert told == {
        "selection.limmit",
        "selection.explore",
        "selection.threshold",
        "selection.patience",
        "modell",
        "model.seed",
    }
    assert "did you mean selection.limit?" in found.stderr
    assert "did you mean model?" in found.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"limit 3",
        b"[selection",
        b"\xff\xfe[\0m\0",
        b"\xe9 = 1",
        b"a = " + b"[" * 5000,
        b"[model]\nseed = " + b"9" * 5000,
        b"[model]\nseed = " + b"9" * 100,
        b"selection = 3",
        b"[selection]\nlimit = [[1, 2], " + b'"long" ,' * 500 + b"]",
        b"\0",
    ],
)
def test_what_is_no_config_is_one_line(
    run: Run, mine: Path, page: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    found = run("recommend", mine, page, "--config", path)
    assert found.returncode == 2
    assert len(invented.sentence(found.stderr)) < 400


def test_a_config_that_is_not_there_is_one_line(run: Run, mine: Path, page: Path) -> None:
    for path in (mine.with_name("no.toml"), mine.parent, mine / "x"):
        found = run("recommend", mine, page, "--config", path)
        assert found.returncode == 2
        assert "cannot be read" in invented.sentence(found.stderr)


def test_a_setting_counts_and_an_option_counts_more(
    run: Run, mine: Path, page: Path, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("\ufeff[selection]\nlimit = 4\n", encoding="utf-8")
    found = run("recommend", mine, page, "--config", path)
    assert found.stdout.count("https://doi.org/") == 4
    found = run("recommend", mine, page, "--config", path, "--limit", 2)
    assert found.stdout.count("https://doi.org/") == 2
