"""The note that says why a paper was suggested, in HTML that Zotero stores as it stands. Pure.

Zotero's server rewrites the HTML of notes: it changes element names, wraps bare text and breaks
lines between blocks. What is written here is in the form that it arrives at, so that a note that
nobody touched reads back as it was sent.
"""

from collections.abc import Iterator
from html import escape

from integrations.zotero.keys import NOTE_MARK, is_key
from recommender.suggestions import Reason, Suggestion
from recommender.wording import link, purpose, shares, visible


def note_html(suggestion: Suggestion, *, more: str = "", less: str = "") -> str:
    """Why a paper was suggested, and what a reader can do now; at most 250,000 bytes.

    The headline first, then every reason with its share of the score, linked to the reader's own
    paper that it tells of, where it was listed, and the mark by which the note is known as ours.

    Args:
        suggestion: With or without reasons.
        more: The tag that says *more like this*; empty where there is none.
        less: The tag that says *not for me*; empty where there is none.

    Raises:
        ValueError: If the reasons' shares do not add up to the score.
    """
    return "\n".join(_blocks(suggestion, more, less))


def select_link(key: str) -> str:
    """The address that shows an item inside Zotero; empty where the key is none of Zotero's.

    Args:
        key: As the library has it: with ``groups/<number>/`` before it in a group's.
    """
    place, _, own = key.rpartition("/")
    if not is_key(own):
        return ""
    kind, _, number = place.partition("/")
    if not place:
        return f"zotero://select/library/items/{own}"
    if kind == "groups" and number.isdecimal() and number.isascii():
        return f"zotero://select/groups/{number}/items/{own}"
    return ""


def _blocks(suggestion: Suggestion, more: str, less: str) -> Iterator[str]:
    yield "<h1>Why this paper</h1>"
    if headline := _text(suggestion.headline):
        yield f"<p><strong>{headline}</strong></p>"
    if suggestion.reasons:
        yield f"<p>Score {suggestion.score:.2f}, made up of:</p>"
        yield "\n".join(["<ul>", *map(_reason, shares(suggestion)[:_MANY]), "</ul>"])
    if len(suggestion.reasons) > _MANY:
        yield f"<p>And {len(suggestion.reasons) - _MANY} smaller reasons.</p>"
    if served := purpose(suggestion):
        yield f"<p>{_text(served)}.</p>"
    source = _text(suggestion.source)
    found = [f"Listed in {source}." if source else "", _on_the_web(suggestion)]
    if any(found):
        yield f"<p>{' '.join(filter(None, found))}</p>"
    yield f"<p>{_what_now(more, less)}</p>"
    yield f"<p>{NOTE_MARK} {suggestion.suggestion_id}</p>"


def _reason(shared: tuple[Reason, str]) -> str:
    reason, share = shared
    text = _text(reason.text) or reason.kind.value
    if address := select_link(reason.item):
        text = f'<a href="{escape(address)}">{text}</a>'
    return f"<li><strong>{share}</strong> {text}</li>"


def _on_the_web(suggestion: Suggestion) -> str:
    address = link(suggestion.paper)
    if not address or len(address) > _LONG:
        return ""
    return f'<a href="{escape(address)}">Read on</a>'


def _what_now(more: str, less: str) -> str:
    ways = []
    if more := _text(more):
        ways.append(f"tag it <em>{more}</em> for more like this")
    if less := _text(less):
        ways.append(f"tag it <em>{less}</em> if it is not for you")
    ways.append("drag it into one of your collections to keep it")
    ways.append("delete it to be rid of it")
    return f"What now: {'; '.join(ways)}."


def _text(text: str) -> str:
    # Quotation marks stay: the server turns their entities back into characters.
    return escape(visible(text)[:_LONG].rstrip(), quote=False)


# So many reasons of so many characters fit into a note with room to spare, whatever they escape to.
_MANY = 40
_LONG = 1_000
