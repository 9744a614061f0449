"""The test server's Web API against every recorded exchange with the real one."""

import importlib.util
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.web.testing.server import Server
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.web_gate import RateLimit
from integrations.zotero.testing.world import ApiKey, Group, World

N_STEPS = 577

LEFT_OUT = {
    ("empty-library-reads", 42): "Atom, the format of API version 2",
    ("items-create", 27): "export formats",
    ("templates-and-schema", 16): "the schema in other languages",
}

VALUES = {
    "user": "11",
    "username": "reader",
    "name": "A Reader",
    "user2": "22",
    "username2": "other",
    "group": "33",
    "groupname": "Our group",
    "group2": "44",
    "groupname2": "Public papers",
    "groupslug2": "44/public_papers",
    "apikey:full": "fullfullfullfullfullfull",
    "apikey:readonly": "readreadreadreadreadread",
    "apikey:nonotes": "nonononononononononotes",
    "apikey:grouponly": "groupgroupgroupgroupgrou",
    "apikey:other": "otherotherotherotherothe",
    "apikey:unknown": "unknownunknownunknownunk",
}


def recorded_world() -> World:
    """The users, groups and keys that the recordings were made with."""
    world = World()
    world.add_user(11, "reader", "A Reader")
    world.add_user(22, "other")
    world.add_group(Group(33, "Our group", owner=11, roles={22: "member"}))
    world.add_group(
        Group(
            44,
            "Public papers",
            owner=11,
            kind="PublicClosed",
            library_editing="admins",
            library_reading="all",
            roles={22: "member"},
        )
    )
    world.add_key(ApiKey(VALUES["apikey:full"], 11, groups={"all": "write"}))
    world.add_key(ApiKey(VALUES["apikey:readonly"], 11, write=False, groups={"all": "read"}))
    world.add_key(ApiKey(VALUES["apikey:nonotes"], 11, notes=False))
    world.add_key(ApiKey(VALUES["apikey:grouponly"], 11, library=False, groups={"all": "read"}))
    world.add_key(ApiKey(VALUES["apikey:other"], 22, groups={"all": "write"}))
    for library in world.libraries.values():
        library.version = 700
    return world


def set_condition(api: WebApi, name: str) -> None:
    api.maintenance = name == "maintenance"
    api.read_only = name == "read-only"
    api.backoff = timedelta(seconds=7) if name == "backoff" else None


def replayed(shared: Path, scenario: dict[str, Any]) -> list[tuple[int, str, list[str]]]:
    """The result of every step against a fresh server."""
    file = shared / "zotero-transcripts/replay.py"
    spec = importlib.util.spec_from_file_location("zotero_replay", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    api = WebApi(recorded_world())
    if scenario["name"] == "rate-limit":
        api.gate.rate_limit = RateLimit()
    found = []
    with Server(api) as server:
        replay = module.Replay(server.address, VALUES)
        replay.values = {"base": server.address, **VALUES}
        for number, step in enumerate(scenario["steps"], 1):
            set_condition(api, step.get("condition", ""))
            plain = {name: value for name, value in step.items() if name != "condition"}
            found.append((number, *replay.run_step(plain)))
    return found


@pytest.fixture(scope="module")
def equal_steps(request: pytest.FixtureRequest) -> Iterator[list[int]]:
    n_equal: list[int] = []
    yield n_equal
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print(f"\nWeb API: {sum(n_equal)} of {N_STEPS} recorded steps equal")  # noqa: T201


SCENARIOS = (
    *("attachments-linked-url", "batch-limits", "batch-partial-failure", "change-between-pages"),
    *("child-notes", "collections-create", "delete", "delete-collection", "deleted-remotely"),
    *("empty-library-reads", "group-library", "invalid-key", "items-create"),
    *("keys-and-permissions", "move-between-collections", "no-notes-key", "own-key", "paging"),
    *("paging-over-100", "rate-limit", "relations", "server-changes-text", "server-trouble"),
    *("settings-tag-colors", "sort-orders", "tags", "templates-and-schema", "trash", "unchanged"),
    *("update-preconditions", "write-token"),
)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_recorded_step_is_answered_the_same(
    shared: Path, equal_steps: list[int], name: str
) -> None:
    file = shared / f"zotero-transcripts/web/{name}.json"
    results = replayed(shared, json.loads(file.read_text()))
    equal_steps.append(sum(state == "ok" for _, state, _ in results))
    different = {
        number: differences
        for number, state, differences in results
        if state != "ok" and (name, number) not in LEFT_OUT
    }
    assert not different
    needless = [n for n, state, _ in results if state == "ok" and (name, n) in LEFT_OUT]
    assert not needless


def test_no_recorded_scenario_is_forgotten(shared: Path) -> None:
    files = sorted((shared / "zotero-transcripts/web").glob("*.json"))
    assert {file.stem for file in files} == set(SCENARIOS)
    steps = sum(len(json.loads(file.read_text())["steps"]) for file in files)
    assert steps == N_STEPS
