"""Whatever goes wrong with an account, its key and the reader's titles are in no text of it."""

import json
import logging
import traceback
from collections.abc import Callable

import pytest

from integrations.web.testing.server import (
    EMPTY_200,
    ERROR_200,
    RESET_AFTER,
    RESET_BEFORE,
    Fault,
    Server,
)
from integrations.zotero.account import ZoteroAccount
from integrations.zotero.account_settings import Wanted
from integrations.zotero.testing.world import Group
from recommender.errors import ConfigError, RecommenderError
from recommender.testing.publishers import suggestion_on
from tests.unit.zotero_scene import GROUP, KEY, TITLE, USER, Scene, filled

_SAYING = f"{TITLE} {KEY}"
_BODY = _SAYING.encode()
_JSON = {"Content-Type": "application/json", "Total-Results": "1", "Last-Modified-Version": "9"}
FAULTS = {
    **{str(n): Fault(n, body=_BODY) for n in (400, 401, 403, 404, 409, 412, 413, 418, 428, 500)},
    "502": Fault(502, {"Content-Type": "text/html"}, f"<h1>{_SAYING}</h1>".encode()),
    "503": Fault(503, {"Retry-After": _SAYING}, _BODY),
    "429": Fault(429, {"Retry-After": "3600"}, _BODY),
    "a redirect": Fault(302, {"Location": f"http://127.0.0.1:9/{KEY}"}, _BODY),
    "an invalid key": Fault(403, body=f"Invalid key {_SAYING}".encode()),
    "denied": Fault(403, body=f'{{"denied": true, "x": "{_SAYING}"}}'.encode()),
    "another server": Fault(412, body=f"Zotero-Server-ID {_SAYING}".encode()),
    "a token": Fault(412, body=f"token {_SAYING}".encode()),
    "empty": EMPTY_200,
    "an error as a good answer": ERROR_200,
    "a page": Fault(200, {"Content-Type": "text/html"}, _BODY),
    "cut off": Fault(200, _JSON, f'[{{"key": "{_SAYING}'.encode()),
    "another shape": Fault(200, _JSON, json.dumps(_SAYING).encode()),
    "other objects": Fault(200, _JSON, json.dumps([_SAYING]).encode()),
    "objects of others": Fault(200, _JSON, json.dumps([{"data": {"title": _SAYING}}]).encode()),
    "no number": Fault(200, {**_JSON, "Last-Modified-Version": _SAYING}, b"{}"),
    "no coding": Fault(200, {**_JSON, "Content-Encoding": "gzip"}, _BODY),
    "not written": Fault(
        200,
        _JSON,
        json.dumps({"failed": {"0": {"code": 400, "message": f"'{_SAYING}' is no"}}}).encode(),
    ),
    "reset before": RESET_BEFORE,
    "reset after": RESET_AFTER,
}


def _read(account: ZoteroAccount) -> None:
    for library in account.libraries():
        list(library.fetch(library.changes(None).entries))


def _publish(account: ZoteroAccount) -> None:
    shelf = account.shelf()
    assert shelf
    for receipt in shelf.publish([suggestion_on(1)]):
        _plain(receipt.failure)


def _check(account: ZoteroAccount) -> None:
    for finding in account.check():
        _plain(f"{finding.what} {finding.remedy}")


ACTS: tuple[Callable[[ZoteroAccount], object], ...] = (
    _read,
    _publish,
    _check,
    lambda account: account.choices(),
    lambda account: account.authorise(),
    lambda account: account.colour([("more", "#00FF00")]),
)


def _plain(text: str) -> None:
    assert KEY not in text
    assert TITLE not in text


def _failure(act: Callable[[ZoteroAccount], object], account: ZoteroAccount) -> bool:
    """Whether it fails; nothing but our own errors leaves an account, and none tells a secret."""
    try:
        act(account)
    except RecommenderError as error:
        told = error
    else:
        return False
    # With all that it was made of, as a log would show it.
    _plain("".join(traceback.format_exception(told)))
    assert len(str(told).splitlines()) == 1
    return True


def _furnished(scene: Scene, way: str) -> Server:
    """Somebody with papers, a group and a collection, on one of the ways."""
    world, path, server = scene.world, f"users/{USER}", scene.web
    if way == "here":
        facade = scene.zotero()
        facade.authorisations.answer = "always allow"
        world, path = facade.world, "users/0"
        world.add_group(Group(GROUP, "The Group", 0))
        assert scene.here
        server = scene.here
        scene.account(key="").authorise()
    filled(scene, world, path)
    scene.folder(world, path, "AAAA2222", TITLE)
    return server


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("way", ["web", "here"])
def test_no_failure_at_any_request_tells_a_secret(
    scene: Scene, caplog: pytest.LogCaptureFixture, way: str, name: str
) -> None:
    caplog.set_level(logging.INFO)
    # Where sources are asked too, it is told to be quiet.
    caplog.set_level(logging.INFO, "httpx2")
    server = _furnished(scene, way)
    key = KEY if way == "web" else ""
    n_failed = 0
    for act in ACTS:
        for position in range(4):
            kept = dict(scene.memory)
            start = len(server.requests)
            server.faults.at(start + position, FAULTS[name])
            account = scene.account(key=key, libraries=("user", f"group:{GROUP}"))
            n_failed += _failure(act, account)
            server.faults.clear()
            # As if it had never been tried.
            scene.memory.clear()
            scene.memory.update(kept)
    assert n_failed >= 5
    assert caplog.text
    _plain(caplog.text)


@pytest.mark.parametrize("key", [f"{KEY} and more", f"{KEY}\n", f"ключ{KEY}"])
def test_a_key_that_cannot_be_one_is_not_quoted(scene: Scene, key: str) -> None:
    for act in (_read, _publish):
        assert _failure(act, scene.account(key=key))
    account = scene.account(key=key)
    with pytest.raises(ConfigError):
        list(account.check())


def test_no_view_of_an_account_shows_the_key(scene: Scene) -> None:
    account = scene.account()
    libraries, shelf = account.libraries(), account.shelf()
    wanted = Wanted.of(scene.settings())
    _plain(f"{account!r} {libraries!r} {shelf!r} {wanted!r} {vars(account)!r}")
