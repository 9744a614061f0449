"""No key, title, note or abstract is in any log line, error or record, whatever goes wrong."""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import pytest

from integrations.web.testing.exchange import HTML, JSON
from integrations.web.testing.server import Fault
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.client import Client
from integrations.zotero.testing.local import LocalApi10
from recommender import cycle
from recommender.config import Settings
from recommender.errors import RecommenderError
from recommender.secrets import Secret
from recommender.store import Store
from tests.zotero import harm
from tests.zotero.faults import QUICK, TROUBLES, Spread, Trouble, play
from tests.zotero.harm import FIRST, RETIRING, SECOND, Story
from tests.zotero.worlds import KEY, PROFILE, InOrder, Way, ZoteroWorld, paper

WAYS: tuple[Way, ...] = get_args(Way)

TITLE = "Medlars of the west: a private reckoning"
ABSTRACT = "Nobody is to know that medlars bletted early."
NOTE = "My neighbour's medlars are worse"
TAG = "neighbours"
PRIVATE = (
    *(TITLE, ABSTRACT, NOTE, TAG),
    # Of the rest of the library, of what is suggested, and of its notes.
    *("Pears of the south", "A shelf of apples", "Quinces", "Poire", "Orchard survey", "We count"),
    *("Why this paper", "close to"),
)
QUOTED = f"{TITLE} / {ABSTRACT} / {NOTE} / {TAG} / {KEY}"


def _quoting(status: int, text: str, kind: str = HTML, **more: str) -> Fault:
    headers = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in more.items()}}
    return Fault(status, headers, text.encode())


# Zotero quotes in its complaints what it was sent; a proxy may quote anything.
QUOTING = (
    _quoting(400, f"'{QUOTED}' is not a valid value"),
    _quoting(403, f"Forbidden {QUOTED}"),
    _quoting(404, f"Key '{KEY}' not found"),
    _quoting(409, f"Collection {TITLE} not found"),
    _quoting(412, f"Item has been modified since {QUOTED}"),
    _quoting(413, f"Title field value '{TITLE}' too long"),
    _quoting(428, QUOTED),
    _quoting(429, QUOTED, Retry_After=QUOTED),
    _quoting(500, QUOTED),
    _quoting(502, f"<html>{QUOTED}</html>"),
    _quoting(302, QUOTED, Location=f"https://login.invalid/?key={KEY}"),
    _quoting(200, QUOTED),
    _quoting(200, f'{{"title": "{TITLE}", "key": "{KEY}', JSON),
    _quoting(200, json.dumps([{"key": KEY, "data": {"title": TITLE, "note": NOTE}}]), JSON),
    _quoting(200, json.dumps({"userID": KEY, "items": TITLE, "key": 3}), JSON),
    _quoting(200, json.dumps(QUOTED), JSON, Last_Modified_Version=KEY, Total_Results=KEY),
    Fault(headers={"Last-Modified-Version": TITLE, "Total-Results": KEY}),
)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that is logged at the levels that a person can ask for."""
    caplog.set_level(logging.INFO)
    # Where sources are asked too, it is told to be quiet.
    caplog.set_level(logging.INFO, logger="httpx2")
    for ours in ("recommender", "integrations"):
        caplog.set_level(logging.DEBUG, logger=ours)
    return caplog


def _everything_told(world: ZoteroWorld, store: Store, story: Story) -> Iterator[str]:
    """One run: each text that anybody could come to see of it."""
    now = story.at
    errors: list[BaseException] = []
    try:
        record = cycle.run(world.machine(store, now), InOrder(), store, now=now)
    except RecommenderError as error:
        errors.append(error)
    else:
        errors += [failure.error for failure in record.failures]
        yield json.dumps(record.told())
    for found in errors:
        yield "".join(traceback.format_exception(found))
        for one in _chain(found):
            yield from (str(one), repr(one), *getattr(one, "__notes__", ()))
    for kept in store.last_cycles(PROFILE, 9):
        yield json.dumps(dict(kept.record))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that was raised before it, told with it or not."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, None if one.__suppress_context__ else one.__context__]


def _secrets(world: ZoteroWorld, store: Store) -> list[str]:
    given = [value for name, value in store.memory("zotero").items() if "local key" in name]
    return [*PRIVATE, KEY, *given]


def _furnish(world: ZoteroWorld) -> None:
    own = paper(TITLE, "PEARS222", abstractNote=ABSTRACT, tags=[{"tag": TAG}])
    kept = world.library.put("items", own, by=1)
    note = {"itemType": "note", "note": f"<p>{NOTE}</p>", "parentItem": kept.key, "tags": []}
    world.library.put("items", note, by=1)


def _check(
    way: Way,
    story: Story,
    fault: Fault,
    position: int,
    heard: pytest.LogCaptureFixture,
    spread: Spread = "on",
) -> None:
    heard.clear()
    with harm.told(way, story) as (world, store):
        _furnish(world)
        play(world.server, position, fault, spread)
        if fault.delay:
            world.timeout = QUICK
        told = list(_everything_told(world, store, story))
        log = [heard.text, *(_of_record(record) for record in heard.records)]
        for secret in _secrets(world, store):
            for text in (*told, *log):
                assert secret not in text, (secret, text)
        assert len(told) > 1


def _of_record(record: logging.LogRecord) -> str:
    """A log record with all that a handler could make of it."""
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return f"{record.getMessage()} {record.msg} {record.args} {trace}"


def _some(way: Way, story: Story, index: int, stride: int) -> range:
    return range(index % stride, len(harm.unharmed(way, story).requests), stride)


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_nothing_private_is_told_of_a_trouble(
    trouble: Trouble, heard: pytest.LogCaptureFixture
) -> None:
    index = TROUBLES.index(trouble)
    way = WAYS[index % 2]
    for position in [p for p in _some(way, FIRST, index, 7) if not trouble.stalls or p > 1][:2]:
        _check(way, FIRST, trouble.fault, position, heard)


@pytest.mark.parametrize("index", range(len(QUOTING)))
@pytest.mark.parametrize("way", WAYS)
def test_nothing_private_is_told_of_an_answer_that_quotes_it(
    way: Way, index: int, heard: pytest.LogCaptureFixture
) -> None:
    for story in (FIRST, SECOND, RETIRING):
        for position in _some(way, story, index, 9):
            _check(way, story, QUOTING[index], position, heard)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_nothing_private_is_told_whatever_goes_wrong_wherever(
    way: Way, heard: pytest.LogCaptureFixture
) -> None:
    for story in (FIRST, SECOND, RETIRING):
        for position in range(len(harm.unharmed(way, story).requests)):
            for fault in QUOTING:
                _check(way, story, fault, position, heard, "once")
                _check(way, story, fault, position, heard, "on")


@pytest.mark.parametrize("way", WAYS)
def test_nothing_private_is_told_of_what_zotero_does_not_take(
    way: Way, heard: pytest.LogCaptureFixture
) -> None:
    requests = harm.unharmed(way, FIRST).requests
    writes = [i for i, (method, path) in enumerate(requests) if (method, path[-6:]) == _POSTS]
    assert writes
    for position in writes:
        n = {"web": 4, "local": 1}[way]
        why = {"code": 413, "message": f"Title field value '{TITLE}' too long"}
        report = {"successful": {}, "unchanged": {}, "failed": {str(i): why for i in range(n)}}
        headers = {"Content-Type": JSON, "Last-Modified-Version": "99"}
        _check(way, FIRST, Fault(200, headers, json.dumps(report).encode()), position, heard)


_POSTS = ("POST", "/items")


@pytest.mark.parametrize("way", WAYS)
def test_what_goes_well_is_not_talked_about_either(
    way: Way, heard: pytest.LogCaptureFixture
) -> None:
    for story in (FIRST, SECOND, RETIRING):
        with harm.told(way, story) as (world, store):
            _furnish(world)
            told = list(_everything_told(world, store, story))
            # That the levels are what they are to be: requests are logged, with their addresses.
            assert "/items" in heard.text
            for secret in _secrets(world, store):
                for text in (*told, heard.text):
                    assert secret not in text
        heard.clear()


@pytest.mark.parametrize("way", WAYS)
def test_a_bug_tells_where_it_is_and_nothing_else(
    way: Way, heard: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody foresaw may quote anything."""

    def fails(*_: object, **__: object) -> None:
        raise ValueError(QUOTED)

    monkeypatch.setattr("integrations.zotero.shelf.ZoteroShelf.publish", fails)
    with harm.told(way, FIRST) as (world, store):
        told = list(_everything_told(world, store, FIRST))
        assert any("please report it" in text for text in told)
        assert "raise ValueError(QUOTED)" in heard.text
        for secret in _secrets(world, store):
            for text in (*told, heard.text):
                assert secret not in text


