"""What many cycles in one process leave behind: memory, open files, threads and a larger store.

    python -m benchmarks.soak [--cycles 2000] [--quiet 6] [--json]

Each cycle is a day's: a served feed lists new papers, and what is suggested is put on a shelf of a
served zotero.org and taken off it again when its time is over. All but the servers, which are in a
process of their own, is as in ``shelfwise run``: adapters, model, a store on disk that is opened
for each cycle, its housekeeping and its copy. What was suggested stays in the store for good, and
is learnt from; so there are quiet days, on which nothing is listed for the reader, between others.
"""

import argparse
import gc
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from integrations.sources.web_pages import WebPage
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from integrations.web.turns import Pace
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Library, World
from recommender import config, cycle
from recommender.cli import opening, scorers
from recommender.config import Settings
from recommender.ports import Access, Scorer
from recommender.records import Record
from recommender.store import Store, rescue

Scorers = Callable[[Settings, Store, datetime], Scorer]
"""Makes what scores in one cycle."""

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
KEPT = timedelta(days=30)
"""How long listed papers and the records of runs stay."""

A_DAY = 12
"""How many papers are listed each day."""

_KEY = "readerskey0readerskey0re"
_USER = 17
_N_OWN = 24
_TRASH_DAYS = 30
_SUBJECTS = {
    "glacier": "meltwater moraine crevasse drainage sliding firn albedo ablation calving borehole",
    "violin": "soundpost bow string resonance spruce maple varnish timbre luthier admittance",
    "bee": "waggle forager nectar hive pollen navigation landmark odometer swarm sucrose",
    "ceramic": "kiln glaze porcelain sintering cobalt celadon shard firing feldspar lustre",
}
*_MINE, _OTHER = _SUBJECTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How things are after a cycle.

    Attributes:
        cycle: Counted from 1.
        memory: What is resident, in MB.
        files: Open file descriptors.
        threads: Of the whole process, those of libraries too.
        store: Its size, in MB.
        listed: How many listed papers it holds that were never suggested.
        suggested: How many papers were suggested until now.
        seconds: CPU time of this process, from its start, all threads together.
    """

    cycle: int
    memory: float
    files: int
    threads: int
    store: float
    listed: int
    suggested: int
    seconds: float


class Feed:
    """A feed that lists new papers each day, and only that day's; a facade for a server.

    Args:
        quiet: How many days there are without a paper for the reader, between two with one.

    Attributes:
        day: Whose papers are listed, counted from 0.
    """

    def __init__(self, quiet: int) -> None:
        self.quiet = quiet
        self.day = 0

    def __call__(self, request: Request) -> Response:
        """The day's papers as RSS."""
        numbers = range(self.day * A_DAY, (self.day + 1) * A_DAY)
        first = _OTHER if self.day % (self.quiet + 1) else _MINE[self.day % len(_MINE)]
        subjects = [first, *repeat(_OTHER, A_DAY - 1)]
        entries = "".join(map(_entry, subjects, numbers))
        text = f'<rss version="2.0"><channel><title>New papers</title>{entries}</channel></rss>'
        return Response(200, {"Content-Type": "application/rss+xml"}, text.encode())


def soaked(
    n_cycles: int,
    scorer: Scorers = scorers.own,
    *,
    quiet: int = 6,
    every: int = 100,
) -> Iterator[Sample]:
    """How things are after every so many cycles, and after the last one.

    Args:
        n_cycles: How many there are.
        scorer: Makes what scores.
        quiet: How many days there are without a paper for the reader, between two with one.
        every: The distance of two samples.
    """
    with tempfile.TemporaryDirectory() as name, _served(quiet) as pipe:
        settings = _settings(Path(name), *pipe.recv())
        path, n_suggested = config.store_file(settings), 0
        for number in range(1, n_cycles + 1):
            pipe.send(number)
            pipe.recv()
            now = START + timedelta(days=number)
            work = partial(_cycle, settings, scorer, now)
            record = rescue.using(path, now, _unexpected, work)
            assert not record.failures, record.failures
            n_suggested += len(record.suggestions)
            if number % every == 0 or number == n_cycles:
                yield _sample(number, path, n_suggested)


def _cycle(settings: Settings, scorer: Scorers, now: datetime, store: Store) -> Record:
    """A cycle as ``shelfwise run`` does it, on a day of its own."""
    profile = opening.profile(settings, store, now)
    [source] = settings.source
    # Days follow upon each other faster here than manners allow.
    web = Web(Pace("the feed", timedelta(0)))
    profile = replace(profile, sources=[WebPage(source.place, Access(now=now), web=web)])
    record = cycle.run(profile, scorer(settings, store, now), store, now=now)
    store.tidy(
        now,
        runs=timedelta(days=settings.keep.runs_days),
        listed=timedelta(days=settings.keep.listed_days),
    )
    return record


