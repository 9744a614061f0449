"""The HTML of a mail: well-formed, loading nothing, readable in the light and in the dark."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from hypothesis import given

from integrations.digest.mail_message import message
from recommender.editions import Edition
from recommender.testing.editions import edition_of, edition_on, hostile_editions

VOID = {"meta", "br", "hr", "img", "link", "input"}
TAGS = {"html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "p", "a", "b"}
ATTRIBUTES = {"lang", "charset", "name", "content", "class", "style", "dir", "href"}
LEAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
Attributes = dict[str, str]


class Page(HTMLParser):
    """What a browser makes of a page.

    Attributes:
        tags: Each with its attributes, in their order.
        texts: Each with the elements around it, the outermost first.
        style: The style sheet.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.texts: list[tuple[str, tuple[Attributes, ...]]] = []
        self.style = ""
        self._open: list[tuple[str, Attributes]] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert len(found) == len(attrs)
        self.tags.append((tag, found))
        if tag not in VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "style":
            self.style += data
        elif data.strip() and self._open[-1][0] != "title":
            self.texts.append((data.strip(), tuple(found for _, found in self._open)))


def page(edition: Edition) -> Page:
    part = message(edition, "ada@example.org", "reader@example.org").get_body(("html",))
    assert part is not None
    return Page(str(part.get_content()))


def everything() -> Edition:
    return replace(
        edition_on(5), quiet="Quiet.", since=date(2024, 3, 1), alarms=("The disk is full.",)
    )


def test_it_says_what_there_is() -> None:
    texts = [text for text, _ in page(everything()).texts]
    for told in ("3 papers for you", "The disk is full.", "Quiet.", "Waggle dances, part 2a"):
        assert texts.count(told) == 1
    assert texts.count("Summary written by a-model, a language model") == 1
    assert texts.count("This edition covers the days since 1 March 2024.") == 1


def test_its_links_are_those_of_the_suggestions() -> None:
    links = [found["href"] for tag, found in page(edition_on(5, n_told=1)).tags if tag == "a"]
    assert links == [
        "https://doi.org/10.1000/waggle.1",
        "https://doi.org/10.1000/waggle.1",
        "zotero://select/library/items/AAAA2221",
        "https://shelfwise.example.org/say/1/good",
        "https://shelfwise.example.org/say/1/bad",
        "https://shelfwise.example.org/",
        "https://shelfwise.example.org/stop?token=abc",
    ]


def test_nothing_is_loaded_and_nothing_runs() -> None:
    found = page(everything())
    assert {tag for tag, _ in found.tags} <= TAGS
    assert not re.search(r"url\(|@import|expression|https?:", found.style)
    for _, attributes in found.tags:
        assert attributes.keys() <= ATTRIBUTES
        assert "url(" not in attributes.get("style", "")


def test_it_is_made_for_the_dark_and_for_phones() -> None:
    found = page(edition_on(5))
    names = {attributes.get("name"): attributes.get("content") for _, attributes in found.tags}
    assert names["color-scheme"] == "light dark"
    assert names["viewport"] == "width=device-width, initial-scale=1"
    assert any("max-width:640px" in attributes.get("style", "") for _, attributes in found.tags)


def test_every_text_can_be_read_in_the_light_and_in_the_dark() -> None:
    found = page(everything())
    dark = dict(rules(found.style))
    assert dark
    for text, around in found.texts:
        for scheme in ({}, dark):
            ink = colour(around, "color", scheme)
            paper = colour(around, "background-color", scheme)
            assert contrast(ink, paper) >= LEAST, (text, ink, paper)


def test_each_colour_has_one_for_the_dark() -> None:
    found = page(everything())
    dark = dict(rules(found.style))
    for tag, attributes in found.tags:
        own = declarations(attributes.get("style", ""))
        night: dict[str, str] = {}
        for name in attributes.get("class", "").split():
            night |= dark.get(name, {})
        for wanted in {"color", "background-color"} & own.keys():
            assert wanted in night, (tag, attributes)


@given(hostile_editions())
def test_no_text_becomes_markup(edition: Edition) -> None:
    found = page(edition)
    assert {tag for tag, _ in found.tags} <= TAGS
    for tag, attributes in found.tags:
        assert attributes.keys() <= ATTRIBUTES
        if tag == "a":
            assert re.match(r"https?://|zotero://", attributes["href"])


def test_a_text_is_told_as_it_is() -> None:
    text = "<script>alert('1 & 2')</script>"
    assert text in [told for told, _ in page(edition_of(text)).texts]


def rules(style: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The declarations for the dark, by class."""
    block = style.partition("(prefers-color-scheme: dark)")[2].partition("@media")[0]
    for name, body in re.findall(r"\.(\w+)\s*\{([^}]*)\}", block):
        yield name, declarations(body.replace("!important", ""))


def declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def colour(around: tuple[Attributes, ...], what: str, scheme: dict[str, dict[str, str]]) -> str:
    """The colour that the innermost element gives that has one; a class's stands over its own."""
    for attributes in reversed(around):
        own = declarations(attributes.get("style", ""))
        for name in attributes.get("class", "").split():
            own |= scheme.get(name, {})
        if what in own:
            return own[what]
    raise AssertionError(f"nothing says {what}")


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(text: str) -> float:
    parts = [int(text[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
