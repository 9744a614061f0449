"""Another database than before, or a file that cannot be read: told, and nothing is lost by it."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from integrations.web.testing.server import Moment
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.testing.local import LocalApi10
from integrations.zotero.testing.world import ApiKey, World
from recommender import cycle
from recommender.cli.exits import FAILED, TRANSIENT, exit_code
from recommender.errors import RecommenderError
from recommender.store import Store
from recommender.suggestions import State
from tests.recorded import zotero_sqlite
from tests.zotero import harm
from tests.zotero.harm import FIRST, NAME, SECOND, Ended
from tests.zotero.worlds import KEY, NOW, PROFILE, InOrder, ZoteroWorld, opened, picture

PERMISSION = "permissionpermissionpermission12"


def _another(world: ZoteroWorld, *, seed: int = 5) -> tuple[World, LocalApi10]:
    """The Zotero of another profile, which never heard of us; with 0 it has the same keys."""
    other = World(seed=seed)
    other.add_user(1, "ada")
    world.furnish(other.library("users/1"))
    return other, LocalApi10(other, user_id=1, server_id="7Another7Id7")


def test_another_database_is_not_taken_for_a_library_from_which_all_was_deleted() -> None:
    with harm.told("local", SECOND) as (world, store):
        goal = harm.unharmed("local", SECOND)
        assert harm.run(world, store, SECOND.at) == Ended((), 0)
        assert harm.run(world, store, SECOND.at + harm.HOUR) == Ended((), 0)
        states = harm.states(store)
        other, api = _another(world)
        theirs = picture(other.library("users/1"), keys=True)
        world.server.facade, world.n_listed = api, 5
        ended = harm.run(world, store, SECOND.at + 2 * harm.HOUR)
        [line] = ended.lines
        harm.check_line(line)
        assert "this is another database" in line
        assert picture(other.library("users/1"), keys=True) == theirs
        assert {title: harm.states(store)[title] for title in states} == states
        # Back at the first one, all is as it was.
        world.server.facade, world.n_listed = world.api, 4
        assert harm.run(world, store, SECOND.at + 3 * harm.HOUR) == Ended((), 0)
        assert {title: harm.states(store)[title] for title in states} == states
        assert set(goal.outcome.states.items()) <= set(harm.states(store).items())
        assert store.known_entries(NAME).keys() >= goal.outcome.known


def test_another_database_where_it_is_allowed_gets_a_clear_line_of_the_shelf() -> None:
    with harm.told("local", FIRST) as (world, store):
        assert harm.run(world, store, NOW) == Ended((), 0)
        _, api = _another(world)
        api.authorisations.remember(PERMISSION)
        store.memory("zotero")[f"local key:{api.server_id}"] = PERMISSION
        world.server.facade, world.n_listed = api, 4
        ended = harm.run(world, store, NOW + harm.HOUR)
        for line in ended.lines:
            harm.check_line(line)
            assert "another database" in line
            assert "set another shelf.collection" in line
        # With another shelf, as it says, the rest is delivered there.
        world.shelf = {"collection": "New here"}
        assert harm.run(world, store, NOW + 2 * harm.HOUR) == Ended((), 0)
        assert harm.run(world, store, NOW + 3 * harm.HOUR) == Ended((), 0)
        assert set(harm.states(store).values()) == {State.DELIVERED}


def test_another_account_is_not_taken_for_a_library_from_which_all_was_deleted() -> None:
    with harm.told("web", FIRST) as (world, store):
        assert harm.run(world, store, NOW) == Ended((), 0)
        assert harm.run(world, store, NOW + harm.HOUR) == Ended((), 0)
        world.world.add_user(2, "eve")
        world.furnish(world.world.library("users/2"))
        world.world.add_key(ApiKey(KEY, 2))
        memory = store.memory("zotero")
        for name in [name for name in memory if name.startswith("user of")]:
            del memory[name]
        assert harm.run(world, store, NOW + 2 * harm.HOUR) == Ended((), 0)
        assert set(harm.states(store).values()) == {State.DELIVERED}


def test_a_library_that_was_set_back_is_not_taken_for_one_from_which_all_was_deleted() -> None:
    with harm.told("web", FIRST) as (world, store):
        backup = [(k, one.version, dict(one.data)) for k, one in world.library.items.items()]
        version = world.library.version
        assert harm.run(world, store, NOW) == Ended((), 0)
        assert harm.run(world, store, NOW + harm.HOUR) == Ended((), 0)
        world.library.items.clear()
        world.library.collections.clear()
        for key, own, data in backup:
            world.library.put("items", data, key, version=own)
        world.library.version = version
        assert harm.run(world, store, NOW + 2 * harm.HOUR) == Ended((), 0)
        assert set(harm.states(store).values()) == {State.DELIVERED}


@pytest.mark.parametrize("seed", [0, 5])
def test_the_profile_is_changed_in_the_middle_of_a_run(seed: int) -> None:
    """From each request on, another database answers; later the first one does again."""
    n = len(harm.unharmed("local", FIRST).requests)
    for position in range(n):
        with harm.told("local", FIRST) as (world, store):
            other, api = _another(world, seed=seed)
            theirs = picture(other.library("users/1"), keys=True)
            at = len(world.server.requests) + position

            def change(
                now: int,
                moment: Moment,
                *,
                at: int = at,
                world: ZoteroWorld = world,
                api: LocalApi10 = api,
            ) -> None:
                if now == at and moment == "before":
                    world.server.facade = api

            world.server.hook = change
            ended = harm.run(world, store, NOW)
            assert picture(other.library("users/1"), keys=True) == theirs
            for line in ended.lines:
                harm.check_line(line)
            assert ended.code in {0, FAILED}
            assert set(harm.states(store).values()) <= {State.PENDING, State.DELIVERED}
            world.server.hook = None
            world.server.facade = world.api
            if not seed:
                harm.mended(world, store, FIRST, tidies=False)
                continue
            # What was chosen for the other library names a paper of that one.
            foreign = world.foreign()
            for hours in (1, 2):
                assert harm.run(world, store, NOW + hours * harm.HOUR) == Ended((), 0)
            assert world.foreign() == foreign
            assert len(world.library.items) == len(foreign) - 2 + 2 * 2
            assert set(harm.states(store).values()) == {State.DELIVERED}


# The database file


@pytest.fixture
def zotero(tmp_path: Path) -> Path:
    return zotero_sqlite.library(tmp_path / "zotero.sqlite")


def _run_on(zotero: Path, store: Store) -> Ended:
    with harm.told("web", FIRST) as (world, _):
        settings = {**world.settings, "place": str(zotero)}
        settings["shelf"] = {**settings["shelf"], "via": "none"}
        profile = world.machine(store)
        try:
            account = ZoteroAccount(settings, key="", memory=store.memory("zotero"), now=NOW)
            own = cycle.Profile(
                name=PROFILE, libraries=account.libraries(), sources=profile.sources
            )
            record = cycle.run(own, InOrder(), store, now=NOW)
        except RecommenderError as error:
            return Ended((str(error),), exit_code(error))
    assert record.library.items
    return Ended(tuple(str(one.error) for one in record.failures), 0)


@pytest.mark.parametrize("trouble", ["missing", "cut", "no file", "not ours", "changing"])
def test_a_database_that_cannot_be_read(
    zotero: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    with opened() as store:
        assert _run_on(zotero, store) == Ended((), 0)
        known = store.known_entries(NAME)
        assert known
        kept = zotero.rename(zotero.with_name("kept.sqlite"))
        with monkeypatch.context() as patched:
            if trouble == "cut":
                zotero.write_bytes(kept.read_bytes()[:5000])
            elif trouble == "no file":
                zotero.mkdir()
            elif trouble == "not ours":
                shutil.copyfile(kept, zotero)
                patched.setattr(shutil, "copyfile", _denied)
            elif trouble == "changing":
                shutil.copyfile(kept, zotero)
                patched.setattr(shutil, "copyfile", _written_meanwhile(shutil.copyfile))
                patched.setattr("time.sleep", lambda _: None)
            ended = _run_on(zotero, store)
        [line] = ended.lines
        harm.check_line(line)
        assert "zotero.sqlite" in line
        assert ended.code == (TRANSIENT if trouble == "changing" else FAILED)
        assert store.known_entries(NAME) == known
        if zotero.is_dir():
            zotero.rmdir()
        kept.replace(zotero)
        assert _run_on(zotero, store) == Ended((), 0)
        assert store.known_entries(NAME) == known


def _denied(source: Path, target: Path) -> None:
    raise PermissionError(13, "Permission denied", str(source))


def _written_meanwhile(copy: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
    def copied(source: Path, target: Path) -> Path:
        found = copy(source, target)
        with source.open("ab") as file:
            file.write(bytes(4096))
        return found

    return copied


def test_a_database_that_a_program_holds_locked_is_read_all_the_same(zotero: Path) -> None:
    with opened() as store, closing(sqlite3.connect(zotero)) as program:
        program.execute("PRAGMA locking_mode = EXCLUSIVE")
        program.execute("BEGIN EXCLUSIVE")
        assert _run_on(zotero, store) == Ended((), 0)
        program.execute("ROLLBACK")