def _unexpected(line: str) -> None:
    raise AssertionError(line)


def _sample(number: int, path: Path, n_suggested: int) -> Sample:
    gc.collect()
    with Store.open(path) as store:
        n_listed = store.n_candidates()
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return Sample(
        cycle=number,
        memory=int(told["VmRSS"].split()[0]) / 1024,
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threads=int(told["Threads"]),
        store=path.stat().st_size / 1e6,
        listed=n_listed - n_suggested,
        suggested=n_suggested,
        seconds=time.process_time(),
    )


def _settings(folder: Path, zotero: str, feed: str) -> Settings:
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(_KEY)
    file = folder / "config.toml"
    file.write_text(
        f'[library]\nkind = "zotero"\nplace = "web"\nkey = "file:{key}"\nweb_address = "{zotero}"\n'
        f'[store]\npath = "{folder}/kept.db"\n[[source]]\nplace = "{feed}"\n'
        f"[keep]\nruns_days = {KEPT.days}\nlisted_days = {KEPT.days}\n"
        "[feedback]\nexpires_after_days = 10\n[selection]\nlimit = 2\n"
    )
    return config.read(file)


@contextmanager
def _served(quiet: int) -> Iterator[Connection]:
    """A way to a process that serves a library and a feed.

    It first tells their addresses, then takes the number of each day, and tells when that has come.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, quiet))
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join()
        process.close()
        ours.close()


def _serve(pipe: Connection, quiet: int) -> None:
    world, feed = World(), Feed(quiet)
    world.add_user(_USER, "ada")
    world.add_key(ApiKey(_KEY, _USER))
    library, trashed = world.library(f"users/{_USER}"), dict[str, int]()
    for number in range(_N_OWN):
        library.put("items", _item(_MINE[number % len(_MINE)], 10**6 + number))
    with Server(WebApi(world)) as zotero, Server(feed) as fed:
        pipe.send((zotero.address, f"{fed.address}/new.xml"))
        while day := pipe.recv():
            feed.day = day
            zotero.requests.clear()
            fed.requests.clear()
            _empty_trash(library, trashed, day)
            pipe.send(day)


def _empty_trash(library: Library, trashed: dict[str, int], day: int) -> None:
    """Erase what has been in the trash for a month, as Zotero does by itself.

    Args:
        library: Whose trash it is.
        trashed: On which day each item was found there first.
        day: Today.
    """
    for key in [key for key, item in library.items.items() if item.data.get("deleted")]:
        if day - trashed.setdefault(key, day) >= _TRASH_DAYS:
            library.erase_item(key)
            del trashed[key]


def _texts(subject: str, number: int) -> tuple[str, str]:
    """The title and the abstract of an invented paper; the same number is the same paper."""
    words = _SUBJECTS[subject].split()
    draw = random.Random(f"{subject} {number}")  # noqa: S311 -- an invented text is no secret
    title = f"{subject.title()} study number {number} on {' and '.join(draw.sample(words, 3))}"
    said = (" and ".join(draw.sample(words, 5)) for _ in range(4))
    return title, " ".join(f"We measure {one} in a {subject}." for one in said)


def _entry(subject: str, number: int) -> str:
    title, abstract = map(escape, _texts(subject, number))
    link = f"https://journal.example/{subject}/{number}"
    return (
        f"<item><title>{title}</title><link>{link}</link>"
        f"<description>{abstract}</description></item>"
    )


def _item(subject: str, number: int) -> dict[str, Any]:
    """A paper as the served library keeps it."""
    title, abstract = _texts(subject, number)
    moment = "2025-06-07T08:09:10Z"
    return {
        "itemType": "journalArticle",
        "title": title,
        "abstractNote": abstract,
        "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": subject.title()}],
        "date": "2024",
        "tags": [],
        "collections": [],
        "relations": {},
        "dateAdded": moment,
        "dateModified": moment,
    }


def main() -> None:
    """Print a line for each sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cycles", type=int, default=2000)
    parser.add_argument("--quiet", type=int, default=6, metavar="DAYS")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    if not wanted.json:
        heads = ("cycle", "MB", "files", "threads", "store MB", "listed", "suggested", "CPU s")
        print(" ".join(f"{head:>10}" for head in heads))
    found = []
    for one in soaked(wanted.cycles, quiet=wanted.quiet):
        found.append(asdict(one))
        if not wanted.json:
            print(
                f"{one.cycle:10} {one.memory:10.1f} {one.files:10} {one.threads:10}"
                f" {one.store:10.2f} {one.listed:10} {one.suggested:10} {one.seconds:10.1f}",
                flush=True,
            )
    if wanted.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
