import gzip
import io
import json
import random
import sqlite3
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from integrations.files import library as module
from integrations.files.contents import Contents, LibraryFormat
from integrations.files.formats import LIBRARY_FORMATS, described, recognised
from integrations.files.library import FileLibrary
from recommender.errors import BadResponse, ConfigError
from recommender.library import Entry, Item, OtherKind, Unreadable

BIB = "@article{huber2021,\n  title = {On bees},\n  author = {Huber, Maria},\n}\n"
GROUPED = BIB.replace("author", "groups = {Insects},\n  author")
RIS = "TY  - JOUR\nID  - huber2021\nTI  - On bees\nER  - \n"
CSL = '[{"id": "huber2021", "type": "article-journal", "title": "On bees"}]'
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<rdf:Description rdf:about="huber2021"><z:itemType>book</z:itemType><dc:title>On bees</dc:title>
</rdf:Description></rdf:RDF>"""
ENDNOTE = (
    "<xml><records><record><rec-number>7</rec-number><ref-type name='Book'>6</ref-type><titles>"
    "<title>On bees</title></titles></record></records></xml>"
)
ENW = "%0 Journal Article\n%F huber2021\n%T On bees\n%A Huber, Maria\n"
NBIB = "PMID- 123\nOWN - NLM\nTI  - On bees\nFAU - Huber, Maria\n"
NOISE = random.Random(0).randbytes(2**16)  # noqa: S311 - no secret
TEXTS = {
    "BibTeX": BIB,
    "RIS": RIS,
    "EndNote XML": ENDNOTE,
    "ENW": ENW,
    "NBIB": NBIB,
    "CSL-JSON": CSL,
    "Zotero RDF": RDF,
}


def library(path: Path, content: str | bytes) -> FileLibrary:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return FileLibrary(str(path))


def refusal(path: Path, content: str | bytes) -> str:
    with pytest.raises(BadResponse) as found:
        library(path, content).changes(None)
    assert found.value.service
    assert "\n" not in str(found.value)
    return str(found.value)


def all_of(found: FileLibrary) -> list[Entry]:
    return list(found.fetch(found.changes(None).entries))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_format_is_recognised_as_itself_alone(name: str, encoding: str) -> None:
    data = TEXTS[name].encode(encoding)
    assert [form.name for form in LIBRARY_FORMATS if form.matches(data)] == [name]


def test_a_format_that_quotes_another_is_itself() -> None:
    quoted = [
        ("BibTeX", BIB.replace("On bees", "On\nTY  - JOUR\nER  - ")),
        ("RIS", RIS.replace("On bees", f"On bees\nN1  - {BIB}")),
        ("CSL-JSON", json.dumps([{"id": "a", "type": "book", "note": RIS + BIB}])),
        ("Zotero RDF", RDF.replace("On bees", f"On\n{RIS}{BIB}")),
        ("EndNote XML", ENDNOTE.replace("On bees", f"On\n{RIS}{BIB}{ENW}{NBIB}")),
        ("ENW", ENW.replace("On bees", f"On\n{RIS}{BIB}{NBIB}{ENDNOTE}")),
        ("NBIB", NBIB.replace("On bees", f"On\n{RIS}{BIB}{ENW}{ENDNOTE}")),
        ("RIS", RIS.replace("On bees", f"On\nN1  - {ENW}{NBIB}{ENDNOTE}")),
        ("BibTeX", BIB.replace("On bees", f"On\n{ENW}{NBIB}{ENDNOTE}")),
    ]
    for name, text in quoted:
        found = recognised(text.encode())
        assert found
        assert found.name == name


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04...", "a zip archive or an office document"),
        (NOISE, "binary data"),
        (b"text\0text", "binary data"),
        (b"\n<!DOCTYPE html><p>Log in", "a web page"),
        (b"<HTML><p>Log in", "a web page"),
        (b"<?xml version='1.0'?><feed/>", "XML of another kind"),
        (b'{"error": "no"}', "JSON of another kind"),
        ("Liebe Grüße".encode("cp1252"), "plain text"),
        ("Привет".encode("utf-16"), "plain text"),
    ],
    ids=str,
)
def test_what_is_no_library_is_described(data: bytes, looks: str) -> None:
    assert recognised(data) is None
    assert described(data) == looks


def test_a_named_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "page.bib", "<html><p>Log in") == (
        "page.bib: not a library that Shelfwise can read (BibTeX, RIS, EndNote XML, ENW,"
        " NBIB, CSL-JSON, Zotero RDF, zotero.sqlite); it looks like a web page"
    )
    assert "is empty" in refusal(tmp_path / "empty.bib", b"")
    assert "plain text" in refusal(tmp_path / "notes.txt", "Dear diary")


def test_much_noise_is_refused_at_once(tmp_path: Path) -> None:
    for name, content in (("noise", NOISE * 800), ("text", b"word " * 10_000_000)):
        started = time.thread_time()
        assert "not a library" in refusal(tmp_path / name, content)
        assert time.thread_time() - started < 2


def test_a_damaged_library_names_its_file_and_line(tmp_path: Path) -> None:
    message = refusal(tmp_path / "mine.json", CSL.replace('bees"}]', "be"))
    assert message.startswith("mine.json: line 1: the file is cut off here")


def test_a_packed_library_is_unpacked(tmp_path: Path) -> None:
    assert len(all_of(library(tmp_path / "mine.bib", gzip.compress(BIB.encode())))) == 1


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BIB.encode())))
    found = FileLibrary("-")
    assert found.name == "standard input"
    first = found.changes(None)
    assert found.changes(first.version) == first
    assert [entry.key for entry in found.fetch(first.entries)] == ["huber2021"]


def test_a_library_is_called_by_its_place_wherever_it_is_asked_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path.resolve() / "Thesis"
    library(folder / "mine.bib", BIB)
    assert FileLibrary(str(folder / "mine.bib")).name == str(folder / "mine.bib")
    assert FileLibrary(str(folder)).name == str(folder)
    monkeypatch.chdir(folder)
    relative = FileLibrary("./mine.bib")
    assert FileLibrary(".").name == str(folder)
    assert FileLibrary("*.bib").name == str(folder / "*.bib")
    monkeypatch.chdir(tmp_path)
    assert relative.name == str(folder / "mine.bib")
    assert FileLibrary("Thesis/*.bib").name == str(folder / "*.bib")


def test_the_files_of_a_directory_are_told_apart(tmp_path: Path) -> None:
    for name, content in (
        ("a.bib", GROUPED),
        ("b/c.bib", GROUPED + "@article{x,\n  year = 2021\n}\n@software{y, title={P}}\n"),
        ("notes.txt", "Dear diary"),
        ("empty.bib", ""),
        ("paper.pdf", b"%PDF-1.7"),
    ):
        library(tmp_path / "all" / name, content)
    found = FileLibrary(str(tmp_path / "all"))
    changes = found.changes(None)
    assert [*changes.entries] == [
        "a.bib:huber2021",
        "b/c.bib:huber2021",
        "b/c.bib:x",
        "b/c.bib:y",
    ]
    first, second, broken, other = found.fetch(changes.entries)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert isinstance(broken, Unreadable)
    assert isinstance(other, OtherKind)
    assert [c.key for c in changes.collections] == [*first.collections, *second.collections]
    assert [c.name for c in changes.collections] == ["Insects", "Insects"]
    assert broken.skipped.place.startswith("b/c.bib: line ")


def test_a_second_file_renames_nothing(tmp_path: Path) -> None:
    library(tmp_path / "a.bib", BIB)
    found = FileLibrary(str(tmp_path))
    before = found.changes(None)
    library(tmp_path / "b.bib", BIB)
    after = found.changes(before.version)
    assert before.entries.items() < after.entries.items()
    (tmp_path / "b.bib").unlink()
    assert found.changes(after.version) == before


def test_a_part_stays_its_papers_own_in_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Contents((OtherKind("N", "note", parent="P"), OtherKind("F", "attachment")))
    parts = LibraryFormat("parts", lambda head: head == b"parts", lambda _: found)
    monkeypatch.setattr(module, "recognised", lambda _: parts)
    library(tmp_path / "a.parts", "parts")
    folder = FileLibrary(str(tmp_path))
    note, file = folder.fetch(folder.changes(None).entries)
    assert isinstance(note, OtherKind)
    assert isinstance(file, OtherKind)
    assert (note.key, note.parent) == ("a.parts:N", "a.parts:P")
    assert (file.key, file.parent) == ("a.parts:F", "")


def test_a_directory_without_a_library_is_refused(tmp_path: Path) -> None:
    library(tmp_path / "notes.txt", "Dear diary")
    with pytest.raises(BadResponse, match="holds no library that Shelfwise can read"):
        FileLibrary(str(tmp_path)).changes(None)


def test_a_damaged_library_in_a_directory_is_not_taken_for_empty(tmp_path: Path) -> None:
    library(tmp_path / "a.bib", BIB)
    library(tmp_path / "b.json", CSL[:-3])
    with pytest.raises(BadResponse, match=r"^b\.json: line 1"):
        FileLibrary(str(tmp_path)).changes(None)


def test_a_file_that_vanishes_is_not_taken_for_empty(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        FileLibrary(str(tmp_path / "mine.bib"))
    found = library(tmp_path / "mine.bib", BIB)
    (tmp_path / "mine.bib").unlink()
    with pytest.raises(BadResponse, match="no such file"):
        found.changes(None)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each text was that was parsed from now on."""
    lengths: list[int] = []

    def spying(data: bytes) -> LibraryFormat | None:
        form = recognised(data)

        def read(whole: bytes) -> Contents:
            lengths.append(len(whole))
            assert form
            return form.read(whole)

        return form and LibraryFormat(form.name, form.matches, read)

    monkeypatch.setattr(module, "recognised", spying)
    return lengths


