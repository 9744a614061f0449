"""An edition as a message of a chat: Markdown, or plain lines. Pure.

Services read Markdown in dialects of their own, and not one way of escaping is known to all. So
characters that could mean something are put as others that look alike: what others wrote formats
nothing, links nowhere and calls nobody.
"""

import re
from itertools import accumulate

from integrations.digest.lines import line
from recommender import wording
from recommender.editions import Edition, Told


def text(edition: Edition, *, longest: int, markdown: bool) -> str:
    """What a chat gets to see; as many whole suggestions as there is room for, the best first.

    Args:
        edition: Anything can be in its texts.
        longest: How many characters there are at the most, from 2.
        markdown: With links behind words; otherwise addresses stand on lines of their own.
    """
    head = _head(edition, markdown=markdown)
    blocks = [_block(told, markdown=markdown) for told in edition.told]
    sizes = [0, *accumulate(len(_GAP) + len(block) for block in blocks)]
    for n_kept in range(len(blocks), -1, -1):
        foot = _foot(edition, len(blocks) - n_kept, markdown=markdown)
        if len(head) + sizes[n_kept] + len(_GAP) + len(foot) <= longest and (n_kept or not blocks):
            return _GAP.join((head, *blocks[:n_kept], foot))
    # Not even one has room.
    return _safe(f"Shelfwise: {edition.subject}", longest)


def _head(edition: Edition, *, markdown: bool) -> str:
    heading = edition.heading
    day = f"{edition.at.day} {edition.at:%B %Y}"
    found = [f"**{heading}**, {day}" if markdown else f"{heading}, {day}"]
    if edition.since:
        found.append(f"With what there was since {edition.since.isoformat()}.")
    found += [f"Please look: {_safe(alarm, 300)}" for alarm in edition.alarms]
    if quiet := _safe(edition.quiet, 300):
        found.append(quiet)
    return "\n".join(found)


def _block(told: Told, *, markdown: bool) -> str:
    suggestion, paper = told.suggestion, told.suggestion.paper
    title, url = _safe(paper.title, 250) or "Untitled", _short(wording.link(paper))
    found = [f"**{_link(title, url)}**"] if markdown else [title, *filter(None, [url])]
    where = ", ".join(filter(None, (_safe(paper.venue, 120), paper.published)))
    if by := " · ".join(filter(None, (_safe(wording.few(paper.authors), 200), where))):
        found.append(f"By {by}" if paper.authors else f"In {by}")
    if gist := _safe(told.gist, 400):
        writer = _safe(told.gist_by, 80)
        found.append(f"{gist} (Written by {writer}, a language model.)" if writer else gist)
    reasons = (_safe(one, 250) for one in (wording.purpose(suggestion), suggestion.headline))
    if why := " · ".join(filter(None, reasons)):
        found.append(f"Why: {why}")
    answers = [("More like this", _short(told.good)), ("Not for me", _short(told.bad))]
    asked = [(what, url) for what, url in answers if url]
    if markdown and asked:
        found.append(" · ".join(_link(what, url) for what, url in asked))
    else:
        found += [f"{what}: {url}" for what, url in asked]
    return "\n".join(found)


def _foot(edition: Edition, n_left: int, *, markdown: bool) -> str:
    page = _short(edition.page)
    found: list[str] = []
    if n_left:
        found.append(f"… and {n_left} more{' on the page' if page else ''}")
    if looked := _safe(edition.looked, 250):
        found.append(looked)
    if page:
        found.append(_link("All suggestions", page) if markdown else f"All suggestions: {page}")
    if stop := _short(edition.stop):
        words = "No more of these messages"
        found.append(_link(words, stop) if markdown else f"{words}: {stop}")
    # By this a message that comes a second time is known.
    found.append(f"Edition {_safe(edition.edition_id, 100)}")
    return "\n".join(found)


def _link(words: str, url: str) -> str:
    # A bracket would end the address.
    bare = url.replace("(", "%28").replace(")", "%29")
    return f"[{words}]({bare})" if url else words


def _short(url: str) -> str:
    """An address on the web that is not absurdly long; empty otherwise."""
    found = wording.address(url)
    return found if len(found) <= _LONGEST_ADDRESS else ""


def _safe(anything: str, longest: int) -> str:
    """Somebody else's text on one line, in which nothing means anything to a chat."""
    shown = line(anything, longest).replace("://", "∶//").translate(_HARMLESS)
    return _DOT.sub("․", _ENTITY.sub("＆", shown))


_GAP = "\n\n"
_LONGEST_ADDRESS = 1000  # characters
_ENTITY = re.compile(r"&(?=[#\w])")
# Chats make links of what looks like the name of a server, too.
_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
# What calls people (@all, <!channel>, <@U1>), links, or formats.
_HARMLESS = str.maketrans(
    {
        "@": "＠",
        "<": "‹",
        ">": "›",
        "[": "(",
        "]": ")",
        "*": "∗",
        "_": "＿",
        "~": "∼",
        "`": "ˋ",
        "|": "∣",
        "\\": "∖",
    }
)
