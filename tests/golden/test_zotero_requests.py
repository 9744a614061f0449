"""What is sent to Zotero in a reader's first run with two suggestions, request by request.

``--update-golden`` rewrites the expected file; the review reads the difference.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from integrations.web.testing.exchange import Request
from tests.zotero.worlds import Way, opened, served

_EXPECTED = Path(__file__).parent / "zotero_requests.json"
# What pyzotero says of itself is not ours to keep.
_HEADERS = ("if-unmodified-since-version", "zotero-write-token", "zotero-server-id")
_PASSING = ("locale",)


def first_run(way: Way) -> list[dict[str, Any]]:
    with served(way) as zotero, opened() as store:
        zotero.n_suggestions = 2
        zotero.run(store)
        return [told(request) for request in zotero.server.requests]


def told(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {"request": f"{request.method} {request.path}"}
    found |= {name: value for name in _HEADERS if (value := request.headers.get(name))}
    if query := {n: v for n, v in sorted(request.query.items()) if n not in _PASSING}:
        found["query"] = query
    return found | ({"body": json.loads(request.body)} if request.body else {})


@pytest.fixture(scope="module")
def requests() -> dict[str, list[dict[str, Any]]]:
    return {"web": first_run("web"), "local": first_run("local")}


def test_what_is_sent_has_not_changed(
    requests: dict[str, list[dict[str, Any]]], update_golden: bool
) -> None:
    if update_golden:
        text = json.dumps(requests, ensure_ascii=False, indent=1) + "\n"
        _EXPECTED.write_text(text, encoding="utf-8")
    assert requests == json.loads(_EXPECTED.read_text(encoding="utf-8"))


def test_nothing_is_sent_that_the_expected_file_could_not_hold(
    requests: dict[str, list[dict[str, Any]]],
) -> None:
    # The same twice, so that a difference is one of ours and no matter of chance.
    assert requests == {"web": first_run("web"), "local": first_run("local")}