def test_nothing_that_can_be_printed_shows_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with harm.told("web", FIRST) as (world, store):
        account = ZoteroAccount(
            world.settings, key=KEY, memory=store.memory("zotero"), now=FIRST.at
        )
        monkeypatch.setenv("OWN_ZOTERO_KEY", KEY)
        settings = Settings.model_validate({"library": {"key": "env:OWN_ZOTERO_KEY"}})
        with Client.web(world.address, "users/1", KEY) as client:
            for shown in (
                *(account, account.shelf(), *account.libraries(), store.memory("zotero")),
                *(account._ways, account._wanted, client, client._http, client._zotero),
                *(Secret(KEY), settings, settings.library, world.machine(store)),
            ):
                assert KEY not in f"{shown!r} {shown}"
                assert KEY not in f"{getattr(shown, 'name', '')}"


@pytest.mark.parametrize("story", [FIRST, SECOND], ids=str)
def test_nothing_private_is_told_of_a_permission(
    story: Story, heard: pytest.LogCaptureFixture
) -> None:
    with harm.told("local", story) as (world, store):
        _furnish(world)
        told = list(_everything_told(world, store, story))
        assert isinstance(world.api, LocalApi10)
        world.api.authorisations.clear()
        world.n_listed += 2
        later = Story("later", story.prepare, story.at + timedelta(days=1))
        told += _everything_told(world, store, later)
        assert any("permission" in text for text in told)
        secrets = _secrets(world, store)
        assert len(secrets) == len(PRIVATE) + 2
        for secret in secrets:
            for text in (*told, heard.text):
                assert secret not in text
