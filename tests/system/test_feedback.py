"""``shelfwise feedback``: what the reader says outright."""

from typing import Any

from recommender.config import DEFAULT
from recommender.suggestions import Verdict
from tests.system import invented
from tests.system.own import Own, Run


def verdicts(own: Own) -> dict[str, Verdict | None]:
    with own.store() as store:
        return {one.suggestion.paper.title: one.verdict for one in store.shown(DEFAULT)}


def test_a_verdict_stands_and_can_be_taken_back(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    title, doi = suggested[0]["title"], suggested[0]["ids"]["doi"]
    found = run("feedback", doi, "bad", "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith(f"“{title}” counts as dismissed")
    assert run("run", "--config", own.file).returncode == 0
    assert own.states()[title] == "dismissed"
    assert "said so already" in run("feedback", doi, "bad", "--config", own.file).stdout
    assert run("feedback", title, "undo", "--config", own.file).returncode == 0
    assert run("run", "--config", own.file).returncode == 0
    assert own.states()[title] == "delivered"
    assert run("feedback", f"https://doi.org/{doi}", "good", "--config", own.file).returncode == 0
    assert run("run", "--config", own.file).returncode == 0
    assert own.states()[title] == "kept"


def test_a_suggestion_goes_by_its_id_too(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    with own.store() as store:
        first = store.shown(DEFAULT)[0].suggestion
    found = run("feedback", first.suggestion_id[:8], "good", "--config", own.file)
    assert found.returncode == 0
    assert verdicts(own)[first.paper.title] is Verdict.GOOD
    assert list(verdicts(own).values()).count(None) == len(suggested) - 1


def test_what_is_not_clear_changes_nothing(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    titles = {one["title"] for one in suggested}
    unseen = next(p for p in invented.papers("ceramic", 6, 100) if p["title"] not in titles)
    for text, told in (
        ("no such words", "no suggestion is called this"),
        (unseen["ids"]["doi"], "was listed, but never suggested"),
        ("", "no suggestion is called this"),
    ):
        found = run("feedback", text, "good", "--config", own.file)
        assert found.returncode == 2
        assert told in invented.sentence(found.stderr)
    found = run("feedback", "study", "good", "--config", own.file)
    assert found.returncode == 2
    *shown, told = found.stderr.splitlines()
    assert {line.strip() for line in shown} == titles
    assert told == "shelfwise: study: may be any of 4 papers; give more words, or the DOI"
    assert set(verdicts(own).values()) == {None}
    assert run("feedback", "x", "perhaps", "--config", own.file).returncode == 2
