"""The groups that JabRef, BibDesk and Mendeley keep in BibTeX files."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.files.bibtex import read
from integrations.files.contents import Contents
from integrations.files.jabref import groups
from recommender.library import Item

TREE = r"""
@article{a, title = {A}, keywords = {deep learning, vision}, groups = {Thesis}}
@article{b, title = {B}, keywords = {Deep Learning}, groups = {Methods, Somewhere else}}
@article{c, title = {C}, keywords = {deeper}}

@Comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Thesis\;0\;1\;0x8a8a8aff\;\;A description\;;
2 StaticGroup:Methods\;0\;1\;\;\;\;;
3 StaticGroup:A\\\;B\: C\;0\;1\;\;\;\;;
2 KeywordGroup:Learning\;0\;keywords\;deep learning\;0\;0\;1\;\;\;\;;
1 KeywordGroup:Exactly\;0\;keywords\;deep learning\;1\;0\;1\;\;\;\;;
1 KeywordGroup:By pattern\;0\;keywords\;d.*p\;0\;1\;1\;\;\;\;;
}
"""


def filed(contents: Contents) -> dict[str, tuple[str, ...]]:
    return {e.key: e.collections for e in contents.entries if isinstance(e, Item)}


def paths(contents: Contents) -> list[tuple[str, str | None]]:
    return [(c.name, c.parent) for c in contents.collections]


def test_the_tree_of_groups_becomes_nested_collections() -> None:
    assert paths(read(TREE.encode())) == [
        ("Thesis", None),
        ("Methods", "Thesis"),
        ("A;B: C", "Thesis/Methods"),
        ("Learning", "Thesis"),
        ("Exactly", None),
        ("By pattern", None),
        ("Somewhere else", None),
    ]


def test_entries_name_their_groups_and_keyword_groups_find_theirs() -> None:
    found = filed(read(TREE.encode()))
    assert found["a"] == ("Thesis", "Thesis/Learning", "Exactly")
    assert found["b"] == ("Thesis/Methods", "Somewhere else", "Thesis/Learning")
    assert found["c"] == ()


def test_a_refining_group_holds_nothing_that_its_parent_does_not() -> None:
    found = filed(read(TREE.replace(r"Learning\;0", r"Learning\;1").encode()))
    assert found["a"] == ("Thesis", "Thesis/Learning", "Exactly")
    assert "Thesis/Learning" not in found["b"]


def test_old_groups_list_their_keys_in_broken_lines() -> None:
    text = r"""
@article{Smith_2001, title = {A}}
@article{O'Hara_1999, title = {B}}
@article{Roe_1998, title = {C}}
@comment{jabref-meta: groupsversion:3;}
@comment{jabref-meta: groupstree:
0 AllEntriesGroup:;
1 ExplicitGroup:Oxides\;0\;Smith_2001\;O'Ha
ra_1999\;;
2 ExplicitGroup:Films\;0\;Smith_20
01\;;
}
"""
    contents = read(text.encode())
    assert paths(contents) == [("Oxides", None), ("Films", "Oxides")]
    assert filed(contents) == {
        "Smith_2001": ("Oxides", "Oxides/Films"),
        "O'Hara_1999": ("Oxides",),
        "Roe_1998": (),
    }


BIBDESK = """%% This BibTeX bibliography file was created using BibDesk.
@article{a, title = {A}}
@article{b, title = {B}}
@comment{BibDesk Static Groups{
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://example.org/PropertyList-1.0.dtd">
<plist version="1.0"><array>
<dict><key>group name</key><string>To read</string><key>keys</key><string>b,a</string></dict>
<dict><key>group name</key><string>R &amp; D</string><key>keys</key><string>b</string></dict>
</array></plist>
}}
"""


def test_bibdesk_s_static_groups_are_collections() -> None:
    contents = read(BIBDESK.encode())
    assert paths(contents) == [("To read", None), ("R & D", None)]
    assert filed(contents) == {"a": ("To read",), "b": ("To read", "R & D")}


def test_a_broken_list_of_groups_loses_no_entry() -> None:
    contents = read(BIBDESK.replace("</dict>", "").encode())
    assert filed(contents) == {"a": (), "b": ()}


def test_mendeley_s_folders_are_nested_by_slashes() -> None:
    contents = read(b"@article{a, title = {A}, mendeley-groups = {Thesis/Part one,To read}}")
    assert paths(contents) == [("Thesis", None), ("Part one", "Thesis"), ("To read", None)]
    assert filed(contents) == {"a": ("Thesis/Part one", "To read")}


def test_a_slash_in_a_group_s_name_makes_no_nesting() -> None:
    contents = read(b"@article{a, title = {A}, groups = {TCP/IP; R\\&D}}")
    assert paths(contents) == [("TCP/IP", None), ("R&D", None)]
    assert filed(contents)["a"] == ("TCP\\/IP", "R&D")


def test_a_level_that_skips_hangs_on_the_last_one_above() -> None:
    tree = groups(["jabref-meta: grouping:\n5 StaticGroup:A\\;0\\;;\n9 StaticGroup:B\\;0\\;;\n"])
    assert [group.path for group in tree.groups] == [("A",), ("A", "B")]


@given(st.text("012 :;\\\nSaticGroupKeywdExl", max_size=80))
def test_no_tree_raises_and_every_collection_has_its_parent(text: str) -> None:
    contents = read(
        f"@article{{a, title = {{A}}}}\n@comment{{jabref-meta: grouping:{text}}}".encode()
    )
    keys = {c.key for c in contents.collections}
    assert all(c.parent is None or c.parent in keys for c in contents.collections)
    assert len(keys) == len(contents.collections)
