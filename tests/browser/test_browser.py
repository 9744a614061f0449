"""The page in a real Chromium: what a reader sees, and what comes of what they do."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recommender.config import DEFAULT
from recommender.page import tokens
from recommender.suggestions import State, Verdict
from tests.system.own import Own

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: the extra 'browser'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra 'browser'")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

PLACES = ("/", "/archive", "/interests", "/sources", "/runs", "/evaluation")
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def command(own: Own, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "recommender.cli", *arguments, "--config", str(own.file)]


def run(own: Own) -> None:
    """The next run of the daemon, or by hand."""
    subprocess.run(command(own, "run"), check=True, capture_output=True)  # noqa: S603 - ours


@contextmanager
def shown(own: Own) -> Iterator[str]:
    """The page's address, while it is served."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    told = command(own, "page", "--port", str(port))
    process = subprocess.Popen(told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
    try:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address
        yield address.rstrip("/")
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """A reader after a first run."""
    own = Own(tmp_path)
    own.settle("[selection]\nlimit = 4", '[outputs]\nhtml = "out.html"')
    run(own)
    return own


@pytest.fixture
def address(own: Own) -> Iterator[str]:
    with shown(own) as found:
        yield found


@contextmanager
def looking(browser: "Browser", **how: Any) -> "Iterator[Page]":
    """A window in which nothing goes wrong."""
    context = browser.new_context(**how)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    # What is no longer wanted once the next page is asked for has not failed.
    page.on(
        "requestfailed",
        lambda request: None if "ABORTED" in (request.failure or "") else wrong.append(request.url),
    )
    try:
        yield page
        assert wrong == []
    finally:
        context.close()


def open_map(page: "Page", address: str) -> None:
    page.goto(f"{address}/interests")
    while page.get_by_text("is being drawn").count():
        page.reload()


def said_of(own: Own) -> dict[str, Verdict | None]:
    with own.store() as store:
        return {one.suggestion.paper.title: one.verdict for one in store.shown(DEFAULT)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 390])
def test_each_page_is_accessible_and_fits(
    browser: "Browser", address: str, scheme: str, width: int
) -> None:
    window = {"width": width, "height": 900}
    with looking(browser, color_scheme=scheme, viewport=window) as page:
        for place in PLACES:
            page.goto(address + place)
            found = axe.Axe().run(page).response["violations"]
            serious = [(one["id"], one["nodes"]) for one in found if one["impact"] in SERIOUS]
            assert serious == [], place
            assert page.evaluate("document.documentElement.scrollWidth") <= width, place


def test_todays_suggestions_have_their_reasons_and_an_answer_changes_the_next_run(
    browser: "Browser", own: Own, address: str
) -> None:
    with looking(browser) as page:
        page.goto(address)
        papers = page.locator("article.paper")
        assert papers.count() == 4
        first = papers.nth(0)
        assert first.get_by_label("The parts of the score").locator("li").count() > 0
        liked, disliked = first.locator("h2").inner_text(), papers.nth(1).locator("h2").inner_text()
        first.get_by_role("button", name="More like this").click()
        assert "More like this" in page.locator("article.paper [aria-pressed=true]").inner_text()
        papers.nth(1).get_by_role("button", name="Not for me").click()
    assert {t: v for t, v in said_of(own).items() if v} == {
        liked: Verdict.GOOD,
        disliked: Verdict.BAD,
    }
    run(own)
    with own.store() as store:
        states = {one.suggestion.paper.title: one.state for one in store.shown(DEFAULT)}
        learnt = store.last_cycles(DEFAULT, 1)[0].record["learnt"]
    assert (states[liked], states[disliked]) == (State.KEPT, State.DISMISSED)
    assert learnt == {"kept": 1, "dismissed": 1}


