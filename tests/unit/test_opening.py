"""What the reader asks for in the config, as a cycle is told it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recommender.cli import opening
from recommender.config import Settings
from recommender.errors import BadResponse, ConfigError
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.store import Store

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)

TWO = """
@article{a, title = {On the dances of bees}, doi = {10.1234/a}}
@article{b, title = {On the combs of bees}}
"""


def asking(**interests: Any) -> Settings:
    return Settings.model_validate({"interests": interests})


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def titles(guidance: Guidance) -> list[str]:
    return [paper.title for paper in guidance.seeds]


def test_who_asks_for_nothing_asks_for_nothing() -> None:
    assert opening.guidance(Settings()) == NO_GUIDANCE
    assert opening.seed_ids(Settings()) == ()


def test_everything_that_is_asked_for_reaches_the_cycle(tmp_path: Path) -> None:
    library = written(tmp_path / "library.bib", TWO)
    settings = Settings.model_validate(
        {
            "library": {"kind": "file", "place": library},
            "source": [{"place": library}],
            "interests": {
                "goals": ["how bees dance"],
                "seeds": [library, "10.1234/B", "arXiv:2101.00001", "doi:10.1234/b"],
                "boost": {"Thesis": 2, "graph*": 0.5},
                "mute": ["Teaching"],
                "exclude": ["glass"],
            },
        }
    )
    with Store.open(None) as store:
        profile = opening.profile(settings, store, NOW)
    assert [str(seed) for seed in profile.seed_ids] == ["doi:10.1234/b", "arxiv:2101.00001"]
    assert titles(profile.guidance) == ["On the dances of bees", "On the combs of bees"]
    assert profile.guidance == Guidance(
        goals=("how bees dance",),
        seeds=profile.guidance.seeds,
        boosts=(("Thesis", 2.0), ("graph*", 0.5)),
        muted=("Teaching",),
        excluded=("glass",),
    )


def test_seeds_are_read_from_files_and_patterns_each_paper_once(tmp_path: Path) -> None:
    one = written(tmp_path / "one.bib", TWO)
    written(tmp_path / "two.ris", "TY  - JOUR\nTI  - On hives\nER  - \n")
    settings = asking(seeds=[one, str(tmp_path / "*.*")])
    assert titles(opening.guidance(settings)) == [
        "On the dances of bees",
        "On the combs of bees",
        "On hives",
    ]


def test_a_file_of_seeds_that_is_not_there_is_told_with_the_setting(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.bib")
    with pytest.raises(ConfigError) as told:
        opening.guidance(asking(seeds=[gone]))
    assert str(told.value) == f"interests.seeds: {gone}: no such file; check the path"


def test_a_file_without_a_paper_is_told_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    place = written(tmp_path / "seeds.bib", "@article{a, year = {2021}}\n")
    with pytest.raises(ConfigError, match=r"interests\.seeds: .* holds no paper: .* no title"):
        opening.guidance(asking(seeds=[place]))
    place = written(tmp_path / "notes.txt", "bees, bees, bees")
    with pytest.raises(BadResponse, match=r"notes\.txt: not a library"):
        opening.guidance(asking(seeds=[place]))
