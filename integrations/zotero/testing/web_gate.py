"""The Web API's door: API keys, write tokens, and the limits on how often one may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.web.testing.exchange import Request
from integrations.zotero.testing.web_errors import Refused
from integrations.zotero.testing.world import ApiKey, Group, Library, World

_FAILURES = 5
_FAILURES_REMEMBERED = timedelta(minutes=5)
_TOKENS_REMEMBERED = timedelta(hours=12)
_TOKEN_LENGTHS = range(5, 33)
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``burst`` requests at once, and from then on ``per_second``; for each user."""

    burst: int = 100
    per_second: int = 10


class Gate:
    """Who comes in, by which key.

    Attributes:
        rate_limit: Of requests with a key; None for no limit.
        anonymous_rate_limit: Of requests without one; None for no limit.
    """

    def __init__(self, world: World) -> None:
        self.rate_limit: RateLimit | None = None
        self.anonymous_rate_limit: RateLimit | None = None
        self._world = world
        self._failures: list[datetime] = []
        self._tokens: dict[tuple[str, str], datetime] = {}
        self._buckets: dict[int, tuple[float, datetime]] = {}

    def enter(self, request: Request) -> ApiKey | None:
        """The key of a request, None for nobody's.

        Raises:
            Refused: At the door.
        """
        key = self._known(_given(request))
        if key is None and request.method in WRITES:
            raise Refused(403, "An API key is required for write requests.", bare=True)
        if key is not None and request.method in WRITES and (token := _token(request)):
            used = self._tokens.get((key.key, token))
            if used and self._world.clock() - used < _TOKENS_REMEMBERED:
                raise Refused(412, "Write token already used", bare=True)
        self._count(key)
        return key

    def remember(self, request: Request, key: ApiKey | None) -> None:
        """Keep a write's token, if it has one: it is used up."""
        if key is not None and (token := _token(request)):
            self._tokens[key.key, token] = self._world.clock()

    def _known(self, given: str) -> ApiKey | None:
        if not given:
            return None
        now = self._world.clock()
        self._failures = [at for at in self._failures if now - at < _FAILURES_REMEMBERED]
        if len(self._failures) > _FAILURES:
            raise Refused(429, "Too many authentication failures", bare=True)
        key = self._world.keys.get(given)
        if key is None:
            self._failures.append(now)
            raise Refused(403, "Invalid key", bare=True)
        return key

    def _count(self, key: ApiKey | None) -> None:
        limit = self.anonymous_rate_limit if key is None else self.rate_limit
        if limit is None:
            return
        bucket, now = key.user_id if key else 0, self._world.clock()
        level, at = self._buckets.get(bucket, (float(limit.burst), now))
        level = min(limit.burst, level + (now - at).total_seconds() * limit.per_second)
        if level < 1:
            self._buckets[bucket] = level, now
            wait = str(limit.burst // limit.per_second)
            raise Refused(
                429, "Request rate limit exceeded", headers={"Retry-After": wait}, bare=True
            )
        self._buckets[bucket] = level - 1, now


def _given(request: Request) -> str:
    header, parameter = request.headers.get("zotero-api-key", ""), request.query.get("key", "")
    if header and parameter and header != parameter:
        raise Refused(400, "Zotero-API-Key header and 'key' parameter differ", bare=True)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return header or parameter or (bearer.strip() if scheme.lower() == "bearer" else "")


def _token(request: Request) -> str:
    token = request.headers.get("zotero-write-token", "")
    if token and len(token) not in _TOKEN_LENGTHS:
        raise Refused(400, "Write token must be 5-32 characters in length", bare=True)
    return token


@dataclass(frozen=True, slots=True)
class Rights:
    """What one request may do in one library."""

    read: bool = False
    notes: bool = False
    write: bool = False


def rights(key: ApiKey | None, library: Library, groups: Mapping[int, Group]) -> Rights:
    """What a key, or nobody's, may do in a library."""
    if library.kind == "user":
        if key is None or key.user_id != library.library_id or not key.library:
            return Rights()
        return Rights(read=True, notes=key.notes, write=key.write)
    group = groups[library.library_id]
    public = group.library_reading == "all" and group.kind != "Private"
    given = key.groups.get(group.group_id, key.groups.get("all")) if key else None
    role = group.role(key.user_id) if key and given else ""
    editor = role in ("owner", "admin") or (role == "member" and group.library_editing == "members")
    read = public or bool(role)
    return Rights(read=read, notes=read, write=editor and given == "write")
