"""What a daily run of the whole program costs: the first one, and those that follow.

    python -m benchmarks.daily [--library TEXTS] [--listing TEXTS] [--papers 5000] [--listed 3000]
                               [--new 500] [--days 3] [--json]

The library is on a served zotero.org and stays as it is; on the first day a page lists many papers,
and on each day after it one of new papers takes its place. Papers are made of TEXTS, a file or
folder of any format that ``shelfwise`` reads, or else invented. Each run is ``shelfwise run`` in a
process of its own. CPU seconds are all that the process used, from its start to its end; what
``--help`` takes stands beside them as the cost of starting at all.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks import texts
from integrations.web.testing.server import Server
from integrations.zotero.keys import made_key
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, World
from recommender.papers import Paper

_START = [sys.executable, "-c", "from recommender.cli import main; main()"]
_KEY = "readerskey0readerskey0re"
_N_FOLDERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run cost.

    Attributes:
        new: How many papers were new to it.
        suggested: How many it suggested.
        cpu: Seconds, in user and system mode.
        memory: The most that it had at once, in MB.
        store: How large its store was afterwards, in MB.
    """

    new: int
    suggested: int
    cpu: float
    memory: float
    store: float


def costs(own: Sequence[Paper], pages: Sequence[Sequence[Paper]]) -> list[Cost]:
    """What each run costs that reads one of the pages, one after the other.

    Args:
        own: The papers in the library.
        pages: What is listed.
    """
    with tempfile.TemporaryDirectory() as name, _served(own) as address:
        folder = Path(name)
        key = folder / "key"
        key.touch(mode=0o600)
        key.write_text(_KEY)
        config = folder / "config.toml"
        config.write_text(
            f'[library]\nkind = "zotero"\nplace = "web"\nkey = "file:{key}"\n'
            f'web_address = "{address}"\n[shelf]\nvia = "none"\n'
            f'[store]\npath = "{folder}/kept.db"\n[[source]]\nplace = "{folder}/today.jsonl"\n'
        )
        return [_cost(config, folder, page) for page in pages]


def _cost(config: Path, folder: Path, page: Sequence[Paper]) -> Cost:
    lines = (json.dumps(_record(one)) for one in page)
    (folder / "today.jsonl").write_text("".join(f"{line}\n" for line in lines))
    told, cpu, memory = _ran("run", "--json", "--config", str(config))
    answer = json.loads(told)
    return Cost(
        new=sum(one["new"] for one in answer["report"]["listings"]),
        suggested=len(answer["suggestions"]),
        cpu=cpu,
        memory=memory,
        store=sum(path.stat().st_size for path in folder.glob("kept.db*")) / 1e6,
    )


def _record(paper: Paper) -> dict[str, object]:
    """A paper as JSON Lines have it."""
    authors = list(map(str, paper.authors))
    return {"title": paper.title, "abstract": paper.abstract, "authors": authors}


def _ran(*arguments: str) -> tuple[bytes, float, float]:
    """What a command of ours printed, its CPU seconds and its peak memory in MB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with subprocess.Popen(  # noqa: S603 -- our own command
            [*_START, *arguments], stdout=out, stderr=err
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        assert process.returncode == 0, err.read().decode()
        # Linux counts in kilobytes, macOS in bytes.
        peak = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
        return out.read(), usage.ru_utime + usage.ru_stime, peak


@contextmanager
def _served(papers: Sequence[Paper]) -> Iterator[str]:
    """The address of a process that serves a library of these papers."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, papers))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _serve(pipe: Connection, papers: Sequence[Paper]) -> None:
    world = World()
    world.add_user(1, "ada")
    world.add_key(ApiKey(_KEY, 1))
    library = world.library("users/1")
    for n in range(_N_FOLDERS):
        folder = {"name": f"Folder {n}", "parentCollection": False, "relations": {}}
        library.put("collections", folder, made_key("", "folder", str(n)))
    folders = [*library.collections]
    for n, one in enumerate(papers):
        moment = f"2025-{n % 12 + 1:02}-{n % 28 + 1:02}T03:04:05Z"
        item = {
            "itemType": "journalArticle",
            "title": one.title,
            "abstractNote": one.abstract,
            "publicationTitle": one.venue,
            "creators": [
                {"creatorType": "author", "firstName": by.given, "lastName": by.family}
                for by in one.authors
            ],
            "DOI": f"10.1234/own.{n}",
            "collections": [folders[n % _N_FOLDERS]],
            "tags": [],
            "relations": {},
            "dateAdded": moment,
            "dateModified": moment,
        }
        library.put("items", item, made_key("", "paper", str(n)))
    with Server(WebApi(world)) as server:
        pipe.send(server.address)
        pipe.recv()


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--library", type=Path, metavar="TEXTS")
    parser.add_argument("--listing", type=Path, metavar="TEXTS")
    parser.add_argument("--papers", type=int, default=5000)
    parser.add_argument("--listed", type=int, default=3000)
    parser.add_argument("--new", type=int, default=500)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    n_listed = wanted.listed + wanted.days * wanted.new
    own = texts.papers(wanted.papers, 0, texts.read(wanted.library) if wanted.library else ())
    listed = texts.papers(n_listed, 1, texts.read(wanted.listing) if wanted.listing else ())
    starts = range(wanted.listed, n_listed, wanted.new)
    pages = [listed[: wanted.listed], *(listed[at : at + wanted.new] for at in starts)]
    found = costs(own, pages)
    _, start, _ = _ran("--help")
    if wanted.json:
        print(json.dumps({"start": start, "runs": [asdict(cost) for cost in found]}))
        return
    print(f"{'':12} {'new':>6} {'suggested':>9} {'CPU s':>7} {'MB':>6} {'store MB':>9}")
    print(f"{'--help':12} {'':6} {'':9} {start:7.2f}")
    for day, c in enumerate(found):
        name = f"day {day}" if day else "first run"
        print(f"{name:12} {c.new:6} {c.suggested:9} {c.cpu:7.2f} {c.memory:6.0f} {c.store:9.1f}")


if __name__ == "__main__":
    main()
