import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.digest.page import HtmlPage
from recommender.papers import Author
from recommender.suggestions import Reason, ReasonKind, Receipt, Suggestion
from recommender.testing.publishers import suggestion_on
from recommender.testing.strategies import suggestions
from tests.page.outline import Outline


def page_of(folder: Path, *given_: Suggestion, about: str = "", fresh: bool = False) -> Outline:
    path = folder / "page.html"
    path.unlink(missing_ok=True)
    HtmlPage(path, about=about, fresh=fresh).publish(given_)
    return Outline(path.read_text(encoding="utf-8"))


def test_each_suggestion_is_an_article_with_all_that_is_known(tmp_path: Path) -> None:
    page = page_of(tmp_path, suggestion_on(1), suggestion_on(2), about="Looked at 3 pages.")
    assert len(page.all("article")) == 2
    for words in (
        "Looked at 3 pages.",
        "2 papers",
        "Waggle dances, part 1a",
        "Ada Ode, The Hive Group",
        "Journal of Bees, 2024-03-05",
        "doi:10.1000/waggle.1",
        "Score 0.50 · For your interest in Bees",
        "0.38 about bees and their dances",
        "0.12 in the Journal of Bees, of which you have 3",
        "How bees tell each other the way.",
        "Listed by a source, suggested on 2024-03-06",
    ):
        assert words in page.text


def test_without_a_memory_no_day_of_suggestion_is_told(tmp_path: Path) -> None:
    one = suggestion_on(1)
    page = page_of(tmp_path, one, fresh=True)
    assert "Listed by a source" in page.text
    page = page_of(tmp_path, one, replace(suggestion_on(2), source=""), fresh=True)
    assert not re.search(r"suggested|2024-03-06", page.text)
    assert {time["datetime"] for time in page.all("time")} == {"2024-03-05"}


def test_the_page_is_whole_and_asks_for_nothing_from_outside(tmp_path: Path) -> None:
    page = page_of(tmp_path, suggestion_on(1))
    source = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert source.startswith("<!DOCTYPE html>\n")
    assert '<html lang="en">' in source
    styles = source[source.index("<style>") + len("<style>") : source.index("</style>")]
    known = b64encode(sha256(styles.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'"
    metas = page.all("meta")
    assert {"http-equiv": "Content-Security-Policy", "content": policy} in metas
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas
    assert "<title>Shelfwise: suggestions</title>" in source
    assert not {"script", "img", "link", "iframe", "object", "form"} & {t for t, _ in page.elements}
    assert not re.search(r"url\(|@import|\ssrc=", source)


def test_landmarks_headings_and_names_guide_a_screen_reader(tmp_path: Path) -> None:
    page = page_of(tmp_path, suggestion_on(1), suggestion_on(2))
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1", "h2")] == [
        *(1, 1, 1, 1, 2)
    ]
    labels = [article["aria-labelledby"] for article in page.all("article")]
    assert labels == [heading["id"] for heading in page.all("h2")]
    assert len(set(labels)) == 2


def test_links_are_of_the_web_and_tell_no_referrer(tmp_path: Path) -> None:
    one = suggestion_on(1)
    bad = replace(one, paper=replace(one.paper, url="javascript:alert(1)", ids=()))
    links = page_of(tmp_path, suggestion_on(2)).all("a")
    assert {link["href"] for link in links} == {"https://doi.org/10.1000/waggle.2"}
    assert {link["rel"] for link in links} == {"noreferrer"}
    assert page_of(tmp_path, bad).all("a") == []


def bars(page: Outline) -> list[str | None]:
    assert not any("style" in attributes for _, attributes in page.elements)
    return [rect["width"] for rect in page.all("rect") if rect["class"] == "fill"]


def test_bars_show_the_parts_of_the_whole(tmp_path: Path) -> None:
    assert bars(page_of(tmp_path, suggestion_on(1))) == ["75", "25"]


@pytest.mark.parametrize("share", [0.0, -0.5])
def test_bars_of_nothing_are_empty(tmp_path: Path, share: float) -> None:
    reasons = (Reason(ReasonKind.PAPER, "close to one that you threw away", share),)
    one = replace(suggestion_on(1), score=share, reasons=reasons)
    assert bars(page_of(tmp_path, one)) == ["0"]


def test_a_quiet_page_says_so(tmp_path: Path) -> None:
    page = page_of(tmp_path, about="Looked at 3 pages.")
    assert page.all("article") == []
    assert "No suggestions" in page.text
    HtmlPage(tmp_path / "page.html").publish([suggestion_on(1)])
    assert "No suggestions" not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_exploration_and_many_authors_are_told_in_words(tmp_path: Path) -> None:
    one = suggestion_on(1)
    many = replace(one.paper, authors=tuple(Author(f"F{n}") for n in range(17)))
    text = page_of(tmp_path, replace(one, paper=many, exploring=True)).text
    assert "· To widen the view" in text
    assert "F4 and 12 more" in text


_NASTY = st.sampled_from(
    (
        "<script>alert(1)</script>",
        "</article>",
        "-->",
        "<!-- x -->",
        "\n<!-- shelfwise:a 0123456789abcdef -->\n",
        "]]>",
        "&amp;",
        "\"'",
        "{{ 1 }}",
        "{% x %}",
        "\x00",
        "\x0b",
        "\ud800",
        "\u202e",
    )
)


@given(st.lists(_NASTY | st.text(max_size=5), min_size=1).map(lambda s: "A" + "".join(s)))
def test_no_text_breaks_out_of_its_place(
    tmp_path_factory: pytest.TempPathFactory, nasty: str
) -> None:
    folder = tmp_path_factory.mktemp("page")
    one = suggestion_on(1)
    paper = replace(
        one.paper, title=nasty, abstract=nasty, venue=nasty, authors=(Author(nasty, nasty),)
    )
    reasons = (Reason(ReasonKind.PAPER, nasty, 0.5),)
    bad = replace(one, paper=paper, reasons=reasons, source=nasty, interest=nasty)
    page = page_of(folder, bad, suggestion_on(2), about=nasty)
    assert len(page.all("article")) == 2
    assert page.all("script") == []
    delivered = [Receipt(s.suggestion_id) for s in (bad, suggestion_on(2))]
    assert list(HtmlPage(folder / "page.html").retire(delivered)) == delivered
    assert Outline((folder / "page.html").read_text(encoding="utf-8")).all("article") == []


@given(st.lists(suggestions(), max_size=4, unique_by=lambda s: s.suggestion_id))
def test_the_same_suggestions_give_the_same_page(
    tmp_path_factory: pytest.TempPathFactory, some: list[Suggestion]
) -> None:
    folder = tmp_path_factory.mktemp("page")
    assert len(page_of(folder, *some).all("article")) == len(some)
    HtmlPage(folder / "other.html").publish(some[::-1])
    ranks = [(s.suggested_at, s.rank) for s in some]
    if len(set(ranks)) == len(ranks):
        assert (folder / "other.html").read_bytes() == (folder / "page.html").read_bytes()


def test_code_and_project_page_are_linked_if_they_are_on_the_web(tmp_path: Path) -> None:
    paper = replace(suggestion_on(2).paper, code="https://git.example/bees", website="bees?")
    page = page_of(tmp_path, replace(suggestion_on(2), paper=paper))
    assert "https://git.example/bees" in {link["href"] for link in page.all("a")}
    assert "Source code" in page.text
    assert "Project page" not in page.text
