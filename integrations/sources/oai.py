"""Any repository or journal that is harvested by OAI-PMH.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qsl

import httpx2

from integrations.files.records import storable
from integrations.sources import oai_pages
from integrations.sources.days import Dated, Span, by_day
from integrations.sources.oai_records import row
from integrations.sources.web_pages import manners
from integrations.web.client import Web
from recommender.errors import BadResponse, ConfigError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access


class OaiSource:
    """What a repository took in or changed, by the day on which it did, one page a day.

    A request contains the days, the set, the format and the contact.

    Args:
        place: The repository's base address, perhaps with the set and the format that are wanted:
            ``https://zenodo.org/oai2d?set=user-birds&metadataPrefix=oai_dc``. Of the format
            everything is read that is Dublin Core, as it is where none is named.
        access: No key is needed.
        web: What asks the repository.

    Raises:
        ConfigError: If the place is no such address.
    """

    FIRST_DAYS: ClassVar[timedelta] = timedelta(days=7)
    """How far the first reading looks back."""
    LATE_BY: ClassVar[timedelta] = timedelta(days=1)
    """How long after its day a record can turn up: no two clocks agree on when a day ends."""

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        place = place.strip()
        pace = manners(place)
        url = httpx2.URL(place)
        asked = dict(parse_qsl(url.query.decode("ascii")))
        if strange := asked.keys() - _WANTED - _OF_A_REQUEST:
            raise ConfigError(
                f"{pace.service}: an address for OAI-PMH has a set and a metadataPrefix at the "
                f"most; leave {min(strange)[:50]!a} out"
            )
        self._address = str(url.copy_with(query=None, fragment=None))
        self._params = {"metadataPrefix": "oai_dc"} | {n: asked[n] for n in _WANTED & asked.keys()}
        self._now = access.now
        self._web = web or Web(pace, contact=access.contact)
        path = url.raw_path.decode("ascii").partition("?")[0]
        chosen = [asked[name] for name in sorted(_WANTED) if name in asked]
        name = " ".join(["oai", f"{url.netloc.decode('ascii')}{path}", *chosen])
        self._name = " ".join(storable(name).split())

    @property
    def name(self) -> str:
        """``oai``, the host and the path, and the set and the format that the place names."""
        return self._name

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """A page for each day with records; the last ``FIRST_DAYS`` without ``since``.

        Of a long time a month is asked for at once, or a twelfth of it where that is more, so that
        what is read is kept when the rest fails.

        Raises:
            TransientError: If the repository cannot be asked now, or loses track of its list.
            BadResponse: If it does not take the question, or answers with something else.
        """
        del known  # there is no version of a list
        span = Span.of(since, self._now, at_first=self.FIRST_DAYS, late_by=self.LATE_BY)
        for part in span.parts(max(_A_MONTH, -(-span.n_days // _MOST_PARTS))):
            rows, n_bytes = self._rows(part)
            yield from by_day(rows, source=self.name, span=part, n_bytes=n_bytes)

    def _rows(self, span: Span) -> tuple[list[Dated], int]:
        """All records of some days, and how many bytes they came in."""
        rows: list[Dated] = []
        n_bytes = n_records = 0
        days = {"from": span.first.isoformat(), "until": span.last.isoformat()}
        asked = {"verb": "ListRecords", **self._params, **days}
        for part in oai_pages.records(self._web, self._address, asked):
            n_bytes += part.n_bytes
            for element in part.records:
                n_records += 1
                found = row(element, n_records)
                # Some repositories list all that they have, whatever they are asked for.
                if found and (found[0] is None or span.first <= found[0] <= span.last):
                    rows.append(found)
            if n_records > _MOST_RECORDS:
                message = f"{self._web.service} lists more than anybody reads; choose a set of it"
                raise BadResponse(self._web.service, message)
        return rows, n_bytes


_WANTED = {"set", "metadataPrefix"}
# What an address has that was copied from a request.
_OF_A_REQUEST = {"verb", "from", "until", "resumptionToken"}
_A_MONTH = 30  # days
_MOST_PARTS = 12
_MOST_RECORDS = 200_000
