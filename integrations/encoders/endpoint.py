"""An encoder behind an address: whatever speaks the embeddings request that OpenAI introduced."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta

import httpx2
import numpy as np

from integrations.encoders import rows
from integrations.encoders.endpoint_answers import trouble, vectors_in
from integrations.web.endpoints import endpoint, is_own
from integrations.web.limits import TooMuch, Watch, whole
from integrations.web.patience import Patience
from recommender.arrays import Vectors
from recommender.errors import BadResponse, ConfigError, RateLimited, TransientError

BATCH = 64
"""How many texts a request has at most."""

_CONNECTING = 10.0  # seconds


class _NotRunning(TransientError):
    """Nothing answers on this computer: it does not start by being asked again."""


class EndpointEncoder:
    """The vectors of a model at an OpenAI-compatible endpoint.

    Nothing is asked before the first ``encode``. A request is tried again where that may help; the
    key is in no message, and goes over no connection that others can read.

    Args:
        address: Up to and with ``/v1``, which may be left out: ``http://127.0.0.1:11434``.
        model: As the endpoint calls it.
        key: Empty where it needs none.
        patience: How long a request may take.
        transport: What carries the requests, in tests.

    Raises:
        ConfigError: If the address is none, or is neither https nor of this computer; if there is
            no model; or if no request can bear the key.
    """

    def __init__(
        self,
        address: str,
        /,
        model: str = "",
        key: str = "",
        *,
        patience: Patience | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        url = endpoint(address, shows="your library and the key")
        if not model.strip() or not model.isprintable():
            raise ConfigError("an endpoint has several models; name one that gives embeddings")
        # A header takes nothing else, and says so in an error that quotes it.
        if not re.fullmatch(r"[!-~]*", key):
            raise ConfigError("the endpoint's key has a letter that no key has; copy it again")
        self._url = f"{str(url).rstrip('/')}/embeddings"
        self._server = url.netloc.decode("ascii")
        self._is_own = is_own(url)
        self._model = model
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._patience = patience or Patience()
        self._transport = transport
        self._width = 0

    @property
    def name(self) -> str:
        """The address and the model; whether the model was replaced there, nobody can tell."""
        return f"endpoint {self._url} {self._model}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, as ``ports.Encoder`` says.

        Raises:
            RateLimited: If the server asks for more patience than there is.
            NotAuthorized: If it refuses the key.
            TransientError: If it failed, or did not answer in time.
            BadResponse: If what it answered are no vectors, or not as long as those before.
            PermanentError: If it does not take the request.
        """
        if not texts:
            return np.empty((0, self._width), np.float32)
        # A key must not follow a redirect, and a proxy cannot reach this computer's own programs.
        with httpx2.Client(
            trust_env=not self._is_own, transport=self._transport, follow_redirects=False
        ) as client:
            found = [
                self._batch(client, texts[start : start + BATCH])
                for start in range(0, len(texts), BATCH)
            ]
        return np.concatenate(found)

    def _batch(self, client: httpx2.Client, texts: Sequence[str]) -> Vectors:
        content = json.dumps({"model": self._model, "input": rows.sendable(texts)}).encode()
        found = vectors_in(self._answer(client, content), len(texts), self._server)
        if self._width not in {0, found.shape[1]}:
            message = f"{self._server} gave vectors of {self._width} numbers, and now of"
            raise BadResponse(
                self._server, f"{message} {found.shape[1]}; name a model that stays the same"
            )
        self._width = found.shape[1]
        return rows.unit(found, texts, self._server)

    def _answer(self, client: httpx2.Client, content: bytes) -> bytes:
        """A good answer, after as many tries as it may take."""
        left = self._patience.longest.total_seconds()
        for pause in (*self._patience.pauses, None):
            start = self._patience.clock()
            try:
                return self._once(client, content, left)
            except _NotRunning:
                raise
            except TransientError as error:
                left -= self._patience.clock() - start
                asked = error.retry_after if isinstance(error, RateLimited) else timedelta(0)
                seconds = (asked or pause or timedelta(0)).total_seconds()
                if pause is None or seconds >= left:
                    raise
            self._patience.sleep(seconds)
            left -= seconds
        raise AssertionError("the last try returns or raises")

    def _once(self, client: httpx2.Client, content: bytes, seconds: float) -> bytes:
        timeout = self._patience.timeout.total_seconds()
        watch = Watch()
        request = client.build_request(
            "POST",
            self._url,
            headers=self._headers,
            content=content,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECTING)),
            extensions={"trace": watch.notice},
        )
        try:
            with watch.within(seconds):
                answer = whole(client.send(request, stream=True), self._patience.largest)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise self._unreachable() from error
        except httpx2.RequestError as error:
            # Only the kind of failure is told: its text can quote what was sent or received.
            kind = re.sub(r"(?<!^)([A-Z])", r" \1", type(error).__name__).lower()
            message = f"the connection to {self._server} broke ({kind}); try again later"
            raise TransientError(self._server, message) from error
        except TooMuch as error:
            message = f"{self._server} sent more than vectors need; check that it is an endpoint"
            raise BadResponse(self._server, f"{message} for embeddings") from error
        if answer.status_code != 200:
            raise trouble(self._server, self._model, answer.status_code, answer.headers)
        return answer.content

    def _unreachable(self) -> TransientError:
        if self._is_own:
            message = f"nothing answers at {self._server}; start the endpoint, then run again"
            return _NotRunning(self._server, message)
        message = f"{self._server} cannot be reached; check the connection, then run again"
        return TransientError(self._server, message)
