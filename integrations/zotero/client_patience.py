"""An HTTP client that waits and asks again where that is safe, and tells what went wrong.

pyzotero works on top of it and sees good answers only. Left to itself it sleeps for real and
without a limit, takes ``Retry-After`` for a number, reads the text of a 429 as JSON or calls a
write done that was refused, never tries a 5xx or a timeout again, and quotes addresses and
answers in its errors.
"""

import re
import ssl
from datetime import timedelta
from functools import cache
from typing import Any

import httpx2

from integrations.web.limits import TooMuch, Watch, whole
from integrations.web.patience import Patience, wait
from integrations.zotero.client_answers import BUSY, SERVICE, TOO_MANY, Request, trouble
from recommender.errors import IntegrationError, RateLimited, TransientError


class Quiet:
    """Until when a server wants to be left alone, by all clients of this process.

    Attributes:
        until: By the clients' clock; 0 for no such wish.
    """

    def __init__(self) -> None:
        self.until = 0.0


class PatientClient(httpx2.Client):
    """An HTTP client for one library that raises our errors and returns good answers only.

    Args:
        library: As in ``Request``.
        local: As in ``Request``.
        patience: How long a request may take.
        trust_env: Whether the environment's proxies are used.
        quiet: Shared with the other clients of the same server.
        transport: What carries the requests, in tests.
    """

    def __init__(
        self,
        *,
        library: str,
        local: bool,
        patience: Patience,
        trust_env: bool,
        quiet: Quiet,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        # A key must not follow a redirect to somewhere else.
        super().__init__(
            verify=_certificates(trust_env=trust_env),
            trust_env=trust_env,
            transport=transport,
            follow_redirects=False,
        )
        self._library = library
        self._local = local
        self._patience = patience
        self._quiet = quiet
        self._watch = Watch()

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """A good answer to a request, after as many tries as it may take.

        A read is tried again whatever became of it. A write only where surely nothing was written:
        no connection was made, or the server asked for patience.

        Raises:
            IntegrationError: As ``trouble`` says; ``TransientError`` where no answer came.
        """
        asked = Request(
            request.method,
            request.url.path,
            self._library,
            self._local,
            bool(request.extensions.get("text")),
        )
        left = self._limited(request)
        for pause in [*(pause.total_seconds() for pause in self._patience.pauses), None]:
            left -= self._keep_quiet(asked, left)
            start = self._patience.clock()
            answer, error, repeatable = self._once(asked, request, options, left)
            left -= self._patience.clock() - start
            if answer is not None and error is None:
                return answer
            asks = wait(answer.headers) if answer is not None else None
            pausing = pause if asks is None or pause is None else asks
            if error and (pausing is None or pausing > left or not repeatable):
                self._quiet.until = max(self._quiet.until, self._patience.clock() + (asks or 0.0))
                raise error
            self._patience.sleep(pausing or 0.0)
            left -= pausing or 0.0
        raise AssertionError("the last try returns or raises")

    def _limited(self, request: httpx2.Request) -> float:
        """Gives a request its limits: how many seconds there are for all its tries together."""
        # pyzotero gives its reads a timeout of its own.
        asked_for = request.extensions.get("patience", timedelta(0))
        timeout = (asked_for or self._patience.timeout).total_seconds()
        connecting = min(timeout, _CONNECTING)
        request.extensions["timeout"] = httpx2.Timeout(timeout, connect=connecting).as_dict()
        request.extensions["trace"] = self._watch.notice
        return float(max(self._patience.longest, asked_for).total_seconds())

    def _once(
        self, asked: Request, request: httpx2.Request, options: dict[str, Any], seconds: float
    ) -> tuple[httpx2.Response | None, IntegrationError | None, bool]:
        """One try: the answer, what was wrong, and whether it may be sent again."""
        try:
            with self._watch.within(max(seconds, 0.0)):
                arriving = super().send(request, **{**options, "stream": True})
                answer = whole(arriving, self._patience.largest)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            # A Zotero that does not run here does not start by being asked again.
            return None, _unreachable(asked), not (asked.local or request.extensions.get("once"))
        except httpx2.RequestError as error:
            return None, _broken(asked, error), asked.reads
        except TooMuch:
            return None, _too_much(asked), False
        error_found = trouble(asked, answer.status_code, answer.headers, answer.content)
        # Whatever it is an answer to: the server asks for a pause, of everybody here.
        pause = wait(answer.headers) if error_found is None else None
        if pause:
            self._quiet.until = self._patience.clock() + pause
        if error_found is None:
            _make_plain(answer, asked)
        # Zotero itself is never busy; what says so on this computer may have let the write through.
        undone = {TOO_MANY} if asked.local else {TOO_MANY, BUSY}
        refused = answer.status_code in undone and not request.extensions.get("once")
        again = refused or (asked.reads and isinstance(error_found, TransientError))
        return answer, error_found, again

    def _keep_quiet(self, asked: Request, left: float) -> float:
        """Waits out what an earlier answer asked for: how many seconds it was."""
        pause = self._quiet.until - self._patience.clock()
        if pause <= 0:
            return 0.0
        if pause > left:
            message = f"{asked.server} is busy and asks to be left alone for {pause:.0f} seconds"
            raise RateLimited(
                SERVICE, f"{message}; nothing is lost, try again then", timedelta(seconds=pause)
            )
        self._patience.sleep(pause)
        self._quiet.until = 0.0
        return pause


@cache
def _certificates(*, trust_env: bool) -> ssl.SSLContext:
    """Whom to trust; reading that takes longer than many a request, so clients share it."""
    return httpx2.create_ssl_context(trust_env=trust_env)


def _make_plain(answer: httpx2.Response, asked: Request) -> None:
    """Takes from a good answer what pyzotero would stumble on."""
    # It would wait for these as well, and cannot read every form.
    for name in ("backoff", "retry-after"):
        answer.headers.pop(name, None)
    # It goes by the type, and needs one.
    if not asked.text:
        answer.headers["content-type"] = "application/json"


def _unreachable(asked: Request) -> TransientError:
    if asked.local:
        message = "Zotero does not answer on this computer; start it, then run again"
    else:
        message = "zotero.org cannot be reached; check the connection, then run again"
    return TransientError(SERVICE, message)


def _broken(asked: Request, error: httpx2.RequestError) -> TransientError:
    # Only the kind of failure is told: its text can quote what was sent or received.
    kind = re.sub(r"(?<!^)([A-Z])", r" \1", type(error).__name__).lower()
    message = f"the connection to {asked.server} broke ({kind}); nothing is lost, try again later"
    return TransientError(SERVICE, message)


def _too_much(asked: Request) -> TransientError:
    message = f"{asked.server} sent more than any library needs; nothing is lost, try again later"
    return TransientError(SERVICE, message)


_CONNECTING = 10.0
