"""What it costs to read 10,000 listed papers, and to read them again when nothing changed.

    python -m benchmarks.ingest [--papers 10000] [--feeds 5] [--listing TEXTS] [--json]

The papers are on several feeds, which a server on loopback serves; each reading is in a process of
its own, with one store. CPU seconds are all that the process used, from its start to its end.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from xml.sax.saxutils import escape

from benchmarks import texts
from integrations.web.testing.exchange import Request, Response
from integrations.web.testing.server import Server
from recommender.papers import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one reading cost.

    Attributes:
        new: Papers that were listed by nobody before.
        unchanged: Feeds that were as they had been.
        requests: How many there were.
        cpu: Seconds, in user and system mode.
        memory: The most that it had at once, in MB.
    """

    new: int
    unchanged: int
    requests: int
    cpu: float
    memory: float


def costs(papers: Sequence[Paper], n_feeds: int, n_readings: int = 2) -> list[Cost]:
    """What it costs to read feeds of these papers, again and again."""
    part = -(-len(papers) // n_feeds)
    feeds = [
        _feed(number, papers[start : start + part])
        for number, start in enumerate(range(0, len(papers), part))
    ]

    def facade(request: Request) -> Response:
        body = feeds[int(request.parts[-1])]
        mark = f'"{len(body)}"'
        if request.headers.get("if-none-match") == mark:
            return Response(304, {"ETag": mark})
        return Response(200, {"ETag": mark, "Content-Type": "application/atom+xml"}, body)

    found: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder, Server(facade) as server:
        places = [f"{server.address}/feed/{number}" for number in range(len(feeds))]
        for _ in range(n_readings):
            before = len(server.requests)
            told = _read(Path(folder) / "store.db", places)
            n_requests = len(server.requests) - before
            found.append(
                Cost(
                    new=int(told["new"]),
                    unchanged=int(told["unchanged"]),
                    requests=n_requests,
                    cpu=told["cpu"],
                    memory=told["memory"],
                )
            )
    return found


def read(store_file: Path, places: Sequence[str]) -> None:
    """Read these places into a store, and print what it cost: in the process that is measured."""
    from integrations.sources.web_pages import WebPage
    from recommender.cycle.asking import asked
    from recommender.cycle.measuring import peak_megabytes
    from recommender.ports import Access
    from recommender.store import Store

    now = datetime(2026, 3, 2, tzinfo=UTC)
    with Store.open(store_file) as store:
        found = asked([WebPage(place, Access(now=now)) for place in places], store, now)
    for failure in found.failures:
        raise failure.error
    told = {
        "new": sum(one.n_new for one in found.sources),
        "unchanged": sum(one.n_unchanged for one in found.sources),
        "cpu": process_time(),
        "memory": peak_megabytes(),
    }
    print(json.dumps(told))


def _read(store_file: Path, places: Sequence[str]) -> dict[str, float]:
    code = "import sys, pathlib; from benchmarks.ingest import read;"
    code += " read(pathlib.Path(sys.argv[1]), sys.argv[2:])"
    done = subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-c", code, str(store_file), *places],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _feed(number: int, papers: Sequence[Paper]) -> bytes:
    entries = (
        f"<entry><id>https://example.org/{number}/{row}</id><title>{escape(paper.title)}</title>"
        f"<summary>{escape(paper.abstract)}</summary>"
        f"{''.join(f'<author><name>{escape(str(a))}</name></author>' for a in paper.authors)}"
        f'<link href="https://example.org/{number}/{row}"/>'
        "<published>2026-03-01T00:00:00Z</published></entry>"
        for row, paper in enumerate(papers)
    )
    head = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>All</title>'
    return f"{head}<updated>2026-03-01T00:00:00Z</updated>{''.join(entries)}</feed>".encode()


def main() -> None:
    """Print what each reading costs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--papers", type=int, default=10_000)
    parser.add_argument("--feeds", type=int, default=5)
    parser.add_argument("--listing", type=Path)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    real = texts.read(given.listing) if given.listing else ()
    found = costs(texts.papers(given.papers, 0, real), given.feeds)
    if given.as_json:
        print(json.dumps([asdict(one) for one in found]))
        return
    for name, one in zip(("first", "again"), found, strict=True):
        print(
            f"{name}: {one.new} new papers, {one.unchanged} of {given.feeds} feeds unchanged, "
            f"{one.requests} requests, {one.cpu:.1f} CPU s, {one.memory:.0f} MB"
        )


if __name__ == "__main__":
    main()
