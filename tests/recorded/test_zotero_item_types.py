"""The table of item types against the one that Zotero keeps in its database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from integrations.zotero.item_types import ITEM_TYPES

_FIELDS = """
SELECT typeName, fieldName FROM itemTypeFieldsCombined
JOIN itemTypesCombined USING (itemTypeID) JOIN fieldsCombined USING (fieldID)
ORDER BY itemTypeID, orderIndex
"""
_CREATORS = """
SELECT typeName, creatorType FROM itemTypeCreatorTypes
JOIN itemTypesCombined USING (itemTypeID) JOIN creatorTypes USING (creatorTypeID)
ORDER BY itemTypeID, primaryField DESC
"""
_OWN_NAMES = """
SELECT typeName, base.fieldName, own.fieldName FROM baseFieldMappingsCombined AS mapping
JOIN itemTypesCombined USING (itemTypeID)
JOIN fieldsCombined AS base ON base.fieldID = mapping.baseFieldID
JOIN fieldsCombined AS own ON own.fieldID = mapping.fieldID
"""


@pytest.fixture
def database(shared: Path) -> Iterator[sqlite3.Connection]:
    file = shared / "zotero-sqlite/z10-closed/zotero.sqlite"
    with closing(sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True)) as connection:
        yield connection


def test_every_type_has_zotero_s_fields_in_zotero_s_order(database: sqlite3.Connection) -> None:
    found: dict[str, list[str]] = {name: [] for name in ITEM_TYPES}
    for item_type, field in database.execute(_FIELDS):
        found[item_type].append(field)
    assert {name: tuple(fields) for name, fields in found.items()} == {
        name: each.fields for name, each in ITEM_TYPES.items()
    }


def test_every_type_has_zotero_s_creators_the_primary_one_first(
    database: sqlite3.Connection,
) -> None:
    found: dict[str, list[str]] = {name: [] for name in ITEM_TYPES}
    for item_type, creator in database.execute(_CREATORS):
        found[item_type].append(creator)
    for name, each in ITEM_TYPES.items():
        assert each.creators[:1] == tuple(found[name][:1])
        assert sorted(each.creators) == sorted(found[name])


def test_every_type_has_zotero_s_own_names(database: sqlite3.Connection) -> None:
    found: dict[str, dict[str, str]] = {name: {} for name in ITEM_TYPES}
    for item_type, common, own in database.execute(_OWN_NAMES):
        found[item_type][common] = own
    assert found == {name: dict(each.own_names) for name, each in ITEM_TYPES.items()}


def test_a_field_is_asked_for_by_its_common_name() -> None:
    thesis = ITEM_TYPES["thesis"]
    assert [thesis.field(name) for name in ("publisher", "university", "title", "ISSN")] == [
        *("university", "university", "title", "ISSN"),
    ]
    assert ITEM_TYPES["book"].field("publicationTitle") == ""
