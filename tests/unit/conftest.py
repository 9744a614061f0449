"""What tests of Zotero's shelf and account start from."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from integrations.zotero import account_ways
from tests.unit.zotero_scene import Scene
from tests.unit.zotero_shelves import Via, Zotero


@pytest.fixture
def via() -> Via:
    return "web"


@pytest.fixture
def zotero(via: Via) -> Iterator[Zotero]:
    with Zotero(via) as zotero:
        yield zotero


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(account_ways, "database", lambda: None)
    with ExitStack() as stack:
        yield Scene(stack)