def test_a_file_is_parsed_once_while_it_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = counted(monkeypatch)
    found = library(tmp_path / "mine.bib", BIB)
    all_of(found)
    all_of(found)
    assert lengths == [len(BIB)]
    (tmp_path / "mine.bib").write_text(BIB.upper())
    all_of(found)
    assert lengths == [len(BIB), len(BIB)]


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_stayed_the_same_is_not_parsed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lengths = counted(monkeypatch)
    first = library(tmp_path / "mine", TEXTS[name]).changes(None)
    again = FileLibrary(str(tmp_path / "mine")).changes(first.version)
    assert again.unchanged
    assert again.version == first.version
    assert lengths == [len(TEXTS[name])]
    (tmp_path / "mine").write_text(TEXTS[name].replace("On bees", "On ants"))
    later = FileLibrary(str(tmp_path / "mine")).changes(first.version)
    assert later.entries.keys() == first.entries.keys()
    assert later.entries != first.entries


def test_an_entrys_version_is_that_of_its_content(tmp_path: Path) -> None:
    before = library(tmp_path / "mine.bib", BIB).changes(None)
    moved = library(tmp_path / "mine.bib", "\n\n" + BIB).changes(None)
    other = library(tmp_path / "mine.bib", BIB.replace("bees", "wasps")).changes(None)
    assert moved.entries == before.entries
    assert other.entries != before.entries
    assert other.version != before.version


