"""Documents in which what we wrote is marked, so that the rest can be left alone. Pure.

A document is a head, a block for each suggestion and a foot, each between two comment lines of the
format's own; the first carries a hash of what we wrote between them::

    <!-- shelfwise:0123456789abcdef 6e340b9cffb37a98 -->
    …
    <!-- /shelfwise:0123456789abcdef -->

Where the hash no longer fits, a person was at work; what stands outside all marks is a person's.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

HEAD_WITHIN = 4096  # characters; other programs put lines of their own before ours


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a format writes a comment line, and what it wants before everything else.

    Attributes:
        kind: Tells our documents of one format from those of another; letters only.
        preface: Whole lines that stand before the first mark.
        opening: What begins a comment.
        closing: What ends a comment, on the same line.
    """

    kind: str
    preface: str
    opening: str
    closing: str

    @property
    def head(self) -> str:
        """The name of the part before the blocks; no block has it."""
        return f"{self.kind}-head"

    @property
    def foot(self) -> str:
        """The name of the part behind the blocks; no block has it."""
        return f"{self.kind}-foot"

    @property
    def marks(self) -> re.Pattern[str]:
        """What finds whole mark lines: their ``end``, ``/`` in a closing one, and ``name``."""
        return re.compile(
            rf"^{re.escape(self.opening)}(?P<end>/?)shelfwise:(?P<name>[A-Za-z0-9%-]+)"
            rf"(?: [0-9a-f]{{16}})?{re.escape(self.closing)}\r?(?:\n|\Z)",
            re.MULTILINE,
        )

    def part(self, name: str, body: str) -> "Part":
        """A part of our own making; the body is whole lines."""
        source = (
            f"{self.opening}shelfwise:{name} {_digest(body)}{self.closing}\n{body}"
            f"{self.opening}/shelfwise:{name}{self.closing}\n"
        )
        return Part(name, body, source, untouched=True)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document.

    Attributes:
        name: Empty for what stands outside all marks.
        body: What stands between the marks.
        source: All of it as it stands, marks included.
        untouched: It is as we wrote it.
    """

    name: str
    body: str
    source: str
    untouched: bool

    @property
    def is_block(self) -> bool:
        """It belongs to a suggestion."""
        return bool(self.name) and "-" not in self.name


def is_ours(head: bytes) -> bool:
    """Whether a file is one of ours, given how it begins: what we suggested is no news to us."""
    return bool(_HEAD_MARK.search(head, 0, HEAD_WITHIN))


def block_name(suggestion_id: str) -> str:
    """What a suggestion's block is called: letters, digits and ``%``, which no format minds."""
    return re.sub(
        r"[^A-Za-z0-9]", lambda c: "".join(f"%{b:02X}" for b in c[0].encode()), suggestion_id
    )


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of a file, in its order; together they are every character of it."""

    syntax: Syntax
    parts: tuple[Part, ...]

    @classmethod
    def empty(cls, syntax: Syntax) -> "Document":
        """A document without suggestions."""
        foreign = (_foreign(syntax.preface),) if syntax.preface else ()
        return cls(syntax, (*foreign, syntax.part(syntax.head, ""), syntax.part(syntax.foot, "")))

    @classmethod
    def read(cls, text: str, syntax: Syntax) -> "Document":
        """The parts of a text; a mark that lost its other half is no mark."""
        parts: list[Part] = []
        at = 0
        opened: re.Match[str] | None = None
        for mark in syntax.marks.finditer(text):
            if not mark["end"]:
                opened = mark
            elif opened and opened["name"] == mark["name"]:
                if at < opened.start():
                    parts.append(_foreign(text[at : opened.start()]))
                body, source = text[opened.end() : mark.start()], text[opened.start() : mark.end()]
                ours = syntax.part(mark["name"], body).source == source
                parts.append(Part(mark["name"], body, source, untouched=ours))
                at, opened = mark.end(), None
        if at < len(text):
            parts.append(_foreign(text[at:]))
        # Of two copies nobody can say which one a person made.
        copies = Counter(part.name for part in parts)
        return cls(
            syntax,
            tuple(p if copies[p.name] == 1 else replace(p, untouched=False) for p in parts),
        )

    @property
    def has_head(self) -> bool:
        """It is known where blocks go."""
        return any(part.name == self.syntax.head for part in self.parts)

    @property
    def names(self) -> frozenset[str]:
        """All names that are marked in it, even where a mark lost its other half."""
        lost = (
            m["name"]
            for p in self.parts
            if not p.name
            for m in self.syntax.marks.finditer(p.source)
        )
        return frozenset((*(part.name for part in self.parts), *lost))

    @property
    def untouched(self) -> frozenset[str]:
        """The names of the blocks that are as we wrote them."""
        return frozenset(part.name for part in self.parts if part.is_block and part.untouched)

    @property
    def text(self) -> str:
        """Every character of it."""
        return "".join(part.source for part in self.parts)

    def without(self, names: Iterable[str]) -> "Document":
        """The document without the parts of these names."""
        dropped = frozenset(names)
        return replace(self, parts=tuple(p for p in self.parts if p.name not in dropped))

    def with_blocks(self, blocks: Sequence[Part]) -> "Document":
        """The document with more blocks, right behind its head."""
        row = next(i for i, part in enumerate(self.parts) if part.name == self.syntax.head) + 1
        return replace(self, parts=(*self.parts[:row], *blocks, *self.parts[row:]))

    def framed(
        self, head: Callable[[Sequence[str], str], str], foot: Callable[[Sequence[str]], str]
    ) -> "Document":
        """The document with its head and foot written afresh where nobody touched them.

        Args:
            head: Gives the head's body, from the blocks' bodies and the head's body so far.
            foot: Gives the foot's body, from the blocks' bodies.
        """
        bodies = [part.body for part in self.parts if part.is_block]

        def framed(part: Part) -> Part:
            if not part.untouched:
                return part
            if part.name == self.syntax.head:
                return self.syntax.part(part.name, head(bodies, part.body))
            if part.name == self.syntax.foot:
                return self.syntax.part(part.name, foot(bodies))
            return part

        return replace(self, parts=tuple(map(framed, self.parts)))


def _foreign(text: str) -> Part:
    return Part("", text, text, untouched=False)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


_HEAD_MARK = re.compile(
    rb"^(?:(?:<!--|%) shelfwise:[a-z]+-head [0-9a-f]{16}(?: -->)?\r?$|  *\"_shelfwise\": \{)",
    re.MULTILINE,
)
