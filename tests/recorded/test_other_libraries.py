"""Public libraries as people keep them, in RIS, CSL-JSON and Zotero RDF."""

import re
from collections import Counter
from pathlib import Path

import pytest

from integrations.files.csl_json import CSL_JSON
from integrations.files.formats import LIBRARY_FORMATS, recognised
from integrations.files.ris import RIS
from integrations.files.zotero_rdf import ZOTERO_RDF
from recommender.identifiers import PaperId
from recommender.library import Entry, Item, OtherKind, Unreadable


def sorts(entries: tuple[Entry, ...]) -> dict[str, int]:
    return dict(
        Counter(e.paper.kind.value if isinstance(e, Item) else type(e).__name__ for e in entries)
    )


def items(entries: tuple[Entry, ...]) -> dict[str, Item]:
    return {entry.key: entry for entry in entries if isinstance(entry, Item)}


def test_each_file_is_recognised_as_one_format_alone(shared: Path) -> None:
    wanted = {".bib": "BibTeX", ".ris": "RIS", ".json": "CSL-JSON", ".rdf": "Zotero RDF"}
    for path in sorted((shared / "libraries").iterdir()):
        if path.suffix in wanted:
            head = path.read_bytes()[: 64 * 2**10]
            assert [f.name for f in LIBRARY_FORMATS if f.matches(head)] == [wanted[path.suffix]]


def test_no_listing_is_taken_for_a_library(shared: Path) -> None:
    libraries = {"ris", "csl_json", "zotero", "bibtex", "acl_anthology", "dblp", "endnote_xml"}
    for folder in sorted((shared / "payloads").iterdir()):
        if folder.name in libraries or not folder.is_dir():
            continue
        for path in folder.iterdir():
            if path.suffix in {".json", ".xml", ".rss", ".rdf"}:
                assert recognised(path.read_bytes()) is None, path.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "csljson-01.json",
            {
                "OtherKind": 141,
                "book": 323,
                "article": 343,
                "chapter": 156,
                "preprint": 7,
                "report": 10,
                "conference": 8,
                "other": 4,
                "thesis": 2,
            },
        ),
        (
            "csljson-02.json",
            {
                "book": 5,
                "article": 75,
                "preprint": 43,
                "conference": 6,
                "other": 1,
                "OtherKind": 3,
                "report": 1,
            },
        ),
        (
            "csljson-03.json",
            {
                "article": 144,
                "OtherKind": 15,
                "book": 12,
                "other": 8,
                "conference": 1,
                "report": 1,
                "thesis": 2,
                "chapter": 4,
            },
        ),
    ],
)
def test_the_kinds_of_a_csl_library(shared: Path, name: str, expected: dict[str, int]) -> None:
    data = (shared / "libraries" / name).read_bytes()
    assert sorts(CSL_JSON.read(data).entries) == expected


def test_papers_of_a_csl_library_are_what_they_are(shared: Path) -> None:
    found = items(CSL_JSON.read((shared / "libraries/csljson-02.json").read_bytes()).entries)
    paper = found["arroyo-relionNetworkClassificationApplications2017"].paper
    assert [str(a) for a in paper.authors][:2] == ["Jesús D. Arroyo-Relión", "Daniel Kessler"]
    assert (paper.venue, paper.published) == ("arXiv", "2017-01-27")
    assert paper.ids == (PaperId.parse("arxiv:1701.08140"),)


def test_a_library_in_ris_is_read(shared: Path) -> None:
    data = (shared / "libraries/ris-01.ris").read_bytes()
    entries = RIS.read(data).entries
    assert sorts(entries) == {
        "article": 105, "conference": 1, "book": 1, "chapter": 1, "Unreadable": 1
    }  # fmt: skip
    assert [e.skipped.place for e in entries if isinstance(e, Unreadable)] == ["line 1642"]
    assert items(entries)["fudenberg1991"].paper.title == (
        "Untitled, Fudenberg 1991, in Game Theory [fudenberg1991]"
    )
    paper = items(entries)["avinadav2020revenue"].paper
    assert str(paper.authors[0]) == "Tal Avinadav"
    assert (paper.published, str(paper.ids[0])) == ("2020-08", "doi:10.1016/j.ejor.2020.08.036")


def test_recorded_ris_of_every_dialect_is_read(shared: Path) -> None:
    counts = {}
    for path in sorted((shared / "payloads/ris").glob("*.ris")):
        data = path.read_bytes()
        if b"TY  -" in data or data.startswith(b"FN "):
            assert recognised(data) is RIS
            entries = RIS.read(data).entries
            starts = re.findall(rb"(?m)^(?:\xef\xbb\xbf)?TY  -|^PT [A-Z]$", data)
            assert len(entries) == len(starts)
            counts[path.stem] = len(entries)
    assert len(counts) == 11
    assert counts["example_wos"] == 2
    assert counts["RisImporterTest1"] == 11


def test_a_library_in_rdf_is_read_with_its_collections(shared: Path) -> None:
    contents = ZOTERO_RDF.read((shared / "libraries/rdf-01.rdf").read_bytes())
    assert sorts(contents.entries) == {
        "OtherKind": 97, "article": 40, "conference": 23, "report": 1, "other": 1
    }  # fmt: skip
    kinds = Counter(e.kind for e in contents.entries if isinstance(e, OtherKind))
    assert kinds == {"attachment": 74, "webpage": 12, "note": 10, "document": 1}
    assert {c.name: c.parent for c in contents.collections} == {
        "Electrical Centrality": None,
        "Generation": None,
        "Interesting Reads": None,
        "Load": None,
        "Possible extended literature": None,
        "Stability": None,
        "CLM": "#collection_1",
        "Load Profiles": "#collection_1",
    }
    item = items(contents.entries)["https://ieeexplore.ieee.org/document/10250791"]
    assert item.paper.venue == "IEEE Access"
    assert list(map(str, item.paper.ids)) == ["doi:10.1109/access.2023.3315245"]
    assert len(item.paper.authors) == 5
    assert all(tag.automatic for tag in item.tags)
    filed = Counter(key for i in items(contents.entries).values() for key in i.collections)
    assert filed["#collection_1"] == 37


def test_recorded_zotero_json_is_read(shared: Path) -> None:
    answer = CSL_JSON.read((shared / "payloads/zotero/items_doc.json").read_bytes()).entries
    assert sorts(answer) == {
        "OtherKind": 3, "article": 4, "book": 9, "other": 2, "conference": 2
    }  # fmt: skip
    assert items(answer)["PQKBRC33"].paper.published == "1980-05-01"
    export = (shared / "payloads/zotero/bbt_zotero_json_811.json").read_bytes()
    styled = (shared / "payloads/csl_json/bbt_dates_811.csl.json").read_bytes()
    assert recognised(export) is recognised(styled) is CSL_JSON
    assert sorts(CSL_JSON.read(export).entries) == sorts(CSL_JSON.read(styled).entries)
