"""The note cleaner of the Web API, as far as the recorded notes tell how it works. Pure."""

import html
import re
from html.parser import HTMLParser

import nh3

_BLOCKS = frozenset(
    (
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "div", "pre", "ul", "ol", "li"),
        *("dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "hr"),
    )
)
_INLINE = frozenset(
    (
        *("a", "b", "br", "code", "em", "i", "img", "s", "span", "strike", "strong"),
        *("sub", "sup", "u"),
    )
)
_VOID = frozenset(["br", "hr", "img"])
_RENAMED = {"b": "strong", "i": "em", "strike": "s"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "div": {"data-schema-version", "data-citation-items"},
    "img": {"alt", "src", "height", "width", "data-attachment-key"},
    "p": {"style"},
    "span": {"style", "class", "data-citation", "data-annotation"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https", "mailto", "zotero"}


def cleaned(note: str) -> str:
    """The note as the server stores it.

    Scripts, event handlers and addresses that run something go; ``b`` becomes ``strong`` and ``i``
    becomes ``em``; text that stands in no block is put into a paragraph; blocks stand in lines.
    """
    safe = nh3.clean(
        note,
        tags=set(_BLOCKS | _INLINE),
        attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    writer = _Writer()
    writer.feed(safe)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    """Writes markup that is known to be well formed, one block a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._implied = False  # whether the open paragraph is one that nobody wrote

    def text(self) -> str:
        self._end_implied()
        return "".join(self._out).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _RENAMED.get(tag, tag)
        if tag in _BLOCKS:
            self._end_implied()
            self._line()
        else:
            self._begin_implied()
        named = "".join(f' {name}="{html.escape(value or "")}"' for name, value in attrs)
        self._out.append(f"<{tag}{named}{' /' if tag in _VOID else ''}>")
        if tag not in _VOID:
            self._open.append(tag)
        elif tag in _BLOCKS:
            self._line()

    def handle_endtag(self, tag: str) -> None:
        tag = _RENAMED.get(tag, tag)
        if tag in _BLOCKS:
            self._trim()
        self._out.append(f"</{tag}>")
        self._open.pop()
        if tag in _BLOCKS:
            self._line()

    def handle_data(self, data: str) -> None:
        if "pre" not in self._open:
            data = re.sub(r"[ \t\r\n]+", " ", data)
        at_a_start = not self._out or self._out[-1] == "\n" or self._starts_block()
        if data.strip(" ") or (self._open and not at_a_start):
            self._begin_implied()
            self._out.append(html.escape(data, quote=False))

    def _starts_block(self) -> bool:
        found = re.match(r"<(\w+)", self._out[-1])
        return found is not None and found[1] in _BLOCKS

    def _begin_implied(self) -> None:
        if not self._open:
            self._line()
            self._out.append("<p>")
            self._open.append("p")
            self._implied = True

    def _end_implied(self) -> None:
        if self._implied:
            self._implied = False
            self.handle_endtag("p")

    def _trim(self) -> None:
        if self._out and not self._out[-1].startswith("<") and self._out[-1] != "\n":
            self._out[-1] = self._out[-1].rstrip(" ")

    def _line(self) -> None:
        if self._out and self._out[-1] != "\n":
            self._out.append("\n")
