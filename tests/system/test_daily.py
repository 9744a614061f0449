"""What a run on most days does without: the library is as it was, and the model is kept."""

import json
import subprocess
import sys
from datetime import datetime
from typing import Any

from recommender.config import DEFAULT
from tests.system import invented
from tests.system.own import Own, Run, answer

_UNUSED = (
    "asyncio",
    "bibtexparser",
    "implicit",
    "jinja2",
    "keyring",
    "matplotlib",
    "pyzotero",
    "rich",
    "scipy.linalg",
    "scipy.sparse.csgraph",
    "scipy.sparse.linalg",
    "scipy.stats",
)
"""What takes long to load and has no part in it: learning, drawing, and a Zotero nobody named."""


def test_a_daily_run_loads_nothing_that_it_does_not_need(run: Run, own: Own) -> None:
    config = own.settle()
    first = answer(run("run", "--config", config, "--json"))
    learnt_at = _learnt_at(own)
    page = own.folder / "page2.jsonl"
    page.write_text(invented.lines(invented.papers("bee", 3, first=900)), encoding="utf-8")
    found, loaded = _run_telling_modules(config)
    assert _learnt_at(own) == learnt_at
    assert found["report"]["listings"][1]["new"] == 3
    assert found["report"]["excluded"]["suggested before"] == len(first["suggestions"])
    assert loaded == []


def _learnt_at(own: Own) -> datetime:
    with own.store() as store:
        saved = store.saved_model(DEFAULT)
    assert saved is not None
    return saved.made_at


def _run_telling_modules(config: object) -> tuple[dict[str, Any], list[str]]:
    """What a run printed as JSON, and which of the modules it loaded that it should not."""
    code = (
        "import sys; from recommender.cli import main\n"
        "try: main()\n"
        f"finally: print([m for m in {_UNUSED} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, "run", "--config", str(config), "--json"],
        env=invented.environment(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout), json.loads(done.stderr.replace(b"'", b'"'))
