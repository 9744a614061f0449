"""The pages that show what was suggested, and how sources and runs were."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from recommender import health, runs
from recommender.agenda import Work, work_of
from recommender.page import rendering
from recommender.page.answering import MEANINGS
from recommender.page.site import Asked, Site
from recommender.store import CycleRecord
from recommender.store.archive import Standing
from recommender.suggestions import Shown, State, Verdict
from recommender.wording import visible

N_IN_ARCHIVE = 25
"""How many suggestions a page of the archive shows."""

_N_RUNS = 30
_STANDINGS = {
    Standing.WAITING: "waiting for you",
    Standing.GOOD: "good, or kept",
    Standing.BAD: "not for you, or dismissed",
    Standing.PASSED: "let pass",
}


def today(site: Site, asked: Asked) -> Response:
    """What was suggested last, the best first, and what the last run looked at."""
    settings = site.profile(asked)
    with site.opened() as store:
        shown = store.last_shown(settings.name)
        cycles = store.last_cycles(settings.name, _N_RUNS)
    last = next((one for one in cycles if work_of(one.record) is Work.PUBLISH), None)
    return site.page(
        asked,
        "today",
        settings,
        papers=[paper(one, dated=False) for one in shown],
        day=day(shown[0].suggestion.suggested_at) if shown else "",
        looked=visible(runs.looked([last.record])) if last and last.record.get("sources") else "",
        later=visible(_later(last, shown)),
    )


def _later(last: CycleRecord | None, shown: Sequence[Shown]) -> str:
    """What is to be said of a run after the one that suggested what is shown."""
    if last is None:
        return "No run yet: shelfwise run does the first one."
    if shown and last.started_at <= shown[0].suggestion.suggested_at:
        return ""
    on = day(last.started_at)
    if not runs.is_whole(last.record):
        return f"The run on {on} failed; see what it did under Runs."
    if last.record["suggestions"]:
        return ""
    return f"The run on {on} was quiet: {runs.why_quiet(last.record)}."


def archive(site: Site, asked: Asked) -> Response:
    """All that was ever suggested, searched and by the page."""
    settings = site.profile(asked)
    text, said = visible(asked.query.get("q", "")), asked.query.get("state", "")
    if said and said not in set(Standing):
        raise HTTPException(HTTPStatus.NOT_FOUND, "No suggestion can be in such a state.")
    standing = Standing(said) if said else None
    n = _number(asked.query.get("page", "") or "1")
    with site.opened() as store:
        start = (n - 1) * N_IN_ARCHIVE
        found = store.search(settings.name, text, standing, start=start, n=N_IN_ARCHIVE)
    if n > 1 and not found.shown:
        raise HTTPException(HTTPStatus.NOT_FOUND, "The archive has no such page.")
    return site.page(
        asked,
        "archive",
        settings,
        papers=[paper(one) for one in found.shown],
        n=found.n,
        q=text,
        state=said,
        states=_STANDINGS,
        number=n,
        n_pages=max(1, -(-found.n // N_IN_ARCHIVE)),
    )


def _number(text: str) -> int:
    """The number of a page, from 1.

    Raises:
        HTTPException: If it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < _LONG and int(text)):
        raise HTTPException(HTTPStatus.NOT_FOUND, "The archive has no such page.")
    return int(text)


_LONG = 10


def one(site: Site, asked: Asked) -> Response:
    """One suggestion."""
    with site.opened() as store:
        found = store.one_shown(asked.named["suggestion"])
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "No suggestion is called this.")
    whose, shown = found
    return site.page(asked, "one", site.named(whose), paper=paper(shown))


def sources(site: Site, asked: Asked) -> Response:
    """How each source is."""
    settings = site.profile(asked)
    with site.opened() as store:
        cycles = store.last_cycles(settings.name, health.REMEMBERED)
    found = health.healths((one.started_at, one.record) for one in cycles)
    told = [
        {
            "name": visible(one.source),
            "condition": one.condition.value,
            "says": _without(one.condition, visible(one.says)),
            "counts": runs.counts(one.told),
            "last_new": day(one.last_new_at) if one.last_new_at else "never",
        }
        for one in found
    ]
    at = day(cycles[0].started_at) if cycles else ""
    return site.page(asked, "sources", settings, sources=told, day=at)


def _without(condition: health.Condition, says: str) -> str:
    """The sentence without its first word, which stands beside it."""
    rest = says.removeprefix(condition.value).lstrip(": ")
    return f"{rest[:1].upper()}{rest[1:]}."


def past(site: Site, asked: Asked) -> Response:
    """What the last runs did."""
    settings = site.profile(asked)
    with site.opened() as store:
        cycles = store.last_cycles(settings.name, _N_RUNS)
    return site.page(asked, "runs", settings, runs=[_run(one) for one in cycles])


def _run(one: CycleRecord) -> Mapping[str, Any]:
    work = work_of(one.record)
    outcome = runs.outcome(one.record) if work is Work.PUBLISH else f"{_ONLY[work]} alone was read"
    return {
        "at": one.started_at.isoformat(timespec="seconds"),
        "day": f"{day(one.started_at)}, {one.started_at.astimezone():%H:%M}",
        "outcome": visible(outcome),
        "details": [visible(line) for line in runs.details(one.record)],
        "seconds": f"{(one.finished_at - one.started_at).total_seconds():.1f}",
        "stages": [
            (visible(name), f"{took:.1f}") for name, took in one.record.get("seconds", {}).items()
        ],
    }


_ONLY = {Work.INGEST: "what is listed", Work.SYNC: "the library"}


def paper(shown: Shown, *, dated: bool = True) -> Mapping[str, Any]:
    """What the templates say of a suggestion and of what became of it.

    Args:
        shown: The suggestion.
        dated: Whether it says when it was suggested, by this computer's clock.
    """
    suggestion = shown.suggestion
    mark, said = _said(shown)
    on = suggestion.suggested_at.astimezone().date().isoformat() if dated else ""
    return {
        **rendering.words(suggestion, on),
        "id": suggestion.suggestion_id,
        "verdict": shown.verdict.value if shown.verdict else "",
        "can_undo": shown.verdict in {Verdict.GOOD, Verdict.BAD}
        or (shown.state is State.DISMISSED and shown.verdict is None),
        "mark": mark,
        "said": said,
    }


def _said(shown: Shown) -> tuple[str, str]:
    """What became of a suggestion: good, bad or neither, and a sentence."""
    if shown.verdict is Verdict.GOOD:
        return "good", f"More like this: it {MEANINGS['good']}, from the next run on."
    if shown.verdict is Verdict.BAD:
        return "bad", f"Not for you: it {MEANINGS['bad']}, from the next run on."
    if shown.verdict is Verdict.FORGOTTEN:
        return "", "Forgotten: nothing is learnt of it, and it does not come again."
    if shown.verdict is Verdict.UNDONE:
        return "", f"Taken back: it {MEANINGS['undo']}, from the next run on."
    return _BECAME[shown.state]


_BECAME = {
    State.PENDING: ("", ""),
    State.DELIVERED: ("", ""),
    State.KEPT: ("good", "You kept it."),
    State.DISMISSED: ("bad", "You dismissed it."),
    State.EXPIRED: ("", "You let it pass."),
}


def day(at: datetime) -> str:
    """A day as people write it, by this computer's clock: ``Tuesday, 5 March 2024``."""
    return f"{at.astimezone():%A, %d %B %Y}".replace(" 0", " ")
