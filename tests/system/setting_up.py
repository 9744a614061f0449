"""A person who sets Shelfwise up, with an account on a served zotero.org or a Zotero here."""

import stat
from pathlib import Path
from typing import Any

import pytest

from integrations.zotero.testing.world import Group
from recommender import config
from recommender.cli import asking
from tests.system.own import USER, Zotero

NOWHERE = "http://127.0.0.1:9"  # the port that discards; nobody listens there


def furnish(account: Zotero) -> None:
    """Give the account a group, and a collection inside another one."""
    account.world.add_group(Group(5, "The Group", USER))
    folders = (("AAAA2222", "Thesis", False), ("BBBB2222", "Me[thod]s", "AAAA2222"))
    for key, name, parent in folders:
        data: dict[str, Any] = {"name": name, "parentCollection": parent, "relations": {}}
        account.library.put("collections", data, key)


class Person:
    """Somebody who gives these answers, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str, key: str = "") -> None:
        self.answers = list(answers)
        self.questions: list[str] = []
        monkeypatch.setattr(asking, "is_possible", lambda: True)
        monkeypatch.setattr("builtins.input", self.answer)
        monkeypatch.setattr(asking, "getpass", lambda _: key)

    def answer(self, question: str) -> str:
        self.questions.append(question)
        return self.answers.pop(0)


def web(served: Zotero) -> tuple[str, ...]:
    return ("--web-address", served.server.address, "--local-address", NOWHERE)


def written() -> config.Settings:
    return config.read_own(None)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
