"""``shelfwise explain``: why a paper has its score."""

import json
from typing import Any

from tests.system import invented
from tests.system.own import Own, Run


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_suggestion_is_explained_part_by_part_as_it_was_made(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    one = suggested[1]
    # Nothing of the library or the listing is read again.
    own.library.unlink()
    own.page.unlink()
    found = run("explain", one["ids"]["doi"], "--config", own.file)
    assert (found.returncode, found.stderr) == (0, "")
    text = flat(found.stdout)
    assert one["title"] in text
    for reason in one["reasons"]:
        assert flat(reason["text"]) in text
    assert "waiting for you." in text
    shares = [float(word) for word in text.split() if word.count(".") == 1 and word[0] == "0"]
    assert round(sum(shares[1:]), 2) == shares[0]


def test_a_paper_below_the_threshold_is_scored_and_the_reason_told(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    own.settle('[outputs]\nhtml = "out.html"\n[selection]\nlimit = 4\nthreshold = 0.99')
    titles = {one["title"] for one in suggested}
    left = next(p for p in invented.papers("bee", 6, 100) if p["title"] not in titles)
    found = run("explain", left["title"], "--config", own.file)
    assert found.returncode == 0, found.stderr
    assert left["title"] in flat(found.stdout)
    assert "is below the threshold of 0.99" in flat(found.stdout)
    assert "close to “" in flat(found.stdout)


def test_what_found_no_place_and_what_the_reader_has_is_told(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    own.settle('[outputs]\nhtml = "out.html"\n[selection]\nlimit = 1\nthreshold = 0.0')
    titles = {one["title"] for one in suggested}
    left = [
        paper
        for topic in invented.MINE
        for paper in invented.papers(topic, 6, 100)
        if paper["title"] not in titles
    ]
    told = [
        flat(run("explain", p["ids"]["doi"], "--config", own.file).stdout).rpartition(
            "Not suggested: "
        )[2]
        for p in left
    ]
    assert sum("the next one suggests it" in line for line in told) == 1
    assert sum("no place left; others were better" in line for line in told) == len(told) - 1
    # One that the reader has by now, as far as the last run knows.
    both = own.library.read_text(encoding="utf-8") + invented.bibtex([left[0]]).replace(
        "key0", "new"
    )
    own.library.write_text(both, encoding="utf-8")
    assert run("run", "--config", own.file).returncode == 0
    found = run("explain", left[0]["ids"]["doi"], "--config", own.file)
    assert "already in the library" in flat(found.stdout)


def test_what_was_never_listed_is_told(run: Run, own: Own, suggested: list[dict[str, Any]]) -> None:
    assert suggested
    for text in ("no words of any title", "10.5555/none", "2101.00001"):
        found = run("explain", text, "--config", own.file)
        assert found.returncode == 2
        assert "no listed paper is called this" in invented.sentence(found.stderr)


def test_where_a_paper_was_listed_is_told_with_its_votes(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    left = next(invented.papers("ceramic", 6, 100))
    voted = json.dumps({**left, "votes": 12}) + "\n"
    (own.folder / "page of ours.jsonl").write_text(voted, encoding="utf-8")
    assert run("run", "--config", own.file).returncode == 0
    told = flat(run("explain", left["title"], "--config", own.file).stdout)
    assert "page page of ours.jsonl, place 1, 12 votes." in told
    assert "page page.jsonl, place 19." in told
    # Of what was suggested, too.
    told = flat(run("explain", suggested[0]["ids"]["doi"], "--config", own.file).stdout)
    assert "page*.jsonl, page page.jsonl, place " in told


def test_a_followed_paper_is_told_of_as_one(
    run: Run, own: Own, suggested: list[dict[str, Any]]
) -> None:
    first, second = list(invented.papers("ceramic", 6, 100))[:2]
    author = first["authors"][0]
    for limit, why in (
        (10, f"the next one suggests it: you follow {author}."),
        (0, f"; you follow {author}, but follow.limit leaves it no place."),
    ):
        own.settle(
            f'[follow]\nauthors = ["{author}"]\nlimit = {limit}',
            "[selection]\nlimit = 1\nthreshold = 0.99",
        )
        told = flat(run("explain", second["ids"]["doi"], "--config", own.file).stdout)
        assert told.count(why) == 1, told
    assert suggested
