"""An invented library and listing, small enough to read and large enough to learn from."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent.parent

_TOPICS = {
    "glacier": (
        "meltwater moraine crevasse subglacial drainage basal sliding firn albedo ablation "
        "accumulation calving terminus ice runoff tracer borehole hydrology pressure channel"
    ),
    "violin": (
        "bridge soundpost bow string resonance plate spruce maple varnish timbre luthier bass "
        "admittance radiation cavity mode vibrato playability acoustics tone"
    ),
    "bee": (
        "waggle forager nectar hive pollen navigation polarised landmark odometer optic flow "
        "swarm dance colony sucrose learning memory flight compass route"
    ),
    "ceramic": (
        "kiln glaze porcelain sintering cobalt celadon shard firing clay feldspar dynasty potter "
        "pigment lustre stoneware slip temper excavation vessel provenance"
    ),
}
MINE = ("glacier", "violin", "bee")
"""What the invented reader collects; nothing of ``ceramic`` is in the library."""


def papers(topic: str, n: int, first: int = 0) -> Iterator[dict[str, Any]]:
    """Papers of a topic, as JSON Lines has them; the same number is the same paper."""
    words = _TOPICS[topic].split()
    for number in range(first, first + n):
        draw = random.Random(f"{topic} {number}")  # noqa: S311
        said = [draw.sample(words, 7) for _ in range(4)]
        yield {
            "title": f"{topic.title()} {' '.join(draw.sample(words, 4))} study {number}",
            "abstract": " ".join(f"We measure {' and '.join(part)} in a {topic}." for part in said),
            "authors": [f"Ada {topic.title()}son", f"Bo {words[number % 7].title()}er"],
            "published": f"{2000 + number % 20}",
            "ids": {"doi": f"10.1000/{topic}.{number}"},
        }


def bibtex(records: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> str:
    """The papers as a BibTeX file."""
    return "\n".join(
        f"@article{{key{number},\n  title = {{{one['title']}}},\n"
        f"  author = {{{' and '.join(one['authors'])}}},\n  year = {{{one['published']}}},\n"
        f"  abstract = {{{one['abstract']}}},\n  doi = {{{one['ids']['doi']}}},\n}}\n"
        for number, one in enumerate(records)
    )


def lines(records: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> str:
    """The papers as JSON Lines."""
    return "".join(json.dumps(one) + "\n" for one in records)


def library(path: Path) -> Path:
    """A library of 24 papers, eight of each topic of the reader's."""
    path.write_text(bibtex([p for topic in MINE for p in papers(topic, 8)]), encoding="utf-8")
    return path


def listing(path: Path, first: int = 100) -> Path:
    """A page of 24 papers that are not in the library, six of each topic."""
    found = [p for topic in (*MINE, "ceramic") for p in papers(topic, 6, first)]
    path.write_text(lines(found), encoding="utf-8")
    return path


def command(
    *arguments: str | Path,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    timeout: float = 60,
) -> "subprocess.CompletedProcess[bytes]":
    """What the real command does in a process of its own."""
    return subprocess.run(  # noqa: S603
        [*COMMAND, *map(str, arguments)],
        env=environment(env),
        cwd=cwd,
        input=b"" if stdin is None else stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """The surroundings of a process, from which the project can be imported."""
    # The tree under test counts, not what may be installed; a terminal's settings do not.
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
    ours = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES", "FORCE_COLOR"}}
    return ours | {"PYTHONPATH": path} | (more or {})


COMMAND = (sys.executable, "-c", "from recommender.cli import main; main()")
"""The command as its entry point runs it."""


def sentence(stderr: str) -> str:
    """The one line that a person is told; nothing else stands on stderr."""
    told = stderr.splitlines()
    assert len(told) == 1, stderr
    assert told[0].startswith("shelfwise: "), stderr
    assert told[0].isprintable()
    assert len(told[0]) < 1000
    return told[0].removeprefix("shelfwise: ")
