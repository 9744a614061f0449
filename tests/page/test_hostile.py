"""Text of strangers in every field is text on every page, and makes no element and no attribute."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.page import reports, tokens
from recommender.papers import Author
from recommender.suggestions import Reason, ReasonKind, Suggestion
from recommender.testing.publishers import suggestion_on
from recommender.wording import visible
from tests.page.outline import Outline
from tests.page.worlds import AT, HERE, RECORD, SOURCE, House

NASTY = [
    "<script>alert(1)</script>",
    "</title></h2></article><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "'><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% include 'style.css' %}{# x #}",
    "javascript:alert(1)//",
    "&lt;b&gt; &amp; &#x3c;script&#x3e; &nosuch; &",
    "\u202e\u2066right to left\u2069 \u200f שלום",
    "\U0001d4d0\U0001f9ec𠀀",
    "-->]]><!--<![CDATA[",
    "a\nSubject: b\r\n\r\nX: y\x00\x0b\x1b[31m",
    "\ud800\udfff",
    "x" * 10_000,
    "long " * 2_000,
    "%s %d {0} ${x} ../../etc/passwd",
]
PATHS = ["/", "/archive", "/archive?q=waggle", "/suggestions/{}", "/sources", "/runs"]


def spoilt(text: str) -> Suggestion:
    """A suggestion that has a text wherever it has one, and is otherwise as any."""
    one = suggestion_on(1)
    said = f"waggle {text} z"
    paper = replace(
        one.paper,
        title=said,
        abstract=said,
        venue=said,
        authors=(Author(said, said), Author("", said)),
        categories=(said,),
        institutions=(said,),
        ids=(),
        url=said,
        code=said,
        website=said,
    )
    reasons = (Reason(ReasonKind.PAPER, said, 0.4, said), Reason(ReasonKind.TERMS, said, 0.1))
    return replace(one, paper=paper, reasons=reasons, source=said, interest=said)


def record(text: str) -> dict[str, object]:
    said = f"x {text} z"
    return {
        **RECORD,
        "sources": [{**SOURCE, "source": said, "error": "BadResponse", "message": said}],
        "notices": [said],
        "failures": [{"where": said, "error": said}],
        "excluded": {said: 3},
        "seconds": {said: 1.0},
    }


def pages(folder: Path, text: str) -> dict[str, Outline]:
    folder.mkdir()
    house = House(folder)
    one = spoilt(text)
    house.suggest(one)
    channel = f"x {text} z".encode("utf-8", "replace").decode()
    with house.store() as store:
        store.record_cycle("default", AT, AT, record(text))
        secret = tokens.secret(store)
    links = (
        tokens.answer_url(HERE, secret, one.suggestion_id, "good"),
        tokens.stop_url(HERE, secret, "default", channel) if len(text) < 300 else f"{HERE}/runs",
    )
    paths = [path.format(one.suggestion_id) for path in PATHS]
    paths += [link.removeprefix(HERE) for link in links]
    return {str(at): house.page(path) for at, path in enumerate(paths)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outline]:
    return pages(tmp_path_factory.mktemp("plain") / "house", "plain")


def check(found: dict[str, Outline], plain: dict[str, Outline]) -> None:
    for path, page in found.items():
        assert page.shape == plain[path].shape, path
        for tag in ("a", "link", "form"):
            for one in page.all(tag):
                target = str(one.get("href") or one.get("action"))
                assert target.startswith(("/", "#", "https://", "http://")), target
        assert "49" not in page.text
        assert not any("\x1b" in word or "\x00" in word for word in page.words)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_text_of_strangers_stays_text(tmp_path: Path, plain: dict[str, Outline], text: str) -> None:
    if len(text) > 300:
        plain = {**plain, "7": plain["5"]}
    check(pages(tmp_path / "house", text), plain)


@settings(max_examples=5)
@given(st.lists(st.sampled_from(NASTY[:12]) | st.text(max_size=8), max_size=4).map("".join))
def test_any_text_stays_text(
    tmp_path_factory: pytest.TempPathFactory, plain: dict[str, Outline], text: str
) -> None:
    found = pages(tmp_path_factory.mktemp("any") / "house", text.replace("49", ""))
    found.pop("7")
    check(found, plain)


@pytest.mark.parametrize("text", NASTY[:12], ids=range(12))
def test_what_is_looked_for_stays_text(tmp_path: Path, text: str) -> None:
    house = House(tmp_path)
    house.furnish()
    plain = Outline(house.client.get("/archive", params={"q": "nowhere"}).text)
    asked = text.encode("utf-8", "replace").decode()
    found = Outline(house.client.get("/archive", params={"q": asked}).text)
    assert found.shape == plain.shape
    [field] = [one for one in found.all("input") if one.get("name") == "q"]
    assert field["value"] == visible(asked)


@pytest.mark.parametrize("text", NASTY[:6], ids=range(6))
def test_what_a_replay_found_stays_text(tmp_path: Path, text: str) -> None:
    def page(said: str) -> Outline:
        report = {"rankings": {}, "can_be_said": [said], "cannot_be_said": [], "mind": [said]}
        with house.store() as store:
            reports.keep(store, "default", report, AT)
        return house.page("/evaluation")

    house = House(tmp_path)
    house.furnish()
    assert page(text).shape == page("plain").shape


def test_links_lead_to_the_web_alone(tmp_path: Path) -> None:
    house = House(tmp_path)
    one = suggestion_on(1)
    paper = replace(one.paper, url="javascript:alert(1)", code="data:text/html,x", ids=())
    house.suggest(replace(one, paper=paper))
    for path in ("/", f"/suggestions/{one.suggestion_id}"):
        for link in house.page(path).all("a"):
            assert str(link["href"]).startswith(("/", "#"))
