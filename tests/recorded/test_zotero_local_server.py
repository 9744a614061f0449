"""The test server's local APIs, held against what the real Zotero 10 and 9 answered.

Every step of every recorded exchange is sent to a fresh server, and its answer must be equal. What
may differ is named in one table, with the reason.
"""

import importlib.util
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from integrations.web.testing.server import Server
from integrations.zotero.testing.local import LocalApi9, LocalApi10
from integrations.zotero.testing.local_items import Writing, written_item
from integrations.zotero.testing.local_keys import UserAnswer
from integrations.zotero.testing.world import Group, Library, World

_SEARCHES = "saved searches are not part of the server"

# (folder, scenario, steps): why their answers differ.
_LEFT_OUT: dict[tuple[str, str, tuple[int, ...]], str] = {
    ("local-10", "saved-searches", (4, 5, 6, 7, 8, 9)): _SEARCHES,
}
_ANSWERS: dict[str, UserAnswer] = {
    "user-allows": "allow once",
    "user-always-allows": "always allow",
    "user-denies": "deny",
}
_THINKING = timedelta(seconds=0.25)  # what the user takes to answer the dialog
_LOCAL_USER = "aB3dE6gH"


class _Reader:
    """The user at the computer: answers the dialog, and edits an item."""

    def __init__(self) -> None:
        self.late = timedelta(0)
        self.world = World(lambda: datetime.now(UTC) + self.late)
        self.api10: LocalApi10 | None = None

    def does(self, condition: str) -> None:
        if condition in _ANSWERS:
            assert self.api10 is not None
            self.api10.authorisations.answer = _ANSWERS[condition]
            self.late += _THINKING
        else:
            assert condition == "user-edits-an-item"
            library = self.world.library("users/0")
            item = library.items["JA822222"]
            library.put("items", {**item.data, "extra": item.data.get("extra", "") + "."}, item.key)


def _replay(module: ModuleType, server: Server, reader: _Reader) -> Any:
    replay_class: Any = module.Replay

    class InProcess(replay_class):  # type: ignore[misc] # the class is loaded by its path
        def run_step(self, step: dict[str, Any]) -> Any:
            step = dict(step)
            if condition := step.pop("condition", None):
                reader.does(condition)
            return super().run_step(step)

    values = {"apikey:full": "full-key", "apikey:unknown": "no-such-key"}
    return InProcess(server.address, values)


def _fill(library: Library, content: dict[str, Any]) -> None:
    for collection in content["collections"]:
        library.put("collections", collection)
    for item in content["items"]:
        links = [
            f"http://zotero.org/users/local/{_LOCAL_USER}/items/{key}"
            for key in item.get("relations", {}).get("dc:relation", ())
        ]
        relations = {"relations": {"dc:relation": links}} if links else {}
        kept = written_item(item | relations, Writing(library, 1, "2025-03-01T08:00:00Z"))
        # This version tells nothing of a file that was never uploaded.
        file_free = {name: kept[name] for name in kept if name not in ("mtime", "md5")}
        library.put("items", file_free, item["key"])


def _differences(module: ModuleType, file: Path) -> list[list[str]]:
    """What differs, step by step."""
    scenario = json.loads(file.read_text(encoding="utf-8"))
    reader = _Reader()
    api: LocalApi9 | LocalApi10
    if file.parent.name == "local-10":
        api = reader.api10 = LocalApi10(reader.world)
        api.authorisations.remember("full-key")
    else:
        content = json.loads((file.parent / "library.json").read_text(encoding="utf-8"))
        api = LocalApi9(reader.world, local_user=_LOCAL_USER)
        _fill(reader.world.library("users/0"), content)
        group = Group(content["group"]["id"], content["group"]["name"], owner=1)
        reader.world.add_group(group)
        _fill(reader.world.library(f"groups/{group.group_id}"), content["group"])
    with Server(api) as server:
        results = _replay(module, server, reader).run(scenario)
    return [
        [] if state == "ok" else [str(line) for line in found] or [state]
        for _, state, found in results
    ]


@pytest.fixture(scope="module")
def replay(shared: Path) -> ModuleType:
    path = shared / "zotero-transcripts" / "replay.py"
    spec = importlib.util.spec_from_file_location("zotero_replay", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("folder", "scenarios", "steps"), [("local-10", 20, 375), ("local-9", 5, 116)]
)
def test_every_recorded_step_gets_the_recorded_answer(
    shared: Path, replay: ModuleType, folder: str, scenarios: int, steps: int
) -> None:
    files = sorted((shared / "zotero-transcripts" / folder).glob("*.json"))
    files = [file for file in files if file.name != "library.json"]
    expected = {
        (name, step) for (where, name, numbers) in _LEFT_OUT if where == folder for step in numbers
    }
    found = {file.stem: _differences(replay, file) for file in files}
    differing = {
        (name, number): lines
        for name, by_step in found.items()
        for number, lines in enumerate(by_step, 1)
        if lines
    }
    n_steps = sum(map(len, found.values()))
    print(f"{folder}: {n_steps - len(differing)} of {n_steps} steps equal")  # noqa: T201
    assert (len(files), n_steps) == (scenarios, steps)
    assert {step: lines for step, lines in differing.items() if step not in expected} == {}
    assert expected - differing.keys() == set(), "these are equal: take them from the table"
