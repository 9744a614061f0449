"""How much a run asks of Zotero, and what it puts there, through real sockets."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from integrations.web.testing.exchange import Request
from integrations.zotero import client_patience
from integrations.zotero.client import BATCH, Client
from integrations.zotero.item_types import MAX_FIELD_BYTES
from recommender import cycle
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author, Kind, Paper
from recommender.records import Record
from recommender.store import Store
from recommender.testing.sources import FakeSource
from tests.zotero.worlds import NOW, InOrder, Way, ZoteroWorld, opened, paper, served

_ROOT = Path(__file__).parents[2]
LATER = NOW + timedelta(days=1)
OVER = NOW + timedelta(days=31)

ADA = {"creatorType": "author", "firstName": "Ada", "lastName": "Pomme"}
GROUP = {"creatorType": "author", "name": "The Orchard Group"}


@pytest.fixture(params=["web", "local"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def zotero(way: Way) -> Iterator[ZoteroWorld]:
    with served(way) as world:
        world.n_suggestions = world.n_listed = 8
        yield world


@pytest.fixture
def store() -> Iterator[Store]:
    with opened() as found:
        yield found


def asked(zotero: ZoteroWorld, store: Store, *, days: int = 0) -> tuple[list[Request], Record]:
    """What one run requests, without asking for permission, and its record."""
    profile = zotero.machine(store, NOW + timedelta(days=days))
    before = len(zotero.server.requests)
    record = cycle.run(profile, InOrder(), store, now=NOW + timedelta(days=days))
    assert not record.failures
    return zotero.server.requests[before:], record


def writes(requests: Sequence[Request]) -> list[Request]:
    return [request for request in requests if request.method != "GET"]


def called(n: int, what: str) -> str:
    """A title; the number is how well it scores."""
    return f"On an orchard {n} and its {what} 𝕏 🍐"


BOTH = (Author("Pomme", "Ada"), Author("The Orchard Group"))
LONG = "Pears 🍐 of the 𝒢arden. " * 4_000
ISBN = PaperId.of(Scheme.ISBN, "978-3-16-148410-0")
ARTICLE = Paper(
    title=called(1, "article"),
    abstract=LONG.strip(),
    authors=BOTH,
    venue="Journal of Pomology",
    published="2026-02-27",
    ids=(PaperId.of(Scheme.DOI, "10.1234/pears.1"), PaperId.of(Scheme.PMID, "34265844")),
    kind=Kind.ARTICLE,
)
CONFERENCE = Paper(
    title=called(2, "talk"),
    abstract="We count <b>apples</b> & pears.",
    authors=BOTH[:1],
    venue="Proceedings of the Apple Days",
    published="2026-02",
    ids=(PaperId.of(Scheme.DOI, "10.1234/days.2"), PaperId.of(Scheme.ARXIV, "2602.00002v3")),
    kind=Kind.CONFERENCE,
)
PREPRINT = Paper(
    title=called(3, "draft"),
    authors=BOTH,
    published="2026",
    ids=(PaperId.of(Scheme.ARXIV, "2602.00003"),),
    kind=Kind.PREPRINT,
)
BOOK = Paper(
    title=called(4, "book"), authors=BOTH, venue="Orchard Press", ids=(ISBN,), kind=Kind.BOOK
)
CHAPTER = Paper(
    title=called(5, "chapter"),
    authors=BOTH,
    venue="The Book of Pears",
    ids=(ISBN,),
    url="https://example.org/pears#5",
    kind=Kind.CHAPTER,
)
THESIS = Paper(
    title=called(6, "thesis"), authors=BOTH[:1], venue="University of Apples", kind=Kind.THESIS
)
REPORT = Paper(
    title=called(7, "report"),
    authors=BOTH[1:],
    venue="Institute of Fruit",
    ids=(PaperId.of(Scheme.ARXIV, "2602.00007"),),
    kind=Kind.REPORT,
)
OTHER = Paper(title=called(8, "poster"), authors=BOTH[:1], venue="Someone", kind=Kind.OTHER)
# A listed paper of each kind, and what a person expects to find in Zotero of it.
KINDS: tuple[tuple[Paper, dict[str, Any]], ...] = (
    (
        ARTICLE,
        {
            "itemType": "journalArticle",
            "creators": [ADA, GROUP],
            "abstractNote": LONG.encode()[:MAX_FIELD_BYTES].decode(errors="ignore").rstrip(),
            "publicationTitle": "Journal of Pomology",
            "date": "2026-02-27",
            "DOI": "10.1234/pears.1",
            "PMID": "34265844",
            "url": "https://doi.org/10.1234/pears.1",
        },
    ),
    (
        CONFERENCE,
        {
            "itemType": "conferencePaper",
            "creators": [ADA],
            "abstractNote": "We count <b>apples</b> & pears.",
            "proceedingsTitle": "Proceedings of the Apple Days",
            "date": "2026-02",
            "DOI": "10.1234/days.2",
            "url": "https://doi.org/10.1234/days.2",
            "extra": "arXiv: 2602.00002",
        },
    ),
    (
        PREPRINT,
        {
            "itemType": "preprint",
            "creators": [ADA, GROUP],
            "repository": "arXiv",
            "archiveID": "arXiv:2602.00003",
            "DOI": "10.48550/arXiv.2602.00003",
            "date": "2026",
            "url": "https://arxiv.org/abs/2602.00003",
        },
    ),
    (
        BOOK,
        {
            "itemType": "book",
            "creators": [ADA, GROUP],
            "publisher": "Orchard Press",
            "ISBN": "9783161484100",
            "url": ISBN.url,
        },
    ),
    (
        CHAPTER,
        {
            "itemType": "bookSection",
            "creators": [ADA, GROUP],
            "bookTitle": "The Book of Pears",
            "ISBN": "9783161484100",
            "url": "https://example.org/pears#5",
        },
    ),
    (
        THESIS,
        {"itemType": "thesis", "creators": [ADA], "university": "University of Apples"},
    ),
    (
        REPORT,
        {
            "itemType": "report",
            "creators": [GROUP],
            "institution": "Institute of Fruit",
            "url": "https://arxiv.org/abs/2602.00007",
            "extra": "arXiv: 2602.00007",
        },
    ),
    (OTHER, {"itemType": "document", "creators": [ADA], "publisher": "Someone"}),
)


class TestAnEmptyShelf:
    def test_gets_the_collection_and_an_item_of_the_right_kind_for_each(
        self, zotero: ZoteroWorld, store: Store
    ) -> None:
        source = FakeSource()
        source.publish(*(one for one, _ in KINDS), name="monday", at=NOW)
        profile = replace(zotero.machine(store, NOW), sources=[source])
        record = cycle.run(profile, InOrder(), store, now=NOW)
        assert not record.failures

        [shelf] = [
            key for key, c in zotero.library.collections.items() if c.data["name"] == "Shelfwise"
        ]
        assert not zotero.library.collections[shelf].data["parentCollection"]
        made = zotero.marked()
        marks = {s.paper.title: s.suggestion_id for s in record.suggestions}
        assert len(made) == len(marks) == len(KINDS)
        for listed, fields in KINDS:
            found = {name: value for name, value in made[listed.title].items() if value}
            mark = f"Shelfwise: {marks[listed.title]}"
            extra = "\n".join(filter(None, [str(fields.get("extra", "")), mark]))
            added = {name: found.pop(name) for name in ("key", "dateAdded", "dateModified")}
            assert found == {
                **fields,
                "title": listed.title,
                "collections": [shelf],
                "tags": [{"tag": "shelfwise", "type": 1}],
                "extra": extra,
            }
            self.check_note(zotero, added["key"], marks[listed.title], record.library.items[0].key)

    def check_note(self, zotero: ZoteroWorld, key: str, mark: str, reason: str) -> None:
        [note] = zotero.library.children("items", key)
        assert note.data["itemType"] == "note"
        assert not note.data.get("tags")
        text = note.data["note"]
        assert f'<a href="zotero://select/library/items/{reason}">close to “Pears”</a>' in text
        assert "<em>more like this</em>" in text
        assert "<em>not for me</em>" in text
        assert text.endswith(f"<p>Shelfwise suggestion {mark}</p>")

    def test_is_filled_in_few_requests(self, zotero: ZoteroWorld, store: Store) -> None:
        requests, record = asked(zotero, store)
        assert record.n_delivered == 8
        # On this computer each item is made, noted and then filed, so that nobody's view moves.
        assert len(writes(requests)) == (2 if zotero.way == "web" else 1 + 3 * 8)
        assert len(requests) - len(writes(requests)) <= 9

    def test_is_made_by_nobody_but_us(self, zotero: ZoteroWorld, store: Store) -> None:
        before = zotero.foreign()
        asked(zotero, store)
        assert zotero.foreign() == before


class TestARunWithoutChange:
    def test_writes_nothing_and_asks_five_times_at_most(
        self, zotero: ZoteroWorld, store: Store
    ) -> None:
        asked(zotero, store)
        # The second one still meets what the first one wrote.
        for most in (5, 2):
            requests, record = asked(zotero, store)
            assert not record.suggestions
            assert not writes(requests)
            assert len(requests) <= most


class TestChanges:
    @staticmethod
    def change(zotero: ZoteroWorld, n: int) -> None:
        """A third are edits, a third additions, a third deletions."""
        library = zotero.library
        papers = [k for k in library.items if k.startswith("KLD")]
        for place in range(n // 3):
            edited, deleted = papers[2 * place : 2 * place + 2]
            library.put("items", {**library.items[edited].data, "title": "Plums"}, edited)
            library.erase_item(deleted)
            library.put("items", paper(f"A new paper on plums, part {place}"))

    @pytest.mark.parametrize("n", [3, 300])
    def test_cost_a_page_for_every_fifty_of_them(
        self, zotero: ZoteroWorld, store: Store, n: int
    ) -> None:
        letters = "ABCDEFGHIJ"
        for place in range(2 * n // 3):
            key = "KLD" + "".join(letters[int(digit)] for digit in f"{place:05}")
            zotero.library.put("items", paper(f"Pears of the north, part {place}"), key)
        asked(zotero, store)
        asked(zotero, store)
        quiet, _ = asked(zotero, store)

        self.change(zotero, n)
        requests, record = asked(zotero, store)

        assert not writes(requests)
        n_read = 2 * n // 3
        assert len(requests) <= len(quiet) + 3 + ceil(n_read / BATCH) <= 8 + n // BATCH
        assert sum(item.paper.title == "Plums" for item in record.library.items) == n // 3


class TestWhatIsOver:
    def test_is_trashed_in_few_requests(self, zotero: ZoteroWorld, store: Store) -> None:
        asked(zotero, store)
        before = zotero.foreign()
        requests, record = asked(zotero, store, days=31)

        assert record.n_tidied == 8
        # All at once on the web; a write can be bound to one item's version only on this computer.
        n_writes = 1 if zotero.way == "web" else 8
        assert len(writes(requests)) == n_writes
        assert len(requests) <= n_writes + 9
        sent = [json.loads(write.body) for write in writes(requests)]
        for change in sent[0] if zotero.way == "web" else sent:
            assert change.keys() - {"key", "version"} == {"deleted", "extra"}
            assert change["deleted"] == 1
        assert all(item.get("deleted") for item in zotero.marked().values())
        assert zotero.foreign() == before

    def test_stays_where_it_is_once_it_is_gone(self, zotero: ZoteroWorld, store: Store) -> None:
        asked(zotero, store)
        asked(zotero, store, days=31)
        for days in (32, 70):
            requests, record = asked(zotero, store, days=days)
            assert not writes(requests)
            assert not record.suggestions


class TestManyClients:
    def test_read_the_systems_certificates_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        n_read = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

        def read(**options: object) -> ssl.SSLContext:
            nonlocal n_read
            n_read += 1
            return context

        monkeypatch.setattr("httpx2.create_ssl_context", read)
        fresh = cache(client_patience._certificates.__wrapped__)
        monkeypatch.setattr(client_patience, "_certificates", fresh)
        for number in range(5):
            Client.web("http://127.0.0.1:9", f"users/{number}", "key").close()
        assert n_read == 1


def costs(*arguments: str) -> dict[str, Any]:
    """What the benchmark measures, by way and step."""
    told = subprocess.run(  # noqa: S603 - our own benchmark
        [sys.executable, "-m", "benchmarks.zotero_sync", *arguments, "--json"],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def check_costs(steps: dict[str, dict[str, float]]) -> None:
    first = steps["first sync"]
    assert first["objects"] == first["entries"]
    assert first["most"] == 1
    assert first["requests"] <= first["entries"] / 50 + 20
    assert first["cpu"] < 30
    assert first["memory"] < 200
    assert steps["no change"]["requests"] <= 5
    assert steps["3 changes"]["requests"] <= 8
    # This computer's trash is read as a whole, with what hangs on it, where more than a few keys
    # are missing from what they were asked for.
    most = 8 + 300 / 50 + 2 * steps["300 changes"]["trashed"] / 100
    assert steps["300 changes"]["requests"] <= most
    for step in ("no change", "3 changes", "300 changes"):
        assert steps[step]["cpu"] < 5
        assert steps[step]["memory"] < 20


class TestALargeLibrary:
    def test_is_read_once_item_by_item_on_the_web(self) -> None:
        found = costs("web", "--papers", "5000")
        assert found["web"]["first sync"]["entries"] > 5000
        check_costs(found["web"])

    def test_is_read_once_item_by_item_on_this_computer(self) -> None:
        check_costs(costs("local", "--papers", "1200")["local"])

    @pytest.mark.slow
    def test_is_read_once_however_large_on_this_computer(self) -> None:
        check_costs(costs("local", "--papers", "5000")["local"])
