"""The papers that a venue accepted on OpenReview.

https://docs.openreview.net/reference/api-v2
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from integrations.files.records import storable
from integrations.pages import pages
from integrations.pages.json_values import inside
from integrations.sources.openreview_records import is_note, records
from integrations.sources.progress import Progress
from integrations.web.answers import trouble
from integrations.web.client import Answer, Web
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, NotAuthorized, TransientError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

SERVICE = "OpenReview"

PACE = Pace(SERVICE, every=timedelta(seconds=1), at_once=1)
"""It names no limit, and asks those who are too quick to wait."""


class OpenReviewSource:
    """What a venue accepted, as one page without a date: decisions all come at once.

    A request tells the service which venue is asked for, and the contact; and the key, if there is
    one, in a header.

    Args:
        place: The venue's id, such as ``ICLR.cc/2026/Conference``: what follows ``group?id=`` in
            the address of its page.
        access: A key is an access token of an account; the service asks for one at times.
        web: What asks the service; by default one of its own.

    Raises:
        ConfigError: If no venue can have that id.
    """

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._venue = storable(place).strip().strip("/")
        if not _VENUE.fullmatch(self._venue):
            message = f"openreview: {self._venue!r} is no venue's id; give one such as"
            raise ConfigError(f"{message} ICLR.cc/2026/Conference")
        self._web = web or Web(PACE, contact=access.contact)
        self._headers = {"Authorization": f"Bearer {access.key}"} if access.key else {}

    @property
    def name(self) -> str:
        """``openreview`` and the venue's id."""
        return f"openreview {self._venue}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The venue's papers, in the order in which they were submitted; none before decisions.

        Raises:
            IntegrationError: If the service cannot be asked, or answers with no list of papers.
        """
        del since, known  # the page has no date, and the service gives it no mark
        notes, n_bytes = self._notes(_ADDRESS)
        if not notes:
            # What was submitted before about 2023 is there alone.
            notes, more = self._notes(_OLD_ADDRESS)
            n_bytes += more
        if notes and not any(map(is_note, notes)):
            raise BadResponse(SERVICE, _NO_LIST)
        page = pages.listing(records(notes, self._venue), source=self.name, name=self._venue)
        yield replace(page, n_bytes=n_bytes)

    def _notes(self, address: str) -> tuple[list[object], int]:
        found: list[object] = []
        progress = Progress(SERVICE)
        while True:
            answer = self._answer(address, len(found))
            notes, total = _list_in(answer.json(SERVICE))
            progress.add(notes, len(answer.content))
            found += notes
            if len(found) >= total or (total == _UNKNOWN and not notes):
                return found, progress.n_bytes
            if not notes:
                message = f"{SERVICE} gave fewer papers than it announced; nothing is lost"
                raise TransientError(SERVICE, f"{message}, run again")

    def _answer(self, address: str, offset: int) -> Answer:
        # By default what changed last comes first, and moves while one reads.
        params: dict[str, str | int] = {
            "content.venueid": self._venue,
            "sort": "number:asc",
            "limit": _LIMIT,
            "offset": offset,
        }
        answer = self._web.get(address, params, headers=self._headers, accepts={403})
        if answer.status == 403 and _CHALLENGE in answer.content:
            message = f"{SERVICE} wants to see a person or an account first; give the source"
            raise NotAuthorized(SERVICE, f"{message} an account's access token as its key")
        if answer.status == 403:
            raise trouble(SERVICE, answer.status, answer.headers)
        return answer


def _list_in(value: object) -> tuple[list[object], int]:
    """An answer's notes, and how many there are in all.

    Raises:
        BadResponse: If it is no answer with notes.
    """
    notes, total = inside(value, "notes"), inside(value, "count")
    if not isinstance(notes, list):
        raise BadResponse(SERVICE, _NO_LIST)
    return notes, total if type(total) is int else _UNKNOWN


_ADDRESS = "https://api2.openreview.net/notes"
_OLD_ADDRESS = "https://api.openreview.net/notes"
_VENUE = re.compile(r"[\w.@-]+(?:/[\w.,&'@ -]*[\w.])*")
_LIMIT = 1000  # notes in an answer; the service gives no more
_UNKNOWN = 10**9  # where the service does not say how many there are
_CHALLENGE = b"ChallengeRequired"
_NO_LIST = f"{SERVICE} answered with something else than papers; nothing is lost, try again later"
