"""Whatever is asked of the page: it answers, and never that it made a mistake."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recommender.page import tokens
from recommender.page.answering import VERDICTS
from recommender.testing.publishers import suggestion_on
from tests.page.worlds import HERE, House

KEY = suggestion_on(1).suggestion_id
MOST_ANSWERS = {200, 303, 400, 403, 404, 405, 408, 413, 414, 415, 503}
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
PARTS = TEXT | st.sampled_from([KEY, "good", "bad", "..", ".", "", "%00", "answer", "archive"])
ROUTES = st.sampled_from(
    [
        "/",
        "/archive",
        f"/suggestions/{KEY}",
        f"/suggestions/{KEY}/answer",
        f"/answer/{KEY}/good",
        "/stop",
        "/sources",
        "/runs",
        "/evaluation",
        "/interests",
        "/feed.atom",
        "/feed.json",
        "/healthz",
        "/style.css",
    ]
)
PATHS = ROUTES | st.lists(PARTS, max_size=4).map(
    lambda parts: "/" + "/".join(quote(part, safe="%") for part in parts)
)
_OURS = "q page state profile token channel answer from said interest do called factor"
NAMES = TEXT | st.sampled_from(_OURS.split())
VALUES = TEXT | st.sampled_from(
    ["1", "-1", "9" * 400, "waiting", "good", "default", "today", "rename", "weigh", "0.5", "nan"]
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=5)
HEADERS = st.dictionaries(
    st.sampled_from(["origin", "sec-fetch-site", "content-type", "cookie", "accept", "range"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
    | st.sampled_from([HERE, "null", "same-origin", "application/x-www-form-urlencoded"]),
    max_size=3,
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    house.furnish()
    yield house
    # Nobody who was not shown a form has changed anything.
    assert house.shown(suggestion_on(2).suggestion_id).verdict is None


METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "ODD"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(METHODS, PATHS, FIELDS, st.binary(max_size=200) | FIELDS, HEADERS)
def test_nothing_that_is_asked_is_a_mistake(
    house: House,
    method: str,
    path: str,
    query: dict[str, str],
    content: bytes | dict[str, str],
    headers: dict[str, str],
) -> None:
    if isinstance(content, dict):
        sent = {"data": content}
        headers = {name: value for name, value in headers.items() if name != "content-type"}
    else:
        sent = {"content": content}  # type: ignore[dict-item]
    # As a whole, for a path may begin as an address of another host does.
    url = HERE + path
    answer = house.client.request(method, url, params=query, headers=headers, **sent)  # type: ignore[arg-type]
    assert answer.status_code in MOST_ANSWERS
    assert "Traceback" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    if answer.status_code >= 400 and method != "HEAD":
        assert '<main id="main"' in answer.text


@example({"answer": "good"}, f"/suggestions/{KEY}/answer")
@given(FIELDS, st.sampled_from(["/interests", f"/suggestions/{KEY}/answer"]))
def test_no_form_with_the_token_is_a_mistake(
    house: House, fields: dict[str, str], path: str
) -> None:
    before = house.shown(KEY).verdict
    answer = house.post(path, {**fields, "token": house.site.token})
    assert answer.status_code in MOST_ANSWERS
    said = VERDICTS.get(fields.get("answer", "")) if path != "/interests" else None
    assert house.shown(KEY).verdict is (said or before)


@given(TEXT, TEXT, FIELDS)
def test_no_signed_link_is_a_mistake(
    house: House, profile: str, channel: str, fields: dict[str, str]
) -> None:
    with house.store() as store:
        url = tokens.stop_url(HERE, tokens.secret(store), profile, channel)
    assert house.get(url.removeprefix(HERE)).status_code == 200
    assert house.post(url.removeprefix(HERE), fields).status_code in MOST_ANSWERS
