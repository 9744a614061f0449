"""A wire with a Zotero at its other end that answers what a test gives it."""

from typing import Any

import httpx2

from integrations.zotero.client import Client, Patience, Quiet

KEY = "SecretSecretSecretSecret"
TITLE = "A private title"
WEB = "https://api.zotero.org"
LOCAL = "http://127.0.0.1:23119/api"
GOOD = {"Last-Modified-Version": "7", "Total-Results": "1", "Content-Type": "application/json"}

Answered = httpx2.Response | httpx2.RequestError


def a_list(*objects: Any, total: int | None = None, **headers: str) -> httpx2.Response:
    counted = {"Total-Results": str(len(objects) if total is None else total)}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(200, headers={**GOOD, **counted, **named}, json=list(objects))


def report(**parts: Any) -> httpx2.Response:
    return httpx2.Response(200, headers=GOOD, json={"successful": {}, "success": {}, **parts})


class Wire:
    """Gives the answers in their order, the last one for ever, and keeps what was asked."""

    def __init__(self, *answers: Answered) -> None:
        self._answers = list(answers)
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []

    def client(
        self,
        *,
        local: bool = False,
        library: str = "users/1",
        quiet: Quiet | None = None,
        **more: Any,
    ) -> Client:
        patience = Patience(sleep=self.slept.append, clock=lambda: 100.0, **more)
        transport = httpx2.MockTransport(self._answer)
        opened = Client.local if local else Client.web
        address = LOCAL if local else WEB
        return opened(address, library, KEY, patience=patience, quiet=quiet, transport=transport)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, httpx2.RequestError):
            raise answer
        # Each use needs a stream of its own.
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def text(status: int, body: str = TITLE, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, headers={"Content-Type": "text/html", **named}, text=body)


def patch(client: Client) -> object:
    return client.patch("items/ABCD2345", {"title": TITLE}, unmodified_since=3)


def post(client: Client) -> object:
    return client.post("items", [{"title": TITLE}], unmodified_since=3)


def put(client: Client) -> object:
    return client.put_setting("tagColors", [TITLE], unmodified_since=0)


def items(client: Client) -> object:
    return client.read("items")


WRITES = (patch, post, put)
