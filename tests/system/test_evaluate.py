"""``shelfwise evaluate``: would the suggestions have held what was saved later?"""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from recommender.config import DEFAULT
from recommender.model.parts import PARTS
from tests.system import invented
from tests.system.own import Own, Run, answer

N_MONTHS = 8
EACH = 4


def dated(records: list[dict[str, Any]]) -> str:
    """The papers as BibTeX, four of which were added in each of the months of 2024."""
    entries = invented.bibtex(records).split("\n\n")
    months = (1 + number // EACH for number in range(len(records)))
    return "\n\n".join(
        entry.replace("  year =", f"  creationdate = {{2024-{month:02}-03T09:00:00}},\n  year =")
        for entry, month in zip(entries, months, strict=True)
    )


@pytest.fixture
def papers() -> list[dict[str, Any]]:
    """What is kept, of three topics in turn."""
    rows = zip(*(invented.papers(topic, 11) for topic in invented.MINE), strict=True)
    return [paper for row in rows for paper in row][: N_MONTHS * EACH]


@pytest.fixture
def library(own: Own, papers: list[dict[str, Any]]) -> Path:
    own.library.write_text(dated(papers), encoding="utf-8")
    own.page.write_text(invented.lines([*invented.papers("ceramic", 25, 100)]), encoding="utf-8")
    return own.library


@pytest.fixture
def read(run: Run, own: Own, library: Path) -> Own:
    """A reader whose library and listing were read once."""
    own.settle('[outputs]\nhtml = "out.html"')
    assert run("run", "--config", own.file).returncode == 0
    library.unlink()
    return own


def test_the_readers_history_is_replayed_from_what_was_read_last(run: Run, read: Own) -> None:
    found = answer(run("evaluate", "--config", read.file, "--json"))
    assert found.keys() == {
        "months",
        "rankings",
        "parts",
        "tuned_before",
        "tuning",
        "can_be_said",
        "cannot_be_said",
        "mind",
    }
    # Before the first month there was nothing.
    assert [one["month"] for one in found["months"]] == [f"2024-{m:02}" for m in range(2, 9)]
    for number, one in enumerate(found["months"], 1):
        wanted = {"before": number * EACH, "wanted": EACH, "ranked": 25 + EACH, "suggested": 0}
        assert one | wanted == one
        assert one["pool"] == "never saved"
    hybrid = found["rankings"]["hybrid"]["NDCG@10"]
    assert len(hybrid["by_month"]) == 7
    assert hybrid["low"] <= hybrid["mean"] <= hybrid["high"]
    assert hybrid["mean"] > 0.9
    assert found["rankings"]["chance"]["NDCG@10"]["hybrid_better_by"]["low"] > 0.3
    assert set(found["rankings"]) >= {"popularity", "recency", "one TF-IDF centroid", "walk"}
    assert found["parts"].keys() == set(PARTS)
    assert sum(part["share"] for part in found["parts"].values()) == pytest.approx(1, abs=0.001)
    assert found["tuning"] is None
    assert "better than by" in found["can_be_said"][0]
    assert "it is not known what was listed" in found["mind"][0]


def test_people_get_tables_and_sentences(run: Run, read: Own) -> None:
    found = run("evaluate", "--config", read.file, "--months", 4)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("Replayed 4 months, 2024-05 to 2024-08: 16 wanted papers among")
    assert "4 months could be replayed, and it takes 6." in found.stdout
    for name in ("hybrid", "one TF-IDF centroid", "chance", "walk alone", "NDCG@10 lost without"):
        assert name in found.stdout
    assert found.stdout.splitlines()[1].startswith("In brackets: 95 % bootstrap intervals")
    _, *tables, _ = found.stdout.split("\n\n")
    assert len(tables) == 2
    assert max(len(line.rstrip()) for table in tables for line in table.splitlines()) <= 100
    assert found.stdout == run("evaluate", "--config", read.file, "--months", 4).stdout


def test_files_do_without_a_config(run: Run, own: Own, library: Path) -> None:
    found = answer(run("evaluate", library, own.page, "--json"))
    assert len(found["months"]) == 7
    # Of a page that says so, it is known when it was listed.
    page = [*invented.papers("ceramic", 25, 100), *invented.papers("bee", 2, 8)]
    text = invented.lines([one | {"published": "2024-04-02"} for one in page])
    own.page.write_text(text, encoding="utf-8")
    again = answer(run("evaluate", library, own.page, "--json"))
    [april] = [one for one in again["months"] if one["month"] == "2024-04"]
    assert (april["pool"], april["wanted"]) == ("listed", 2)


def test_a_library_without_dates_says_so(run: Run, mine: Path, page: Path) -> None:
    found = run("evaluate", mine, page)
    assert found.returncode == 0
    assert found.stdout == (
        "There is too little history to tell how good the suggestions are: "
        "no paper in the library says when it was added.\n"
    )
    assert answer(run("evaluate", mine, page, "--json"))["months"] == []


def test_before_the_first_run_there_is_nothing_to_replay(run: Run, own: Own) -> None:
    own.settle()
    found = run("evaluate", "--config", own.file)
    assert found.returncode == 2
    assert "there is nothing yet; run shelfwise run first" in invented.sentence(found.stderr)
    own.store().close()
    found = run("evaluate", "--config", own.file)
    assert found.returncode == 1
    assert "no library was read yet" in invented.sentence(found.stderr)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--plot", "out.pdf"), "give a file that ends in .svg or .png"),
        (("--forget-tuned", "--tune"), "does nothing but forget"),
        (("mine.bib",), "name listings behind it"),
        (("mine.bib", "page.jsonl", "--tune"), "writes to the store of your config"),
        (("-", "-"), "once only"),
        (("--months", "0"), "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    run: Run, own: Own, arguments: tuple[str, ...], told: str
) -> None:
    own.settle()
    found = run("evaluate", "--config", own.file, *arguments)
    assert found.returncode == 2
    assert told in invented.sentence(found.stderr)


@pytest.fixture
def followed(run: Run, own: Own, papers: list[dict[str, Any]]) -> Own:
    """A reader who follows two people, whatever they write about."""
    own_papers = [one | {"authors": ["Ada Keeper", "Bo Reader"]} for one in papers]
    own.library.write_text(dated(own_papers), encoding="utf-8")
    listed = [p for topic in invented.MINE for p in invented.papers(topic, 20, 100)]
    page = [one | {"authors": [f"Zoe Stranger{n}"]} for n, one in enumerate(listed)]
    own.page.write_text(invented.lines(page), encoding="utf-8")
    own.settle('[outputs]\nhtml = "out.html"')
    assert run("run", "--config", own.file).returncode == 0
    return own


def weights_of_the_last_run(own: Own) -> dict[str, float]:
    with own.store() as store:
        found: dict[str, float] = store.last_cycles(DEFAULT, 1)[0].record["model"]
    return {part: found[part] for part in PARTS}


def test_better_weights_are_written_to_the_store_and_used_until_they_are_forgotten(
    run: Run, followed: Own
) -> None:
    config = followed.file.read_bytes()
    prior = weights_of_the_last_run(followed)
    found = answer(run("evaluate", "--config", followed.file, "--tune", "--json"))
    assert found["tuning"]["accepted"]
    assert found["tuning"]["gain"]["low"] > 0
    with followed.store() as store:
        assert store.tuned_weights(DEFAULT) == found["tuning"]["weights"]
    assert run("run", "--config", followed.file).returncode == 0
    tuned = weights_of_the_last_run(followed)
    assert tuned["authors"] * prior["walk"] > 2 * prior["authors"] * tuned["walk"]
    told = run("evaluate", "--config", followed.file).stdout
    assert "The weights in use were tuned on your history, so each month was ranked by" in told
    again = run("evaluate", "--config", followed.file, "--tune").stdout
    assert "Better weights were found, and count from the next run on" in again
    assert followed.file.read_bytes() == config
    forgotten = run("evaluate", "--config", followed.file, "--forget-tuned")
    assert (forgotten.returncode, forgotten.stdout) == (0, "The tuned weights are forgotten.\n")
    assert run("run", "--config", followed.file).returncode == 0
    assert weights_of_the_last_run(followed) == pytest.approx(prior)
    assert "no tuned weights" in run("evaluate", "--config", followed.file, "--forget-tuned").stdout


def test_no_month_is_ranked_by_weights_that_were_chosen_on_it(run: Run, followed: Own) -> None:
    def by_month(found: dict[str, Any]) -> list[float]:
        ranked: list[float] = found["rankings"]["hybrid"]["NDCG@10"]["by_month"]
        return ranked

    usual = answer(run("evaluate", "--config", followed.file, "--json"))
    tuned = answer(run("evaluate", "--config", followed.file, "--tune", "--json"))
    assert by_month(tuned) == by_month(usual)
    found = answer(run("evaluate", "--config", followed.file, "--json"))
    assert "others, which were chosen without it" in found["mind"][-1]
    weights = {part: one["weight"] for part, one in found["parts"].items()}
    assert weights == tuned["tuning"]["weights"]
    # Whatever weights are in use, they have no say.
    with followed.store() as store:
        at = store.last_cycles(DEFAULT, 1)[0].started_at
        store.save_tuned_weights(DEFAULT, dict.fromkeys(PARTS, 0.0) | {"venue": 1.0}, at=at)
    again = answer(run("evaluate", "--config", followed.file, "--json"))
    assert by_month(again) == by_month(found)
    assert again["can_be_said"] == found["can_be_said"]
    assert again["parts"]["venue"]["weight"] == 1
    # Too few months to choose by leave the usual ones.
    few = answer(run("evaluate", "--config", followed.file, "--months", 3, "--json"))
    assert by_month(few) == by_month(usual)[-3:]
    assert "ranked by the usual ones" in few["mind"][-1]


def test_where_nothing_better_is_found_the_weights_stay(run: Run, read: Own) -> None:
    found = run("evaluate", "--config", read.file, "--tune")
    assert "The weights stay as they are: no other ones are better" in found.stdout
    with read.store() as store:
        assert store.tuned_weights(DEFAULT) is None


def test_weights_that_are_no_better_any_more_are_given_up(run: Run, read: Own) -> None:
    found = answer(run("evaluate", "--config", read.file, "--json"))
    weights = {part: one["weight"] for part, one in found["parts"].items()}
    with read.store() as store:
        at = store.last_cycles(DEFAULT, 1)[0].started_at
        store.save_tuned_weights(DEFAULT, weights, at=at)
    told = run("evaluate", "--config", read.file, "--tune").stdout
    assert "The tuned weights are given up: no other ones are better" in told
    with read.store() as store:
        assert store.tuned_weights(DEFAULT) is None


def test_weights_of_other_parts_are_told_of(run: Run, followed: Own) -> None:
    with followed.store() as store:
        at = store.last_cycles(DEFAULT, 1)[0].started_at
        store.save_tuned_weights(DEFAULT, {"aura": 1.0}, at=at)
    for command in ("evaluate", "run"):
        found = run(command, "--config", followed.file)
        assert found.returncode == 1
        assert "run shelfwise evaluate --forget-tuned" in invented.sentence(found.stderr)
    assert run("evaluate", "--config", followed.file, "--forget-tuned").returncode == 0
    assert run("run", "--config", followed.file).returncode == 0


def test_without_the_extra_a_plot_says_what_to_install(
    run: Run, read: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.cli.plotting.find_spec", lambda _: None)
    found = run("evaluate", "--config", read.file, "--plot", read.folder / "out.svg")
    assert found.returncode == 2
    assert "pip install 'shelfwise[plot]'" in invented.sentence(found.stderr)


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="the extra is missing")
def test_a_plot_is_drawn_and_drawn_again_but_never_over_anothers_file(run: Run, read: Own) -> None:
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        path = read.folder / f"out.{kind}"
        found = run("evaluate", "--config", read.file, "--plot", path)
        assert found.stderr == f"wrote {path}\n"
        drawn = path.read_bytes()
        assert drawn.startswith(start)
        assert run("evaluate", "--config", read.file, "--plot", path).returncode == 0
        assert path.read_bytes() == drawn
        path.write_bytes(start + b"not ours")
        found = run("evaluate", "--config", read.file, "--plot", path)
        assert found.returncode == 2
        assert "not of our making" in invented.sentence(found.stderr)
        assert path.read_bytes() == start + b"not ours"


def test_json_is_json_even_where_nothing_can_be_said(run: Run, own: Own, library: Path) -> None:
    found = run("evaluate", library, own.page, "--months", 1, "--json")
    # NaN would be none.
    parsed = json.loads(found.stdout, parse_constant=pytest.fail)
    assert parsed["rankings"]["hybrid"]["NDCG@10"]["low"] is None
