"""A reader with an account on a served zotero.org, and perhaps a Zotero on this computer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.web.testing.server import Server
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.client import Patience
from integrations.zotero.testing.local import LocalApi, LocalApi10
from integrations.zotero.testing.web import WebApi
from integrations.zotero.testing.world import ApiKey, Group, World
from recommender.config import Settings
from recommender.ports import Finding

KEY = "GoodKeyOfTheReader123456"
USER = 17
GROUP = 5
TITLE = "A title that nobody may log"
QUICK = Patience(timeout=timedelta(seconds=5), pauses=(), longest=timedelta(seconds=5))
NOWHERE = "http://127.0.0.1:9"  # the port that discards; nobody listens there


@contextmanager
def running(facade: Any) -> Iterator[Server]:
    with Server(facade) as server:
        yield server


class Scene:
    """A reader with a key, a group, and perhaps a Zotero on this computer.

    Attributes:
        memory: What the account keeps between runs.
        here: The Zotero on this computer; None where none runs.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.memory: dict[str, str] = {}
        self.world = World()
        self.world.add_user(USER, "reader", "The Reader")
        self.world.add_group(Group(GROUP, "The Group", USER))
        self.key = self.world.add_key(ApiKey(KEY, USER, groups={"all": "write"}))
        self.api = WebApi(self.world)
        self.web = stack.enter_context(running(self.api))
        self.here: Server | None = None

    def zotero(self, kind: type[LocalApi] = LocalApi10) -> Any:
        facade = kind(World())
        self.here = self._stack.enter_context(running(facade))
        return facade

    @property
    def servers(self) -> list[Server]:
        """All that can be asked for anything."""
        return [self.web, self.here] if self.here else [self.web]

    def settings(self, **changes: Any) -> dict[str, Any]:
        defaults = Settings()
        shelf = {k: changes.pop(k) for k in ("via", "collection", "tag") if k in changes}
        return {
            **defaults.library.model_dump(),
            "web_address": self.web.address,
            "local_address": self.here.address if self.here else NOWHERE,
            **changes,
            "shelf": {**defaults.shelf.model_dump(), **shelf},
        }

    def account(
        self, *, key: str = KEY, now: datetime | None = None, **changes: Any
    ) -> ZoteroAccount:
        return ZoteroAccount(
            self.settings(**changes),
            key=key,
            memory=self.memory,
            now=now or datetime.now(UTC),
            patience=QUICK,
        )

    def paper(self, world: World, path: str, key: str, **more: Any) -> None:
        data = {
            "itemType": "journalArticle",
            "title": TITLE,
            "creators": [],
            "tags": [],
            "collections": [],
            "relations": {},
            "dateAdded": "2026-05-04T03:02:01Z",
            "dateModified": "2026-05-04T03:02:01Z",
            **more,
        }
        world.library(path).put("items", data, key)

    def folder(self, world: World, path: str, key: str, name: str, **more: Any) -> None:
        data = {"name": name, "parentCollection": False, "relations": {}, **more}
        world.library(path).put("collections", data, key)


def found(account: ZoteroAccount) -> list[Finding]:
    findings = list(account.check())
    for finding in findings:
        for text in (finding.what, finding.remedy):
            assert "\n" not in text
            assert KEY not in text
            assert TITLE not in text
    return findings


def to_do(account: ZoteroAccount) -> list[str]:
    return [f"{one.what}; {one.remedy}" for one in found(account) if one.remedy]


def filled(scene: Scene, world: World, path: str) -> None:
    for n, letter in enumerate("ABCDEFGH"):
        scene.paper(world, path, f"{letter}AAA2222", abstractNote="Bees dance." if n else "")
