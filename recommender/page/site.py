"""What every answer of the page is made from: the settings, the store, and what was asked."""

import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from recommender import config
from recommender.config import Settings
from recommender.page import rendering
from recommender.store import Store

PLACES = (
    ("Today", "/"),
    ("Archive", "/archive"),
    ("Interests", "/interests"),
    ("Sources", "/sources"),
    ("Runs", "/runs"),
    ("Evaluation", "/evaluation"),
)
"""What the page has to show, by name and path."""

_PATIENCE = timedelta(seconds=3)  # a reader waits for another program's transaction
_N_NOTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks of the page.

    Attributes:
        path: The path that was asked for, as the routes know it.
        address: The page's own, as it was reached.
        named: The parts of it that vary, by name.
        query: What stands behind the question mark; of what comes twice, the last.
        form: What a form says, likewise.
    """

    path: str
    address: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """What stands before every path; empty but behind another server."""
        return urlsplit(self.address).path

    @property
    def is_outside(self) -> bool:
        """Whether whoever asks may not have been let in.

        So it is under a foreign name, and where only a signature is asked for: another server may
        let that pass without its login.
        """
        return not self.address or self.path.startswith(("/answer", "/stop"))

    def at(self, path: str, **query: object) -> str:
        """The address of another page of ours; what is asked there, but for what is empty."""
        told = {name: str(value) for name, value in query.items() if value}
        return f"{self.base}{path}{'?' if told else ''}{urlencode(told)}"


@dataclass(frozen=True, slots=True)
class Site:
    """The page of one config.

    Attributes:
        profiles: The settings of each profile, at least one; all keep one store.
        now: Tells what time it is.
        token: What a form must bring back that is to change anything: only who was shown the form
            by this very process knows it.
    """

    profiles: Sequence[Settings]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _notes: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def file(self) -> Path:
        """Where the store is."""
        return config.store_file(self.profiles[0])

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """The store, for the thread that asks.

        Raises:
            HTTPException: If nothing has run yet.
            StoreError: If it cannot be used, or another program keeps it locked for seconds.
        """
        # One that was emptied is no store either, and asking is not to make it one.
        if not self.file.exists() or not self.file.stat().st_size:
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "There is nothing to show before the first run. Do it with: shelfwise run",
            )
        with Store.open(self.file, patience=_PATIENCE, is_known=True) as store:
            yield store

    def profile(self, asked: Asked) -> Settings:
        """The profile that is asked for; the first where none is.

        Raises:
            HTTPException: If there is none of this name.
        """
        name = asked.query.get("profile") or asked.form.get("profile")
        if not name:
            return self.profiles[0]
        return self.named(name)

    def named(self, name: str) -> Settings:
        """The profile of a name.

        Raises:
            HTTPException: If there is none.
        """
        found = next((one for one in self.profiles if one.name == name), None)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "The config has no such profile.")
        return found

    def permit(self, asked: Asked) -> None:
        """Make sure that a form is one that this process has shown.

        Raises:
            HTTPException: If it is not.
        """
        given = asked.form.get("token", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.token.encode()):
            raise HTTPException(
                HTTPStatus.FORBIDDEN,
                "Nothing was changed: this form is from before the page was started last. Go back,"
                " load the page again, and press once more.",
            )

    def note(self, text: str) -> str:
        """Keep a sentence for the page that is shown next; gives the name it is kept under."""
        name = secrets.token_urlsafe(8)
        self._notes[name] = text
        for old in list(self._notes)[:-_N_NOTES]:
            del self._notes[old]
        return name

    def noted(self, name: str) -> str:
        """The sentence that is kept under a name; empty where none is, or no longer."""
        return self._notes.get(name, "")

    def page(
        self, asked: Asked, template: str, settings: Settings | None = None, **told: object
    ) -> Response:
        """A page made by a template.

        Args:
            asked: What was asked.
            template: Its name.
            settings: Of the profile that it tells of; None for the first.
            told: What the template names beside what every one does.
        """
        return HTMLResponse(rendering.page(template, self._common(asked, settings) | told))

    def problem(self, asked: Asked, status: int, text: str) -> Response:
        """A page that says in plain words what is wrong."""
        told = {"status": status, "what": HTTPStatus(status).phrase, "text": text}
        page = rendering.page("problem", self._common(asked, None) | told)
        return HTMLResponse(page, status)

    def back(self, where: str) -> Response:
        """Sends who changed something to a page of ours that shows it."""
        return RedirectResponse(where, HTTPStatus.SEE_OTHER)

    def _common(self, asked: Asked, settings: Settings | None) -> dict[str, object]:
        told: dict[str, object] = {"at": asked.at, "is_outside": asked.is_outside, "profile": ""}
        if asked.is_outside:
            return told
        several = len(self.profiles) > 1
        return told | {
            "here": asked.path if any(path == asked.path for _, path in PLACES) else "",
            "places": PLACES,
            # A name in every address would be noise where there is one profile.
            "profile": (settings or self.profiles[0]).name if several else "",
            "profiles": [one.name for one in self.profiles],
            "token": self.token,
        }
