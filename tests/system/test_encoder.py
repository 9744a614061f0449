"""A language model in the config: it is asked once for each text, and never silently left out."""

import pytest

from recommender import registry
from recommender.model.evaluation import HYBRID, NO_ENCODER
from recommender.testing.encoders import FakeEncoder
from tests.system import invented
from tests.system.own import Own, Run, answer
from tests.system.test_evaluate import EACH, N_MONTHS, dated

NAMED = '[model.encoder]\nkind = "fake"\nplace = "here"\nmodel = "small"\nkey = "env:MODEL_KEY"'
NOBODY = '[model.encoder]\nkind = "endpoint"\nplace = "http://127.0.0.1:9/v1"\nmodel = "small"'


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    """What opens when the settings name it."""
    fake = FakeEncoder()

    def opened(place: str, /, *, model: str = "", key: str = "") -> FakeEncoder:
        assert (place, model, key) == ("here", "small", "sk-secret")
        return fake

    monkeypatch.setenv("MODEL_KEY", "sk-secret")
    monkeypatch.setattr(registry, "encoder", {"fake": opened}.__getitem__)
    return fake


def test_each_text_is_asked_for_once(run: Run, own: Own, encoder: FakeEncoder) -> None:
    own.settle("[selection]\nlimit = 4", NAMED)
    assert run("run", "--dry-run", "--config", own.file).returncode == 0
    n_texts = len(encoder.asked)
    assert n_texts == 48
    encoder.asked.clear()
    found = answer(run("run", "--config", own.file, "--json"))["suggestions"]
    assert len(found) == 4
    assert len(encoder.asked) == n_texts
    for command in (["run"], ["explain", found[0]["title"]], ["run"]):
        assert run(*command, "--config", own.file).returncode == 0
    assert len(encoder.asked) == n_texts
    new = [*invented.papers(invented.MINE[0], 1, 70)]
    (own.folder / "page2.jsonl").write_text(invented.lines(new), encoding="utf-8")
    assert run("run", "--config", own.file).returncode == 0
    assert encoder.asked[n_texts:] == [f"{new[0]['title']}\n{new[0]['abstract']}"]


def test_a_config_names_it_for_files_too(run: Run, own: Own, encoder: FakeEncoder) -> None:
    own.settle(NAMED)
    assert run("recommend", own.library, own.page).returncode == 0
    assert encoder.asked == []
    assert run("recommend", own.library, own.page, "--config", own.file).returncode == 0
    assert len(encoder.asked) == 48


def test_an_evaluation_shows_what_it_gains(run: Run, own: Own, encoder: FakeEncoder) -> None:
    rows = zip(*(invented.papers(topic, 11) for topic in invented.MINE), strict=True)
    papers = [paper for row in rows for paper in row][: N_MONTHS * EACH]
    own.library.write_text(dated(papers), encoding="utf-8")
    own.page.write_text(invented.lines([*invented.papers("ceramic", 25, 100)]), encoding="utf-8")
    own.settle(NAMED)
    files = ("evaluate", own.library, own.page)
    plain = answer(run(*files, "--json"))["rankings"]
    assert NO_ENCODER not in plain
    assert encoder.asked == []
    found = answer(run(*files, "--json", "--config", own.file))["rankings"]
    assert list(found)[:2] == [HYBRID, NO_ENCODER]
    for measure, figures in plain[HYBRID].items():
        assert found[NO_ENCODER][measure]["by_month"] == figures["by_month"]
    assert len(set(encoder.asked)) == len(encoder.asked) > N_MONTHS * EACH


def test_one_that_does_not_answer_fails_the_run_in_one_line(run: Run, own: Own) -> None:
    own.settle(NOBODY)
    failed = run("run", "--config", own.file)
    assert failed.returncode != 0
    assert "nothing answers at 127.0.0.1:9; start the endpoint, then run again" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert own.states() == {}
