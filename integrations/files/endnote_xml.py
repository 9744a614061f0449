"""EndNote XML, as EndNote, Bookends, Mendeley and Zotero export it."""

import re
from xml.etree.ElementTree import ParseError

from integrations.files import safe_xml, xml_root
from integrations.files.contents import Contents, LibraryFormat, decoded
from integrations.files.endnote import record
from integrations.files.records import Record, entries
from integrations.files.tagged import Fields
from recommender.errors import BadResponse

_SERVICE = "EndNote XML"


class _Records:
    """What reads the records from the parser's events, so that no tree is ever built of them."""

    def __init__(self) -> None:
        self.found: list[Record] = []
        self._fields: Fields | None = None
        self._list = self._name = ""
        self._text: list[str] = []
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a record, a field, or one of the values of a field that is a list."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadResponse(_SERVICE, "is nested too deeply; export the library again")
        if tag == "record":
            self._fields = {}
        # Pieces of a text that look different are one text.
        if self._fields is None or tag == "style":
            return
        if tag not in _VALUES:
            self._list = tag
        self._name, self._text = self._list, []
        # The number behind the name is another one in each program.
        if tag == "ref-type" and (name := attributes.get("name")):
            self._fields[tag] = [name]

    def data(self, text: str) -> None:
        """Go on with a text."""
        if self._name:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """End what began."""
        self._depth -= 1
        if self._fields is None or tag == "style":
            return
        if text := "".join(self._text).strip():
            self._fields.setdefault(self._name, []).append(text)
        self._name, self._text = "", []
        if tag == "record":
            self.found.append(record(self._fields, f"record {len(self.found) + 1}"))
            self._fields = None

    def close(self) -> list[Record]:
        """End the file."""
        return self.found


def _matches(head: bytes) -> bool:
    start = decoded(head)
    found = xml_root.root(start)
    if not found:
        return False
    return (found.name == "xml" and bool(_LIST.search(start))) or (
        found.name == "records" and "<ref-type" in start
    )


def _read(data: bytes) -> Contents:
    text = decoded(data)
    root = xml_root.root(text)
    if not root or root.name not in {"xml", "records"}:
        raise BadResponse(_SERVICE, "has no list of records around it; export the library again")
    try:
        found = safe_xml.read(text, _SERVICE, _Records())
    except ParseError as error:
        # Half of a library would look as if the reader had thrown the rest away.
        raise BadResponse(_SERVICE, f"{_broken(error)}; export the library again") from error
    return Contents(entries(found))


def _broken(error: ParseError) -> str:
    line, _ = error.position
    why = str(error).partition(":")[0]
    what = "the file is cut off" if error.code in _CUT_OFF else f"the XML is broken ({why})"
    return f"line {line}: {what} here, and what follows is missing"


_VALUES = frozenset(("author", "date", "keyword", "url"))
_LIST = re.compile(r"<records?[\s/>]")
_DEEPEST = 100
# "no element found" and "unclosed token", by expat's numbers.
_CUT_OFF = (3, 5)

ENDNOTE_XML = LibraryFormat(_SERVICE, _matches, _read)
