"""Editions for those who test channels: invented ones, and ones full of hostile text."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from recommender.editions import Edition, Told
from recommender.identifiers import PaperId, Scheme
from recommender.papers import Author
from recommender.suggestions import Reason, ReasonKind
from recommender.testing.publishers import suggestion_on

HOSTILE = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    "\" onmouseover='alert(1)' x=\"",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://example.org/\"><svg/onload=alert(1)>'",
    "https://[half.example.org/",
    "One\r\nBcc: eve@example.org\r\n\r\n<p>Two</p>",
    "One\n.\nTwo\r.\rThree\u2028Four\u2029Five\x85Six\x0bSeven",
    "{{ 7 * 7 }}{% raw %}${jndi:ldap://example.org}",
    "=?utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?=",
    "@everyone <!channel> @[all] <@U123> #1 [here](https://example.org) *a* _b_ `c` ~d~ | > -",
    "\u202eback to front\u202d \u2066one\u2067two \u200f\u200e\u061c",
    "\x00\x07\x1b[2J\x1b]0;title\x07\x9b31m",
    "lone \ud800 and \udfff, \ufffe and \uffff",
    "𝒜𝓁𝓁 four bytes 🦊👩‍🔬 𠜎𠜱",
    "e" + "\u0301" * 500,
    "long " * 2000,
    "L" * 10_000,
    "概率" * 5_000,
    " \t\u00a0\u200b\ufeff",
    ".",
)
"""Texts of which each has done harm somewhere."""

_OLD_STYLE_DOI = "10.1175/1520-0469(1963)020<0130:dnf>2.0.co;2"


def edition_on(day: int, n_told: int = 3) -> Edition:
    """An invented edition with all that an edition can have, but neither quiet nor alarms.

    Args:
        day: Of March 2024, from 1; the same gives the same one.
        n_told: How many suggestions it tells of.
    """
    return Edition(
        edition_id=f"default/2024-03-{day:02}",
        profile="default",
        at=datetime(2024, 3, day, 7, 30, tzinfo=UTC),
        told=tuple(_told(number) for number in range(1, n_told + 1)),
        looked="Looked at 120 papers on 3 pages, of which 80 were new.",
        page="https://shelfwise.example.org/",
        stop="https://shelfwise.example.org/stop?token=abc",
    )


def edition_of(text: str) -> Edition:
    """An edition with one suggestion, in which each text is the given one."""
    one = suggestion_on(1)
    told = Told(
        suggestion=replace(
            one,
            suggestion_id=text,
            paper=replace(
                one.paper,
                # A paper without a title there cannot be.
                title=text if text.strip() else f"Title{text}",
                abstract=text,
                authors=(Author(text, text), Author(text)),
                venue=text,
                ids=(PaperId.of(Scheme.DOI, _OLD_STYLE_DOI),),
                url=text,
                categories=(text,),
                institutions=(text,),
                code=text,
                website=text,
            ),
            reasons=(Reason(ReasonKind.PAPER, text, one.score, text),),
            source=text,
            interest=text,
            followed=text,
        ),
        gist=text,
        gist_by=text,
        good=text,
        bad=text,
        own=text,
    )
    return Edition(
        edition_id=text,
        profile=text,
        at=datetime(2024, 3, 5, 7, 30, tzinfo=UTC),
        told=(told,),
        looked=text,
        quiet=text,
        since=date(2024, 3, 1),
        alarms=(text, text),
        page=text,
        stop=text,
    )


def hostile_texts() -> SearchStrategy[str]:
    """Texts that do harm, alone and joined, and any others; surrogates and all."""
    any_text = st.text(st.characters(exclude_categories=()), max_size=60)
    return st.lists(st.sampled_from(HOSTILE) | any_text, min_size=1, max_size=3).map("".join)


def hostile_editions() -> SearchStrategy[Edition]:
    """Editions in which each text is one that does harm."""
    return hostile_texts().map(edition_of)


def _told(number: int) -> Told:
    address = f"https://shelfwise.example.org/say/{number}"
    return Told(
        suggestion=suggestion_on(number),
        gist="Bees tell each other the way by dancing.",
        gist_by="a-model" if number == 1 else "",
        good=f"{address}/good",
        bad=f"{address}/bad",
        own=f"zotero://select/library/items/AAAA222{number}",
    )