def test_an_answer_can_be_taken_back(browser: "Browser", own: Own, address: str) -> None:
    with looking(browser) as page:
        page.goto(address)
        first = page.locator("article.paper").nth(0)
        first.get_by_role("button", name="Not for me").click()
        page.locator("article.paper").nth(0).get_by_role("button", name="Take it back").click()
        assert page.locator("article.paper [aria-pressed=true]").count() == 0
    assert set(said_of(own).values()) <= {None, Verdict.UNDONE}


def test_all_can_be_done_by_keyboard(browser: "Browser", own: Own, address: str) -> None:
    with looking(browser) as page:
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.locator("main:focus").count() == 1
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.locator("button:focus").count():
                break
        # Wherever the keyboard is can be seen.
        outline = page.locator("button:focus").evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline != "none"
        assert page.locator("button:focus").inner_text() == "More like this"
        page.keyboard.press("Enter")
        page.locator("article.paper [aria-pressed=true]").wait_for()
    assert list(said_of(own).values()).count(Verdict.GOOD) == 1


def test_without_scripts_it_can_be_read_and_answered(
    browser: "Browser", own: Own, address: str
) -> None:
    with looking(browser, java_script_enabled=False) as page:
        for place in PLACES:
            page.goto(address + place)
            assert page.locator("h1").inner_text()
        page.goto(address)
        page.locator("article.paper").nth(0).get_by_role("button", name="Not for me").click()
        assert page.locator("article.paper [aria-pressed=true]").count() == 1
    assert list(said_of(own).values()).count(Verdict.BAD) == 1


def test_an_interest_is_on_the_map_and_can_be_renamed_and_muted(
    browser: "Browser", own: Own, address: str
) -> None:
    with looking(browser) as page:
        open_map(page, address)
        assert page.get_by_role("group", name="Map of your interests").count() == 1
        assert page.locator("svg.map a.mark").count() == 4
        page.locator("svg.map a.mark").nth(0).click()
        assert "#" in page.url
        open_map(page, address)
        first = page.locator("li.interest").nth(0)
        first.locator("summary").click()
        first.locator("input[name=called]").fill("What I care about")
        first.get_by_role("button", name="Rename").click()
        assert "What I care about" in page.locator("li.interest").nth(0).inner_text()
    run(own)
    with own.store() as store:
        assert "What I care about" in {one.suggestion.interest for one in store.shown(DEFAULT)}
    with looking(browser) as page:
        open_map(page, address)
        mine = page.locator("li.interest", has_text="What I care about")
        mine.get_by_role("button").nth(0).click()
        with own.store() as store:
            [pin] = store.pins(DEFAULT)
        assert pin.called == "What I care about"
        assert pin.factor != 1


@pytest.mark.parametrize("scripts", [True, False])
def test_a_mails_link_answers_in_one_click_and_a_scanner_answers_nothing(
    browser: "Browser", own: Own, address: str, *, scripts: bool
) -> None:
    with own.store() as store:
        one = store.shown(DEFAULT)[0].suggestion
        link = tokens.answer_url(address, tokens.secret(store), one.suggestion_id, "bad")
    with looking(browser, java_script_enabled=scripts) as page:
        page.goto(link)
        if scripts:
            page.wait_for_url(lambda url: "/answer/" not in url)
        assert said_of(own)[one.paper.title] is (Verdict.BAD if scripts else None)
        if not scripts:
            page.get_by_role("button").nth(0).click()
            assert said_of(own)[one.paper.title] is Verdict.BAD


def test_the_archive_is_searched(browser: "Browser", own: Own, address: str) -> None:
    with own.store() as store:
        title = store.shown(DEFAULT)[0].suggestion.paper.title
    with looking(browser) as page:
        page.goto(f"{address}/archive")
        page.get_by_role("searchbox").fill(title)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "q=" in url)
        assert title in page.locator("main").inner_text()
        page.get_by_role("searchbox").fill("no such thing anywhere")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "anywhere" in url)
        assert title not in page.locator("main").inner_text()
