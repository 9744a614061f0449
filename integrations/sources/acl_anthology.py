"""The papers of a collection or a volume of the ACL Anthology.

https://aclanthology.org/info/development/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from integrations.files.records import storable
from integrations.pages import pages
from integrations.sources.acl_anthology_records import SERVICE, records
from integrations.web.client import Web
from integrations.web.turns import Pace
from recommender.errors import ConfigError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

PACE = Pace(SERVICE, every=timedelta(seconds=1), at_once=1)


class AclAnthologySource:
    """The papers of a collection or a volume, as one page without a date, which has a mark.

    A request asks GitHub, where the Anthology is kept, for the collection's file, with the contact;
    of one that is unchanged since, nothing but that is sent.

    Args:
        place: A collection, such as ``2025.acl`` or ``P18``; or one of its volumes, such as
            ``2025.acl-long`` or ``P18-1``: the beginning of its papers' addresses.
        access: Without a key.
        web: What asks the service; by default one of its own.

    Raises:
        ConfigError: If there can be no such collection.
    """

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._place = storable(place).strip()
        parts = _PLACE.fullmatch(self._place)
        if not parts:
            message = f"acl: {self._place!r} is no part of the ACL Anthology; give a collection"
            raise ConfigError(f"{message} such as 2025.acl, or a volume such as 2025.acl-long")
        self._collection, self._volume = parts[1], parts[2] or ""
        self._web = web or Web(PACE, contact=access.contact)

    @property
    def name(self) -> str:
        """``acl`` and the collection or volume."""
        return f"acl {self._place}"

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The one page, in the order of the volumes and of their papers.

        Raises:
            IntegrationError: If the file cannot be fetched, or is none of the Anthology's.
        """
        del since  # the page has no date
        mark = known.get(self._place, "")
        answer = self._web.get(f"{_ADDRESS}/{self._collection}.xml", known=mark)
        if answer.unchanged:
            page = pages.listing((), source=self.name, name=self._place)
            yield replace(page, mark=mark, unchanged=True)
        else:
            found = records(answer.content, self._volume)
            page = pages.listing(found, source=self.name, name=self._place)
            yield replace(page, mark=answer.mark, n_bytes=len(answer.content))


_ADDRESS = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"
_PLACE = re.compile(r"((?:19|20)\d\d\.[a-z0-9]+|[A-Z]\d\d)(?:-([a-z0-9]+))?", re.ASCII)
