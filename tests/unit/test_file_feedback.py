"""What is learnt from what readers do in their BibTeX files with what was suggested."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.files.group_shelf import GroupShelf
from integrations.files.library import FileLibrary
from recommender.feedback import Learnt, Signs, evidence, learnt
from recommender.library import Item, Library, OtherKind
from recommender.suggestions import Shown, State
from recommender.testing.publishers import suggestion_on
from tests.unit.bib_files import BIBDESK, JABREF, KINDS, PLAIN, delete, edit, opened, raw

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ONE, TWO, THREE = suggestion_on(1), suggestion_on(2), suggestion_on(3)


class World:
    """A reader with a file or a folder, and three suggestions on the shelf there."""

    def __init__(self, place: Path, file: Path, text: str) -> None:
        self.file = file
        self._place = place
        (place / "mine.bib" if place.is_dir() else place).write_bytes(text.encode())
        [self._library] = self.libraries()
        self._library.changes(None)
        self.receipts = self.shelf().publish([ONE, TWO, THREE])
        self.shown = [
            Shown(
                suggestion=one,
                state=State.DELIVERED,
                places=frozenset({receipt.place}),
                shelves=frozenset(filter(None, (receipt.shelf,))),
                delivered_at=NOW,
                seen=True,
            )
            for one, receipt in zip((ONE, TWO, THREE), self.receipts, strict=True)
        ]

    def libraries(self) -> list[FileLibrary]:
        return [*opened(self._place).libraries()]

    def shelf(self) -> GroupShelf:
        shelf = opened(self._place).shelf()
        assert shelf is not None
        return shelf

    def library(self) -> Library:
        [library] = self.libraries()
        changes = library.changes(None)
        entries = list(library.fetch(changes.entries))
        return Library(
            items=tuple(one for one in entries if isinstance(one, Item)),
            others=tuple(one for one in entries if isinstance(one, OtherKind)),
            collections=changes.collections,
        )

    def learnt(self, days: int = 1) -> Learnt:
        return learnt(self.shown, self.library(), Signs(), NOW + timedelta(days=days))

    def states(self) -> dict[str, State]:
        return dict(self.learnt().states)


@pytest.fixture
def world(tmp_path: Path) -> Callable[[str], World]:
    file = tmp_path / "mine.bib"
    return lambda text: World(file, file, text)


@pytest.fixture
def folder(tmp_path: Path) -> World:
    return World(tmp_path, tmp_path / "Shelfwise.bib", PLAIN)


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_touched_waits_and_teaches_nothing(
    world: Callable[[str], World], kind: str
) -> None:
    made = world(KINDS[kind])
    assert made.states() == {}
    assert made.learnt().seen == {one.suggestion_id for one in (ONE, TWO, THREE)}
    told = evidence(made.library(), made.shown, Signs())
    assert [item.key for item in told.items] == ["frisch1967", "lindauer1961"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("groups = {Shelfwise}", "groups = {Shelfwise, Thesis}"),
        ("groups = {Shelfwise}", "groups = {Thesis}"),
        ("groups = {Shelfwise}", "groups = {Methods}"),
        # It is in no group now, as most of what they have.
        ("  groups = {Shelfwise},\n", ""),
        ("keywords = {shelfwise}", "keywords = {shelfwise, bees}"),
        ("keywords = {shelfwise}", "keywords = {More like this; shelfwise}"),
        ("  year", "  ranking = {rank4},\n  year"),
        ("  year", "  readstatus = {read},\n  year"),
        ("  year", "  priority = {prio1},\n  year"),
        ("  year", "  file = {:ode.pdf:PDF},\n  year"),
        ("  year", "  comment-ada = {for chapter two},\n  year"),
    ],
)
def test_what_the_reader_uses_is_kept(world: Callable[[str], World], old: str, new: str) -> None:
    made = world(JABREF)
    edit(made.file, ONE, old, new)
    assert made.states() == {ONE.suggestion_id: State.KEPT}
    assert [r.touched for r in made.shelf().retire(made.receipts)] == [True, False, False]
    shown = [
        replace(s, state=made.states().get(s.suggestion.suggestion_id, s.state)) for s in made.shown
    ]
    told = evidence(made.library(), shown, Signs())
    assert ONE.paper.title in {item.paper.title for item in told.items}


@pytest.mark.parametrize(
    ("old", "new"),
    [("{{Waggle", "{{Wagging"), ("@article{ode2024waggle", "@misc{Ode-"), ("  year", "\tYear")],
)
def test_what_was_only_corrected_stays_and_tells_nothing(
    world: Callable[[str], World], old: str, new: str
) -> None:
    made = world(PLAIN)
    edit(made.file, ONE, old, new)
    assert made.states() == {}
    assert [r.touched for r in made.shelf().retire(made.receipts)] == [True, False, False]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_deleted_is_dismissed(world: Callable[[str], World], kind: str) -> None:
    made = world(KINDS[kind])
    entry = delete(made.file, ONE)
    assert made.states() == {ONE.suggestion_id: State.DISMISSED}
    # What they take back is taken back.
    made.shown[0] = replace(made.shown[0], state=State.DISMISSED)
    made.file.write_bytes(f"{raw(made.file)}\n{entry}\n".encode())
    assert made.states() == {ONE.suggestion_id: State.DELIVERED}


def test_a_keyword_says_that_it_is_not_for_them(world: Callable[[str], World]) -> None:
    made = world(PLAIN)
    edit(made.file, ONE, "{shelfwise},", "{shelfwise, not for me},")
    assert made.states() == {ONE.suggestion_id: State.DISMISSED}


def test_what_bibdesk_files_or_takes_off_the_shelf_is_kept(world: Callable[[str], World]) -> None:
    made = world(BIBDESK)
    text = raw(made.file)
    text = text.replace("frisch1967</", f"frisch1967,{made.receipts[0].place}</")
    taken = made.receipts[1].place
    made.file.write_bytes(text.replace(f",{taken},", ",").encode())
    assert made.states() == dict.fromkeys((ONE.suggestion_id, TWO.suggestion_id), State.KEPT)


def test_a_renamed_group_is_still_the_shelf(world: Callable[[str], World]) -> None:
    made = world(JABREF)
    text = raw(made.file).replace("groups = {Shelfwise}", "groups = {New}")
    made.file.write_bytes(text.replace("Group:Shelfwise", "Group:New").encode())
    assert made.states() == {}
    assert {c.name for c in made.library().collections if c.ours} == {"New"}


def test_a_group_that_was_taken_away_tells_nothing(world: Callable[[str], World]) -> None:
    made = world(JABREF)
    edit(made.file, ONE, "{Shelfwise},", "{Thesis},")
    lines = raw(made.file).splitlines(keepends=True)
    gone = re.compile(r"1 StaticGroup:Shelf|  groups = \{Shelfwise")
    made.file.write_bytes("".join(line for line in lines if not gone.match(line)).encode())
    # What lies with the reader's own was filed, all the same.
    assert made.states() == {ONE.suggestion_id: State.KEPT}
    assert not any(c.ours for c in made.library().collections)


def test_what_was_kept_stays_so_when_the_shelf_is_empty(world: Callable[[str], World]) -> None:
    for text in (JABREF, PLAIN):
        made = world(text)
        edit(made.file, ONE, "{Shelfwise}", "{Methods}")
        edit(made.file, TWO, "  groups = {Shelfwise},\n", "")
        kept = dict.fromkeys((ONE.suggestion_id, TWO.suggestion_id), State.KEPT)
        assert made.states() == kept
        assert [r.touched for r in made.shelf().retire(made.receipts)] == [True, True, False]
        assert kept.items() <= made.states().items()


def test_what_was_moved_into_another_file_is_kept(folder: World) -> None:
    entry = delete(folder.file, ONE)
    mine = folder.file.with_name("mine.bib")
    mine.write_bytes(f"{raw(mine)}\n{entry}\n".encode())
    delete(folder.file, TWO)
    assert folder.states() == {ONE.suggestion_id: State.KEPT, TWO.suggestion_id: State.DISMISSED}
    found = [item for item in folder.library().items if item.paper.title == ONE.paper.title]
    assert [item.mark for item in found] == [""]


def test_our_copy_of_what_the_reader_has_goes(folder: World) -> None:
    mine = folder.file.with_name("mine.bib")
    own = f"@article{{own, title = {{{ONE.paper.title}}}, doi = {{10.1000/waggle.1}}}}\n"
    mine.write_bytes(f"{raw(mine)}{own}".encode())
    found = folder.learnt()
    assert found.states == {ONE.suggestion_id: State.KEPT}
    assert found.retire == {ONE.suggestion_id}


def test_the_readers_own_entry_in_place_of_ours_is_kept(world: Callable[[str], World]) -> None:
    made = world(PLAIN)
    delete(made.file, ONE)
    # As a search engine for scholars would call it.
    own = f"@article{{ode2024waggle, title = {{{ONE.paper.title}}}, author = {{Ode, Ada}}}}\n"
    made.file.write_bytes(f"{raw(made.file)}{own}".encode())
    assert made.states() == {ONE.suggestion_id: State.KEPT}


def test_what_nobody_wanted_expires_and_goes(world: Callable[[str], World]) -> None:
    made = world(JABREF)
    found = made.learnt(days=40)
    assert set(found.states.values()) == {State.EXPIRED}
    made.shelf().retire([r for r in made.receipts if r.suggestion_id in found.retire])
    assert raw(made.file) == JABREF
