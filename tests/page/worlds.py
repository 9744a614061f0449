"""A page with suggestions to show, asked without a socket."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from recommender import config
from recommender.page.app import application
from recommender.page.guarding import Names
from recommender.page.site import Site
from recommender.store import Store
from recommender.suggestions import Receipt, Shown, Suggestion
from recommender.testing.publishers import suggestion_on
from tests.page.outline import Outline

HERE = "http://127.0.0.1:8765"
AT = datetime(2024, 3, 6, 6, 30, tzinfo=UTC)
SOURCE: dict[str, object] = {
    "source": "a source",
    "pages": 1,
    "unchanged": 0,
    "papers": 9,
    "new": 9,
    "known": 0,
    "first": 9,
    "broken": 0,
    "bytes": 2000,
    "seconds": 0.5,
    "news_at": AT.isoformat(),
    "error": "",
    "message": "",
}
RECORD: dict[str, object] = {
    "library": {"entries": 3, "papers": 3, "other_kinds": 0, "skipped": 0},
    "pages": [{"source": "a source", "listing": "monday", "papers": 9, "new": 9, "skipped": 0}],
    "sources": [SOURCE],
    "excluded": {"below the threshold": 7},
    "suggestions": ["one", "two"],
    "delivered": 2,
    "model": {"threshold": 0.25},
    "seconds": {"library": 0.1, "choice": 1.25},
}


@dataclass
class House:
    """A reader's config and store in a folder, and the page on them."""

    folder: Path
    profiles: Sequence[str] = ()
    address: str = ""

    def __post_init__(self) -> None:
        file = self.folder / "config.toml"
        lines = ['[store]\npath = "kept.db"', f'[page]\naddress = "{self.address}"']
        lines += [f'[[profile]]\nname = "{name}"' for name in self.profiles]
        file.write_text("\n".join(lines), encoding="utf-8")
        self.settings = config.read_all(file)
        self.now = AT + timedelta(hours=2)
        self.site = Site(self.settings, lambda: self.now)
        names = Names.of(8765, self.address)
        self.client = TestClient(
            application(self.site, names), base_url=HERE, follow_redirects=False
        )

    def store(self) -> Store:
        return Store.open(self.folder / "kept.db")

    def suggest(self, *some: Suggestion, profile: str = "", at: datetime = AT) -> None:
        """Have suggestions made and delivered, and a run that made them written down."""
        name = profile or self.settings[0].name
        with self.store() as store:
            dated = [replace(one, suggested_at=at) for one in some]
            store.add_suggestions(name, dated, publishers=["feed"], at=at)
            store.record_receipts("feed", [Receipt(one.suggestion_id) for one in some], at=at)
            store.record_cycle(name, at, at + timedelta(seconds=3), RECORD)

    def furnish(self, n: int = 2) -> list[str]:
        """Have suggestions made; their ids."""
        some = [suggestion_on(number) for number in range(1, n + 1)]
        self.suggest(*some)
        return [one.suggestion_id for one in some]

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=_named(headers))

    def page(self, path: str) -> Outline:
        """A page that is there."""
        found = self.get(path)
        assert found.status_code == 200, found.text
        return Outline(found.text)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Response:
        """Send a form as a browser does that was shown it by this page."""
        told = {"token": self.site.token, **(form or {})}
        sent = {"origin": HERE, "sec_fetch_site": "same-origin", **headers}
        return self.client.post(path, data=told, headers=_named(sent))

    def shown(self, suggestion_id: str) -> Shown:
        with self.store() as store:
            found = store.one_shown(suggestion_id)
        assert found
        return found[1]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items() if value}


def token_in(page: Outline) -> str:
    """What the page's forms bring back."""
    found = {field["value"] for field in page.all("input") if field.get("name") == "token"}
    [token] = found
    assert token
    assert re.fullmatch(r"[\w-]{43}", token)
    return token
