"""Whatever a reader does with a file in which our shelf is, in whatever order: no harm is done."""

import re
from pathlib import Path

import bibtexparser
from bibtexparser.bparser import BibTexParser
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from integrations.files.bibtex_syntax import Placed, placed
from integrations.files.group_lists import flat
from integrations.files.library import FileLibrary
from recommender.library import Item
from recommender.suggestions import Receipt
from recommender.testing.publishers import suggestion_on
from tests.unit.bib_files import KINDS, delete, edit, entry_of, raw, shelf_in

MANY = {suggestion_on(n).suggestion_id: suggestion_on(n) for n in range(1, 6)}
NUMBERS = st.sets(st.integers(1, 5), min_size=1)
_OUR_LINE = re.compile(r"1 StaticGroup:Shelfwise[^\n]*\n")
_OUR_GROUP = re.compile(r"<dict>\s*<key>group name</key>\s*<string>Shelfwise<.*?</dict>", re.S)


def mark(one: Placed) -> str:
    return one.record.first("shelfwise")[:16]


def theirs(text: str) -> list[str]:
    """The reader's records as they stand, with what is between them, but for blanks and ours."""
    pieces, at = [], 0
    for one in placed(flat(text)):
        pieces.append(text[at : one.start].strip())
        if not mark(one):
            source = _OUR_LINE.sub("", text[one.start : one.end].replace("\r\n", "\n"))
            pieces.append(_OUR_GROUP.sub("", source).replace("\n\t\n</array>", "\n</array>"))
        at = one.end
    return [piece for piece in (*pieces, text[at:].strip()) if piece]


class Reading(RuleBasedStateMachine):
    """A reader at work in an editor, and runs in between."""

    folder: Path

    @initialize(text=st.sampled_from(sorted(KINDS.values())))
    def begin(self, text: str) -> None:
        self.path = self.folder / "mine.bib"
        self.path.write_bytes(text.encode())
        self.there: set[str] = set()
        self.edited: dict[str, str] = {}
        self.ever: set[str] = set()
        self.n_own = 2

    @rule(numbers=NUMBERS)
    def publish(self, numbers: set[int]) -> None:
        # What was delivered once is never given again.
        new = [s for n in numbers if (s := suggestion_on(n)).suggestion_id not in self.ever]
        before = theirs(raw(self.path))
        again = [MANY[one] for one in self.there]
        receipts = shelf_in(self.path).publish([*new, *again])
        assert not any(receipt.failure for receipt in receipts)
        self.there |= {s.suggestion_id for s in new}
        self.ever |= self.there
        assert theirs(raw(self.path)) == before

    @rule(numbers=NUMBERS)
    def retire(self, numbers: set[int]) -> None:
        before = theirs(raw(self.path))
        ids = [suggestion_on(n).suggestion_id for n in numbers]
        receipts = shelf_in(self.path).retire([Receipt(one) for one in ids])
        assert [r.touched for r in receipts] == [one in self.edited for one in ids]
        self.there -= {one for one in ids if one not in self.edited}
        assert theirs(raw(self.path)) == before

    @precondition(lambda self: self.there - self.edited.keys())
    @rule(data=st.data(), word=st.sampled_from(["bees", "not for me"]))
    def tag(self, data: st.DataObject, word: str) -> None:
        one = data.draw(st.sampled_from(sorted(self.there - self.edited.keys())))
        edit(self.path, MANY[one], "{shelfwise}", f"{{shelfwise, {word}}}")
        self.edited[one] = entry_of(raw(self.path), MANY[one])

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def throw_away(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.there)))
        delete(self.path, MANY[one])
        self.there.discard(one)
        self.edited.pop(one, None)

    @precondition(lambda self: self.there)
    @rule(data=st.data(), to_top=st.booleans())
    def move(self, data: st.DataObject, to_top: bool) -> None:
        one = data.draw(st.sampled_from(sorted(self.there)))
        entry, text = delete(self.path, MANY[one]), raw(self.path)
        places = [found.start for found in placed(flat(text)) if found.record.type != "string"]
        at = 0 if to_top or not places else data.draw(st.sampled_from(places))
        self.path.write_bytes(f"{text[:at]}{entry}\n{text[at:]}".encode())

    @rule(line=st.sampled_from(["\n", "\n\n\n", " "]))
    def save(self, line: str) -> None:
        self.n_own += 1
        own = f'{line}@misc{{own{self.n_own}, title = {{A\tpaper}},author="Me"}}'
        # On one line with what is there, the end of a comment would swallow it.
        self.path.write_bytes(f"{raw(self.path)}\n{own}{line}".encode())

    @rule()
    def end_lines_otherwise(self) -> None:
        text = raw(self.path)
        other = text.replace("\r\n", "\n") if "\r\n" in text else text.replace("\n", "\r\n")
        self.path.write_bytes(other.encode())
        self.edited = {k: entry_of(other, MANY[k]) for k in self.edited}

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        if not hasattr(self, "path"):
            return
        text = raw(self.path)
        found = [mark(one) for one in placed(flat(text)) if mark(one)]
        assert sorted(found) == sorted(self.there)
        for one, entry in self.edited.items():
            assert entry_of(text, MANY[one]) == entry
        library = FileLibrary(str(self.path))
        items = [e for e in library.fetch(library.changes(None).entries) if isinstance(e, Item)]
        assert {item.mark for item in items} - {""} == self.there

    def teardown(self) -> None:
        parser = BibTexParser(ignore_nonstandard_types=False, common_strings=True)
        keys = [entry["ID"] for entry in bibtexparser.loads(raw(self.path), parser).entries]
        assert len(keys) == len(set(keys)) == self.n_own + len(self.there)


def test_a_reader_at_work(tmp_path: Path) -> None:
    class Here(Reading):
        folder = tmp_path

    Here.TestCase.settings = settings(max_examples=30, stateful_step_count=12)
    Here.TestCase().runTest()
    assert (tmp_path / "mine.bib").exists()
