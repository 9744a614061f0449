"""The socket under the Zotero test servers: what arrives, what goes wrong, and when."""

import http.client
import json
from datetime import timedelta
from threading import Event, Thread

import pytest

from integrations.web.testing.exchange import Request, Response, as_json
from integrations.web.testing.server import (
    EMPTY_200,
    ERROR_200,
    RESET_AFTER,
    RESET_BEFORE,
    Fault,
    Moment,
    Server,
)


class Counter:
    """A facade that counts what it acted on."""

    def __init__(self) -> None:
        self.acted: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.acted.append(request.path)
        return as_json({"acted": len(self.acted)})


def ask(
    server: Server, path: str = "/", timeout: float = 5, body: str | None = None
) -> tuple[int, bytes, dict[str, str]]:
    link = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=timeout)
    try:
        link.request("GET" if body is None else "POST", path, body, {"X-One": "1"})
        answer = link.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        link.close()


def test_a_request_arrives_as_it_was_sent() -> None:
    with Server(Counter()) as server:
        ask(server, "/users/1/tags/a%2Fb+c?tag=x&tag=y%20z&empty=", body="[]")
    (request,) = server.requests
    assert request.method == "POST"
    assert request.parts == ("users", "1", "tags", "a/b c")
    assert request.query == {"tag": "y z", "empty": ""}
    assert request.repeated["tag"] == ("x", "y z")
    assert request.headers["x-one"] == "1"
    assert request.body == b"[]"
    assert request.base == server.address


def test_a_fault_meets_the_request_of_its_position_alone() -> None:
    facade = Counter()
    with Server(facade) as server:
        server.faults.at(1, Fault(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"))
        answers = [ask(server)[:2] for _ in range(3)]
    assert answers == [
        (200, b'{"acted": 1}'),
        (502, b"<h1>Bad Gateway</h1>"),
        (200, b'{"acted": 2}'),
    ]


def test_a_fault_by_predicate_is_used_as_often_as_asked() -> None:
    with Server(Counter()) as server:
        server.faults.when(lambda r: r.path == "/b", Fault(503), times=2)
        found = [ask(server, path)[0] for path in ("/a", "/b", "/b", "/b")]
    assert found == [200, 503, 503, 200]


@pytest.mark.parametrize(("fault", "n_acted"), [(RESET_BEFORE, 0), (RESET_AFTER, 1)])
def test_a_connection_is_reset_before_or_after_the_facade_acted(fault: Fault, n_acted: int) -> None:
    facade = Counter()
    with Server(facade) as server:
        server.faults.at(0, fault)
        with pytest.raises(ConnectionResetError):
            ask(server)
    assert len(facade.acted) == n_acted


def test_an_answer_can_be_lost_although_the_facade_acted() -> None:
    facade = Counter()
    with Server(facade) as server:
        server.faults.at(0, Fault(500, {}, b"An error occurred", acts=True))
        assert ask(server)[0] == 500
    assert facade.acted == ["/"]


def test_a_body_can_be_cut_off() -> None:
    with Server(Counter()) as server:
        server.faults.at(0, Fault(keep=4))
        with pytest.raises(http.client.IncompleteRead) as failure:
            ask(server)
    assert failure.value.partial == b'{"ac'


def test_what_is_no_json_can_be_answered_with_200() -> None:
    with Server(Counter()) as server:
        server.faults.at(0, EMPTY_200)
        server.faults.at(1, ERROR_200)
        assert ask(server)[:2] == (200, b"")
        status, body, headers = ask(server)
    assert (status, body) == (200, b"An error occurred")
    assert headers["Content-Type"].startswith("text/html")


def test_a_fault_can_add_headers_to_a_good_answer() -> None:
    with Server(Counter()) as server:
        server.faults.at(0, Fault(headers={"Backoff": "3"}))
        status, body, headers = ask(server)
    assert (status, json.loads(body), headers["Backoff"]) == (200, {"acted": 1}, "3")


def test_a_stalled_answer_outlasts_the_client_and_not_the_server() -> None:
    with Server(Counter()) as server:
        server.faults.at(0, Fault(delay=timedelta(hours=1)))
        with pytest.raises(TimeoutError):
            ask(server, timeout=0.05)


def test_the_hook_is_called_around_the_facade() -> None:
    facade, moments = Counter(), list[tuple[int, Moment, int]]()

    def hook(position: int, moment: Moment) -> None:
        moments.append((position, moment, len(facade.acted)))

    with Server(facade) as server:
        server.hook = hook
        ask(server)
        ask(server)
    assert moments == [(0, "before", 0), (0, "after", 1), (1, "before", 1), (1, "after", 2)]


def test_a_hook_can_let_a_request_never_arrive() -> None:
    facade = Counter()
    with Server(facade) as server:
        server.hook = lambda _position, moment: moment == "after"
        with pytest.raises(ConnectionResetError):
            ask(server)
    assert facade.acted == []


def test_a_mistake_in_a_facade_is_raised_where_the_server_was_opened() -> None:
    def broken(_: Request) -> Response:
        raise KeyError("mistake")

    with (
        pytest.raises(KeyError, match="mistake"),
        Server(broken) as server,
        pytest.raises(http.client.RemoteDisconnected),
    ):
        ask(server)


def test_several_clients_are_served_at_once() -> None:
    with Server(Counter()) as server:
        server.faults.at(0, Fault(delay=timedelta(hours=1)))
        arrived = Event()
        server.hook = lambda _position, _moment: arrived.set()
        slow = Thread(target=ask, args=(server,))
        slow.start()
        assert arrived.wait(5)
        assert ask(server)[0] == 200
        server.closing.set()
        slow.join()
