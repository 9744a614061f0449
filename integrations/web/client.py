"""An HTTP client for one service: it keeps the service's manners and tells what went wrong."""

import json
import logging
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, TypeGuard
from urllib.parse import quote
from urllib.request import Request

import httpx2

from integrations.web.answers import broken, trouble, unreachable
from integrations.web.destinations import Private, Way, is_public, led_to
from integrations.web.limits import TooMuch, Watch, whole
from integrations.web.patience import Patience, rest
from integrations.web.turns import EVERYBODY, Pace, Turns
from recommender.errors import BadResponse, ConfigError, RateLimited, TransientError
from recommender.giving_up import is_given_up

_log = logging.getLogger(__name__)
# They log addresses and headers, and some services want a key or a person's query in there.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service answered.

    Attributes:
        status: 200, or one that was asked for.
        headers: By lower-case name; of a page that is ``unchanged`` those, too, that made its mark.
        content: The body, unpacked; empty where the page is ``unchanged``.
        address: Where it came from in the end.
        unchanged: It is as it was when the mark was given that was sent along.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    address: str
    unchanged: bool = False

    @property
    def mark(self) -> str:
        """What to send along next time, to be told only whether it changed; empty for none."""
        said = {ask: self.headers.get(say, "") for say, ask in _VALIDATORS.items()}
        found = {ask: value for ask, value in said.items() if _is_sendable(value)}
        return json.dumps(found) if found else ""

    def json(self, service: str) -> Any:
        """The body's value.

        Raises:
            BadResponse: If it is no JSON.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            what = "nothing" if not self.content.strip() else "something else than JSON"
            message = f"{service} answered with {what}; nothing is lost, try again later"
            raise BadResponse(service, message) from error


@dataclass(slots=True)
class _Deadline:
    """When all tries of a request have to be over, by the clock of whoever asks."""

    at: float


class Web:
    """What asks one service.

    Every failure is an ``IntegrationError`` that names the service, and neither a query nor a key
    is ever in its text. Whatever may work later was tried again by then. One thread at a time.

    Args:
        pace: The service's name and manners.
        contact: The reader's address of mail, for services that want to know whom to write to.
        patience: How long a request may take.
        turns: Shared by all that ask the same services.
        transport: What carries the requests, in tests.
        may_reach: Whether a redirect may lead to a host.

    Raises:
        ConfigError: If the environment names a proxy that cannot be used.
    """

    def __init__(
        self,
        pace: Pace,
        *,
        contact: str = "",
        patience: Patience | None = None,
        turns: Turns = EVERYBODY,
        transport: httpx2.BaseTransport | None = None,
        may_reach: Callable[[str], bool] = is_public,
    ) -> None:
        self.service = pace.service
        self._pace = pace
        self._patience = patience or Patience()
        self._turns = turns
        self._may_reach = may_reach
        self._watch = Watch()
        try:
            self._client = httpx2.Client(
                headers={"User-Agent": user_agent(contact)},
                verify=_certificates(),
                transport=transport,
                cookies=CookieJar(_Sendable()),
                follow_redirects=False,
                # Seconds lie between two requests, and what is idle is one more thing to break.
                limits=httpx2.Limits(max_keepalive_connections=0),
            )
        except (ImportError, ValueError, httpx2.InvalidURL) as error:
            message = "the proxy that the environment names (such as ALL_PROXY) cannot be used"
            raise ConfigError(f"{message}; name one of http://") from error

    def get(
        self,
        address: str,
        params: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        known: str = "",
        accepts: Collection[int] = (),
    ) -> Answer:
        """What is at an address.

        Args:
            address: Of http or https.
            params: Of the query.
            headers: Further ones; a redirect to another host does not get them.
            known: The ``mark`` of an earlier answer.
            accepts: Statuses beside 200 that are no failure.

        Raises:
            RateLimited: If the service asks for more patience than there is.
            NotAuthorized: If it refuses the key, or wants one.
            TransientError: If it failed, or did not answer in time.
            BadResponse: If it does not take the request, or leads somewhere it should not.
        """
        request = self._client.build_request(
            "GET", address, params=params, headers={**(headers or {}), **_conditions(known)}
        )
        return self._patiently(request, accepts)

    def post(
        self,
        address: str,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        accepts: Collection[int] = (),
    ) -> Answer:
        """What an address answers to a question that is not part of it; it raises as ``get``.

        Args:
            address: Of http or https.
            body: To be sent as JSON.
            form: To be sent as a form.
            params: Of the query.
            headers: Further ones.
            accepts: Statuses beside 200 that are no failure.
        """
        request = self._client.build_request(
            "POST", address, json=body, data=form, params=params, headers=headers
        )
        return self._patiently(request, accepts)

    def _patiently(self, request: httpx2.Request, accepts: Collection[int]) -> Answer:
        ends = _Deadline(self._patience.clock() + self._patience.longest.total_seconds())
        for pause in (*self._patience.pauses, None):
            try:
                return self._followed(request, accepts, ends)
            except TransientError as error:
                pausing = self._pause(error, pause.total_seconds() if pause else None)
                if pausing is None or pausing > self._until(ends) or is_given_up():
                    raise
                self._patience.sleep(pausing)
        raise AssertionError("the last try returns or raises")

    def _pause(self, error: TransientError, usual: float | None) -> float | None:
        if usual is None:
            return None
        asked = error.retry_after.total_seconds() if isinstance(error, RateLimited) else 0.0
        return asked or usual * (0.5 + self._patience.chance())

    def _followed(
        self, request: httpx2.Request, accepts: Collection[int], ends: "_Deadline"
    ) -> Answer:
        """The answer at the end of all redirects."""
        asked, way = request, Way()
        for _ in range(_MOST_HOPS + 1):
            answer = self._once(asked, ends, way)
            if not answer.has_redirect_location:
                return self._judged(answer, accepts)
            asked = self._next(request, answer)
        raise BadResponse(self.service, f"{self.service} sends us round in circles; {_CHECK}")

    def _next(self, first: httpx2.Request, answer: httpx2.Response) -> httpx2.Request:
        url = led_to(answer)
        if url is None:
            raise BadResponse(
                self.service, f"{self.service} leads to what is no web address; {_CHECK}"
            )
        if url.host != first.url.host and not self._may_reach(url.host):
            raise self._led_astray()
        if first.method != "GET":
            message = f"{self.service} has moved; correct its address in the config"
            raise BadResponse(self.service, message)
        same = (url.scheme, url.netloc) == (first.url.scheme, first.url.netloc)
        # Cookies are the client's own affair.
        mine = {n: v for n, v in first.headers.items() if n in _FOR_EVERYBODY or same}
        mine = {n: v for n, v in mine.items() if n not in {"host", "cookie"}}
        return self._client.build_request("GET", url, headers=mine)

    def _once(self, request: httpx2.Request, ends: "_Deadline", way: Way) -> httpx2.Response:
        timeout = self._patience.timeout.total_seconds()
        limits = httpx2.Timeout(timeout, connect=min(timeout, _CONNECTING)).as_dict()
        step = way.step(request.url)

        def trace(event: str, found: Mapping[str, Any]) -> None:
            self._watch.notice(event, found)
            step(event, found)

        request.extensions = {"timeout": limits, "trace": trace}
        self._ask_only_for_somebody()
        try:
            with self._turns.one(self._pace, self._until(ends)) as queued:
                self._ask_only_for_somebody()
                # That others here were first is no fault of the service.
                ends.at += queued
                with self._watch.within(self._until(ends)):
                    arriving = self._client.send(request, stream=True)
                    answer = whole(arriving, self._patience.largest)
                # Before anybody else has the turn.
                if pause := rest(answer.status_code, answer.headers):
                    self._turns.rest(self._pace, pause)
        except Private as error:
            raise self._led_astray() from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise unreachable(self.service) from error
        except httpx2.RequestError as error:
            raise broken(self.service, error) from error
        except TooMuch as error:
            message = f"{self.service} sent more than any page has; {_CHECK}"
            raise BadResponse(self.service, message) from error
        _log.debug("%s answered %d", request.url.host, answer.status_code)
        return answer

    def _ask_only_for_somebody(self) -> None:
        if is_given_up():
            message = f"{self.service}: nobody waits for it any more; nothing is lost, try again"
            raise TransientError(self.service, message)

    def _until(self, deadline: "_Deadline") -> float:
        return max(deadline.at - self._patience.clock(), 0.0)

    def _judged(self, answer: httpx2.Response, accepts: Collection[int]) -> Answer:
        asked = answer.request.headers
        sent = {say: asked[ask] for say, ask in _VALIDATORS.items() if ask in asked}
        unchanged = answer.status_code == _NOT_MODIFIED and bool(sent)
        if answer.status_code not in {200, *accepts} and not unchanged:
            raise trouble(self.service, answer.status_code, answer.headers)
        return Answer(
            status=answer.status_code,
            # Not every server says again what has stayed the same.
            headers={**(sent if unchanged else {}), **answer.headers},
            content=answer.content,
            address=str(answer.request.url),
            unchanged=unchanged,
        )

    def _led_astray(self) -> BadResponse:
        message = f"{self.service} leads to an address inside your own network; {_CHECK}"
        return BadResponse(self.service, message)


class _Sendable(DefaultCookiePolicy):
    """Takes no cookie that could not be sent back; without any, some journals lead in circles."""

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        is_ascii = f"{cookie.name}{cookie.value}".isascii()
        return is_ascii and bool(super().set_ok(cookie, request))


def user_agent(contact: str) -> str:
    """What we call ourselves."""
    whom = f" (mailto:{quote(contact, safe='@+')})" if contact else ""
    return f"shelfwise/{version('shelfwise')}{whom}"


def _conditions(known: str) -> Mapping[str, str]:
    """The headers that ask for a page only if it has another mark than this."""
    try:
        marks = json.loads(known)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(marks, dict):
        return {}
    return {ask: value for ask in _VALIDATORS.values() if _is_sendable(value := marks.get(ask))}


def _is_sendable(value: object) -> TypeGuard[str]:
    """Whether a validator can be sent back as it is."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_VALIDATOR:
        return False
    return value.isascii() and value.isprintable()


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; reading that takes longer than many a request, so clients share it."""
    return httpx2.create_ssl_context(trust_env=True)


_VALIDATORS = {"etag": "if-none-match", "last-modified": "if-modified-since"}
_LONGEST_VALIDATOR = 1000  # characters
_FOR_EVERYBODY = {"user-agent", "accept", "accept-encoding", "connection", *_VALIDATORS.values()}
_NOT_MODIFIED = 304
_MOST_HOPS = 5
_CONNECTING = 10.0  # seconds
_CHECK = "check its address"
