from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from integrations.web.testing.server import ERROR_200
from integrations.zotero import account_ways
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.testing.world import Group
from recommender.library import Collection
from recommender.ports import Account
from recommender.testing.accounts import AccountContract, AccountWorld, FakeAccount, FakeService
from recommender.testing.reference_managers import paper_item
from tests.unit.zotero_scene import GROUP, KEY, USER, Scene, filled


class _FakeWorld:
    key = "a secret key"
    named = ("own", "group")

    def __init__(self) -> None:
        self._service = FakeService()
        self._service.libraries["own"].put(paper_item("a paper"))
        self._service.libraries["group"].put(paper_item("a paper of the group's"))

    def account(self, *, has_shelf: bool = True) -> Account:
        return FakeAccount(self._service, self.named, self.key, has_shelf=has_shelf)

    def n_requests(self) -> int:
        return self._service.n_requests

    def add_collection(self, outer: str, inner: str) -> None:
        path = f"{outer}/{inner}"
        for one in (Collection(outer, outer), Collection(path, path, outer)):
            self._service.libraries["own"].declare(one)

    def allow(self) -> None:
        self._service.allows = True

    def colours(self) -> Mapping[str, str]:
        return self._service.colours

    def fail(self) -> None:
        self._service.fail()


class TestFakeAccount(AccountContract):
    @pytest.fixture
    def world(self) -> AccountWorld:
        return _FakeWorld()


class _ZoteroWorld:
    key = KEY
    named = ("user", f"group:{GROUP}")

    def __init__(self, scene: Scene, *, is_here: bool) -> None:
        self._scene = scene
        self._key = "" if is_here else KEY
        self._world = scene.zotero().world if is_here else scene.world
        if is_here:
            self._world.add_group(Group(GROUP, "The Group", 0))
        self._path = "users/0" if is_here else f"users/{USER}"
        filled(scene, self._world, self._path)

    def account(self, *, has_shelf: bool = True) -> ZoteroAccount:
        via = "auto" if has_shelf else "none"
        return self._scene.account(key=self._key, libraries=self.named, via=via)

    def n_requests(self) -> int:
        return sum(len(server.requests) for server in self._scene.servers)

    def add_collection(self, outer: str, inner: str) -> None:
        self._scene.folder(self._world, self._path, "AAAA2222", outer)
        self._scene.folder(self._world, self._path, "BBBB2222", inner, parentCollection="AAAA2222")

    def allow(self) -> None:
        assert self._scene.here
        self._scene.here.facade.authorisations.answer = "always allow"  # type: ignore[attr-defined]

    def colours(self) -> Mapping[str, str]:
        kept = self._world.library(self._path).settings["tagColors"].value
        return {one["name"]: one["color"] for one in kept}

    def fail(self) -> None:
        for server in self._scene.servers:
            server.faults.when(lambda _: True, ERROR_200, times=1000)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], _ZoteroWorld]]:
    monkeypatch.setattr(account_ways, "database", lambda: None)
    with ExitStack() as stack:
        yield lambda way: _ZoteroWorld(Scene(stack), is_here=way == "here")


class TestZoteroOrg(AccountContract):
    asks = False

    @pytest.fixture
    def world(self, opened: Callable[[str], _ZoteroWorld]) -> AccountWorld:
        return opened("zotero.org")


class TestZoteroHere(AccountContract):
    colours_tags = False

    @pytest.fixture
    def world(self, opened: Callable[[str], _ZoteroWorld]) -> AccountWorld:
        return opened("here")