def test_a_version_does_not_change_by_itself(tmp_path: Path) -> None:
    # If it does, every reader's whole library is read anew after an upgrade.
    assert library(tmp_path / "a.bib", GROUPED).changes(None).entries == {
        "huber2021": "1afdbbfd7c506ed1443c"
    }


def test_a_database_is_read_with_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def read_file(path: Path) -> Contents:
        read.append(path)
        return Contents((OtherKind("A", f"note {len(read)}"),))

    monkeypatch.setattr(module, "read_file", read_file)
    path = tmp_path / "zotero.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("create table items (itemID, itemTypeID, key)")
    database.close()
    found = FileLibrary(str(tmp_path))
    first = found.changes(None)
    assert found.changes(None) == first
    assert read == [path]
    (tmp_path / "zotero.sqlite-wal").write_bytes(b"newer")
    assert found.changes(first.version).version != first.version
    assert read == [path, path]


def test_another_programs_database_in_a_directory_is_passed_over(tmp_path: Path) -> None:
    library(tmp_path / "a.bib", BIB)
    library(tmp_path / "history.db", b"SQLite format 3\0" + bytes(1000))
    assert len(FileLibrary(str(tmp_path)).changes(None).entries) == 1
    message = refusal(tmp_path / "history.db", b"SQLite format 3\0" + bytes(1000))
    assert message.count("history.db") == 1
