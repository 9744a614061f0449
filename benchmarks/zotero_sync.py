"""What it costs to read a large Zotero library for the first time, again, and after changes.

    python -m benchmarks.zotero_sync [web] [local] [--papers 5000] [--json]

For zotero.org and for the Zotero on this computer: requests, objects that the server sent, CPU
seconds of this process alone, wall seconds, and by how many MB its peak memory grew. The servers
are processes of their own, on the loopback.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.keys import made_key
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Json, Library, World
from recommender import cycle
from recommender.store import Store

WAYS = ("web", "local")
STEPS = {"first sync": 0, "no change": 0, "3 changes": 3, "300 changes": 300}

_KEY = "readerskey0readerskey0re"
_NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
_ABSTRACT = " ".join(f"We weigh the pears of orchard {n} and tell of each." for n in range(25))
_OTHERS = 3  # of so many papers one has a note, one a file, and of seven times as many one is trash


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one sync cost.

    Attributes:
        requests: How many were made.
        objects: Items that the server sent, whole; one that it sent twice counts twice.
        most: How often it sent the one that it sent most often.
        entries: How many the library holds.
        trashed: How many of them are in the trash, not counting what hangs on them.
        cpu: Seconds of this process.
        seconds: By the clock on the wall.
        memory: MB by which the peak grew.
    """

    requests: int
    objects: int
    most: int
    entries: int
    trashed: int
    cpu: float
    seconds: float
    memory: float


def costs(way: str, n_papers: int) -> dict[str, Cost]:
    """What each step costs on one of the ways, by the step's name."""
    found = {}
    with _server(way, n_papers) as pipe, Store.open(None) as store:
        settings = _settings(way, pipe.recv())
        for step, n_changes in STEPS.items():
            pipe.send(n_changes)
            assert pipe.recv() == n_changes
            found[step] = _cost(settings, store, pipe)
    return found


def _cost(settings: Json, store: Store, pipe: Connection) -> Cost:
    account = ZoteroAccount(
        settings,
        key=_KEY if settings["place"] == "web" else "",
        memory=store.memory("zotero"),
        now=_NOW,
    )
    cpu, clock, peak = time.process_time(), time.perf_counter(), _peak()
    found = cycle.sync(account.libraries()[0], store)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    grown = _peak() - peak
    pipe.send("what was asked?")
    asked = pipe.recv()
    assert found.n_entries == asked["entries"], "the picture is not the library's"
    return Cost(**asked, cpu=cpu, seconds=clock, memory=grown)


def _settings(way: str, address: str) -> Json:
    shelf = {"collection": "Shelfwise", "tag": "shelfwise", "per_interest": False, "via": way}
    return {
        "kind": "zotero",
        "place": way,
        "libraries": ["user"],
        "web_address": address,
        "local_address": address,
        "shelf": {**shelf, "more": "more like this", "less": "not for me"},
    }


def _peak() -> float:
    """The most memory that this process ever had, in MB."""
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


@contextmanager
def _server(way: str, n_papers: int) -> Iterator[Connection]:
    """The end of a pipe to a process that serves a library; it says the address first."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, way, n_papers))
    process.start()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join()


def _serve(pipe: Connection, way: str, n_papers: int) -> None:
    """Serves a library: a number is one of changes to make, a text asks what was asked since."""
    world = World()
    world.add_user(1, "ada")
    world.add_key(ApiKey(_KEY, 1))
    library = world.library("users/1")
    _furnish(library, n_papers)
    api = WebApi(world) if way == "web" else LocalApi10(world, user_id=1)
    sent: Counter[str] = Counter()

    def counted(request: Request) -> Response:
        response = api(request)
        if "format=versions" not in request.target and "/items" in request.path:
            found = json.loads(response.body)
            sent.update(one["key"] for one in (found if isinstance(found, list) else [found]))
        return response

    with Server(counted) as server:
        pipe.send(server.address)
        while (told := pipe.recv()) is not None:
            if isinstance(told, int):
                _change(library, told)
                server.requests.clear()
                sent.clear()
                pipe.send(told)
                continue
            most, n_objects = max(sent.values(), default=0), sent.total()
            asked = {"requests": len(server.requests), "objects": n_objects, "most": most}
            trashed = sum(bool(one.data.get("deleted")) for one in library.items.values())
            pipe.send({**asked, "entries": len(library.items), "trashed": trashed})


def _furnish(library: Library, n_papers: int) -> None:
    """Papers in collections, with notes and files, some of them in the trash."""
    for n in range(20):
        folder = {"name": f"Orchard {n}", "parentCollection": False, "relations": {}}
        library.put("collections", folder, made_key("", "folder", str(n)))
    folders = [*library.collections]
    for n in range(n_papers):
        data = _paper(n, folders[n % len(folders)])
        if n % (7 * _OTHERS) == 0:
            data["deleted"] = 1
        key = library.put("items", data, made_key("", "paper", str(n))).key
        below: Json = {"parentItem": key, "tags": [], "relations": {}}
        if n % _OTHERS == 0:
            note = {"itemType": "note", "note": f"<p>{_ABSTRACT}</p>", **below}
            library.put("items", note, made_key("", "note", str(n)))
        if n % _OTHERS == 1:
            file = {"itemType": "attachment", "linkMode": "linked_url", "title": "Page", **below}
            library.put("items", file, made_key("", "file", str(n)))


def _paper(n: int, *folders: str) -> Json:
    moment = f"2025-{n % 12 + 1:02}-{n % 28 + 1:02}T03:04:05Z"
    return {
        "itemType": "journalArticle",
        "title": f"The pears of the south and their keeping, part {n}",
        "creators": [{"creatorType": "author", "firstName": "Maria", "lastName": f"Poire {n}"}],
        "abstractNote": _ABSTRACT,
        "date": "2020",
        "DOI": f"10.1234/pears.{n}",
        "collections": list(folders),
        "tags": [{"tag": "fruit"}],
        "relations": {},
        "dateAdded": moment,
        "dateModified": moment,
    }


def _change(library: Library, n: int) -> None:
    """A third of the changes are edits, a third additions, a third deletions."""
    papers = [k for k, one in library.items.items() if one.data["itemType"] == "journalArticle"]
    for place in range(n // 3):
        edited, deleted = papers[2 * place], papers[2 * place + 1]
        library.put("items", {**library.items[edited].data, "title": "Plums"}, edited)
        library.erase_item(deleted)
        new = f"{library.version}"
        library.put("items", _paper(library.version), made_key("", "new", new))


def main() -> None:
    """Print a line for each way and step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("ways", nargs="*", default=WAYS, help="web, local; both without any")
    parser.add_argument("--papers", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    found = {way: costs(way, wanted.papers) for way in wanted.ways}
    if wanted.json:
        told = {way: {step: asdict(c) for step, c in steps.items()} for way, steps in found.items()}
        print(json.dumps(told))
        return
    print(f"{'':18} {'entries':>8} {'requests':>8} {'objects':>8} {'CPU s':>7} {'s':>7} {'MB':>6}")
    for way, steps in found.items():
        for step, c in steps.items():
            counts = f"{c.entries:8} {c.requests:8} {c.objects:8}"
            print(f"{way:6}{step:12} {counts} {c.cpu:7.2f} {c.seconds:7.2f} {c.memory:6.0f}")


if __name__ == "__main__":
    main()
