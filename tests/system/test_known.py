"""What is known of the reader beside suggestions: exported, told by status, and forgotten."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recommender.config import DEFAULT
from recommender.cycle.telling import stop
from recommender.editions import Edition, Told
from recommender.guidance import Pinned
from recommender.model.judging import content_of
from tests.system.own import Own, Run, answer

AT = datetime(2024, 3, 5, 7, 30, tzinfo=UTC)
CHANNEL = "mail to ada@example.org"
SECRET = "https://papers.example.org/answer/good?token=abc"
CITED = {"at": AT.isoformat(), "asked": {"a": AT.isoformat()}, "cites": ["doi:10.1/x"], "ids": []}


@pytest.fixture
def known(own: Own, suggested: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The suggestions of a reader of whom all is known that can be."""
    with own.store() as store:
        best = store.shown(DEFAULT)[0].suggestion
        edition = Edition(
            edition_id="default/2024-03-05",
            profile=DEFAULT,
            at=AT,
            told=(Told(suggestion=best, gist="Bees dance.", gist_by="a-model", good=SECRET),),
            looked="Looked at 3 new papers from 1 source.",
            alarms=("a source is stale",),
            stop=SECRET,
        )
        store.begin_edition(CHANNEL, edition)
        store.record_sent(DEFAULT, CHANNEL, edition.edition_id)
        store.keep_summary("a-model", "", content_of(best.paper).hex(), "Bees dance.", at=AT)
        stop(store, DEFAULT, CHANNEL, AT)
        key = next(iter(store.library(str(own.library)).items)).key
        store.pin(DEFAULT, Pinned("Waggling", (key, "gone"), 0.5), at=AT)
        store.pin(DEFAULT, Pinned("Poems", (), 0.0), at=AT)
        store.memory("enriching")["cites doi:10.1000/own"] = json.dumps(CITED)
        store.memory("enriching")["cites doi:10.1000/damaged"] = "{"
    return suggested


def test_what_went_to_others_and_what_was_made_of_interests_is_exported(
    run: Run, own: Own, known: list[dict[str, Any]]
) -> None:
    whole = answer(run("export", "--config", own.file))
    found = whole["profiles"][DEFAULT]
    poems, waggling = found["made_of_interests"]
    assert poems == {"name": "Poems", "factor": 0.0, "papers": []}
    assert (waggling["name"], waggling["factor"]) == ("Waggling", 0.5)
    assert waggling["papers"] == [found["library"]["items"][0]["title"], "gone"]
    [(name, channel)] = found["digest"].items()
    assert (name, channel["stopped"]) == (CHANNEL, True)
    [edition] = channel["editions"]
    [told] = edition["suggestions"]
    first = found["suggestions"][0]
    assert told == {
        "id": first["id"],
        "title": first["title"],
        "sentence": "Bees dance.",
        "written_by": "a-model",
    }
    assert channel["told"] == [first["id"]]
    assert (edition["made_at"], edition["sent"]) == (AT.isoformat(), True)
    assert edition["alarms"] == ["a source is stale"]
    assert first["summaries"] == [{"model": "a-model", "language": "", "text": "Bees dance."}]
    assert [one["summaries"] for one in found["suggestions"][1:]] == [[]] * (len(known) - 1)
    assert whole["asked_of_catalogues"] == {"doi:10.1000/own": CITED}
    assert "token" not in json.dumps(whole)


@pytest.mark.usefixtures("known")
def test_who_is_forgotten_has_no_digest_summary_or_pin_left(run: Run, own: Own) -> None:
    assert run("forget", "all", "--yes", "--config", own.file).returncode == 0
    text = run("export", "--config", own.file).stdout
    assert "Bees dance." not in text
    assert "a source is stale" not in text
    found = json.loads(text)
    assert found["asked_of_catalogues"] == {}
    assert found["profiles"][DEFAULT]["made_of_interests"] == []
    channel = found["profiles"][DEFAULT]["digest"][CHANNEL]
    # So nothing is sent again, and nothing to whom wants no more.
    assert (len(channel["told"]), channel["stopped"]) == (1, True)
    assert [one["suggestions"] for one in channel["editions"]] == [[]]


@pytest.mark.usefixtures("known")
def test_a_forgotten_interest_is_what_the_model_makes_of_it(run: Run, own: Own) -> None:
    found = run("forget", "waggling", "--config", own.file)
    assert found.stdout == "What you made of Waggling is taken back.\n"
    with own.store() as store:
        assert [pin.called for pin in store.pins(DEFAULT)] == ["Poems"]
        name = store.shown(DEFAULT)[0].suggestion.interest
        store.pin(DEFAULT, Pinned(name, ()), at=AT)
    said = run("forget", name, "--config", own.file).stdout
    assert said.startswith(f"Of {name} nothing was learnt")
    assert said.endswith(f". What you made of {name} is taken back.\n")
    with own.store() as store:
        assert [pin.called for pin in store.pins(DEFAULT)] == ["Poems"]


@pytest.mark.usefixtures("known")
def test_status_says_how_each_channel_stands(run: Run, own: Own) -> None:
    with own.store() as store:
        edition = Edition(edition_id="default/2024-03-06", profile=DEFAULT, at=AT, looked="x")
        store.begin_edition("slack at env:CHAT", edition)
        store.memory(f"channels of {DEFAULT}")["mail"] = AT.isoformat()
        store.memory(f"channels of {DEFAULT}")["old"] = AT.isoformat()
        failures = [
            {"where": "mail", "error": "PermanentError"},
            {"where": "a source", "error": "TransientError"},
        ]
        store.record_cycle(DEFAULT, datetime.now(UTC), datetime.now(UTC), {"failures": failures})
    day = f"{AT.astimezone():%Y-%m-%d at %H:%M}"
    lines = run("status", "--config", own.file).stdout.splitlines()
    lines = [line.strip() for line in lines]
    at = lines.index("Digest:")
    stopped = "stopped by whoever gets it (shelfwise digest start sends it again)"
    waits = f"that of {day} may not have arrived, and goes out again with the next run"
    assert lines[at + 1 : at + 5] == [
        "mail: nothing was sent yet; failed in the last run (shelfwise doctor says more)",
        f"{CHANNEL}: {stopped}; last sent on {day}",
        f"slack at env:CHAT: nothing was sent yet; {waits}",
        "",
    ]
    found = answer(run("status", "--config", own.file, "--json"))["digest"]
    assert found[1:] == [
        {
            "channel": CHANNEL,
            "last_sent_at": AT.isoformat(),
            "waiting_since": None,
            "stopped": True,
            "failure": "",
        },
        {
            "channel": "slack at env:CHAT",
            "last_sent_at": None,
            "waiting_since": AT.isoformat(),
            "stopped": False,
            "failure": "",
        },
    ]
    assert found[0]["failure"] == "PermanentError"


@pytest.mark.usefixtures("suggested")
def test_without_a_digest_status_says_nothing_of_one(run: Run, own: Own) -> None:
    assert "Digest" not in run("status", "--config", own.file).stdout
    assert answer(run("status", "--config", own.file, "--json"))["digest"] == []
