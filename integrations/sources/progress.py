"""How far the paging of a list is: it ends, whatever a service answers. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from recommender.errors import BadResponse


@dataclass(slots=True)
class Progress:
    """How far the paging of one list is; it sees to it that it ends.

    Attributes:
        service: Who lists.
        n_rows: How many rows there were so far.
        n_bytes: How many bytes were received for them.
    """

    service: str
    n_rows: int = 0
    n_bytes: int = 0
    _seen: set[str] = field(default_factory=set)

    def add(self, rows: Sequence[object], n_bytes: int) -> None:
        """Take note of one answer's rows.

        Raises:
            BadResponse: If the service has given the same answer before.
        """
        if rows:
            ends = json.dumps([rows[0], rows[-1]], sort_keys=True)
            if ends in self._seen:
                message = f"{self.service} goes round in circles; nothing is lost, try again later"
                raise BadResponse(self.service, message)
            self._seen.add(ends)
        self.n_rows += len(rows)
        self.n_bytes += n_bytes
