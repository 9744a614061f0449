"""Builds small databases laid out as Zotero lays out its own, with invented contents."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

_TABLES = """
CREATE TABLE version (schema TEXT PRIMARY KEY, version INT NOT NULL);
CREATE TABLE libraries (libraryID INTEGER PRIMARY KEY, type TEXT NOT NULL);
CREATE TABLE groups (groupID INTEGER PRIMARY KEY, libraryID INT NOT NULL, name TEXT NOT NULL);
CREATE TABLE users (userID INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE itemTypes (itemTypeID INTEGER PRIMARY KEY, typeName TEXT);
CREATE TABLE fields (fieldID INTEGER PRIMARY KEY, fieldName TEXT);
CREATE TABLE items (itemID INTEGER PRIMARY KEY, itemTypeID INT, dateAdded TEXT,
    libraryID INT, key TEXT);
CREATE TABLE itemDataValues (valueID INTEGER PRIMARY KEY, value UNIQUE);
CREATE TABLE itemData (itemID INT, fieldID INT, valueID, PRIMARY KEY (itemID, fieldID));
CREATE TABLE creatorTypes (creatorTypeID INTEGER PRIMARY KEY, creatorType TEXT);
CREATE TABLE creators (creatorID INTEGER PRIMARY KEY, firstName TEXT, lastName TEXT, fieldMode INT);
CREATE TABLE itemCreators (itemID INT, creatorID INT, creatorTypeID INT, orderIndex INT);
CREATE TABLE tags (tagID INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE itemTags (itemID INT, tagID INT, type INT, PRIMARY KEY (itemID, tagID));
CREATE TABLE collections (collectionID INTEGER PRIMARY KEY, collectionName TEXT,
    parentCollectionID INT, libraryID INT, key TEXT);
CREATE TABLE collectionItems (collectionID INT, itemID INT);
CREATE TABLE deletedItems (itemID INTEGER PRIMARY KEY);
CREATE TABLE deletedCollections (collectionID INTEGER PRIMARY KEY);
CREATE TABLE itemNotes (itemID INTEGER PRIMARY KEY, parentItemID INT, note TEXT);
CREATE TABLE itemAttachments (itemID INTEGER PRIMARY KEY, parentItemID INT, lastRead INT);
CREATE TABLE itemAnnotations (itemID INTEGER PRIMARY KEY, parentItemID INT NOT NULL);
CREATE TABLE groupItems (itemID INTEGER PRIMARY KEY, createdByUserID INT);
INSERT INTO libraries VALUES (1, 'user'), (2, 'group'), (3, 'feed');
INSERT INTO groups VALUES (77, 2, 'Reading circle');
INSERT INTO users VALUES (5, 'Ada');
INSERT INTO creatorTypes VALUES (1, 'author'), (2, 'editor');
"""


class Writer:
    """Writes into a database, as the program would."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def item(
        self,
        key: str,
        item_type: str = "journalArticle",
        *,
        library: int = 1,
        creators: Sequence[tuple[str, str, int]] = (),
        tags: Mapping[str, int] | None = None,
        **fields: object,
    ) -> int:
        number = self._insert(
            "items (itemTypeID, dateAdded, libraryID, key)",
            self._named("itemTypes", "typeName", item_type),
            "2024-05-06 07:08:09",
            library,
            key,
        )
        for name, value in fields.items():
            value_number = self._named("itemDataValues", "value", value)
            self._insert("itemData", number, self._named("fields", "fieldName", name), value_number)
        for place, (first, last, mode) in enumerate(creators):
            creator = self._insert("creators (firstName, lastName, fieldMode)", first, last, mode)
            self._insert("itemCreators", number, creator, 1, place)
        for tag, kind in (tags or {}).items():
            self._insert("itemTags", number, self._named("tags", "name", tag), kind)
        return number

    def collection(
        self, key: str, *items: int, name: str = "", parent: int | None = None, library: int = 1
    ) -> int:
        number = self._insert(
            "collections (collectionName, parentCollectionID, libraryID, key)",
            name or f"Collection {key}",
            parent,
            library,
            key,
        )
        for item in items:
            self._insert("collectionItems", number, item)
        return number

    def note(self, key: str, text: str, *, parent: int | None = None) -> int:
        number = self.item(key, "note")
        self._insert("itemNotes", number, parent, text)
        return number

    def attachment(
        self, key: str, *, parent: int | None = None, last_read: int | None = None
    ) -> int:
        number = self.item(key, "attachment", title="Full Text PDF")
        self._insert("itemAttachments", number, parent, last_read)
        return number

    def annotation(self, key: str, *, parent: int) -> int:
        number = self.item(key, "annotation")
        self._insert("itemAnnotations", number, parent)
        return number

    def trash(self, *, item: int | None = None, collection: int | None = None) -> None:
        if item is not None:
            self._insert("deletedItems", item)
        if collection is not None:
            self._insert("deletedCollections", collection)

    def added_by(self, item: int, user: int) -> None:
        self._insert("groupItems", item, user)

    def run(self, statement: str) -> None:
        self._database.execute(statement)

    def _named(self, table: str, column: str, name: object) -> int:
        query = f"SELECT rowid FROM {table} WHERE {column} = ?"  # noqa: S608
        row = self._database.execute(query, (name,)).fetchone()
        return int(row[0]) if row else self._insert(f"{table} ({column})", name)

    def _insert(self, table: str, *values: object) -> int:
        marks = ", ".join("?" * len(values))
        cursor = self._database.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
        assert cursor.lastrowid is not None
        return cursor.lastrowid


def opened(path: Path, *, journal: str = "delete") -> tuple[sqlite3.Connection, Writer]:
    """A new database, kept open; the caller closes it."""
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA journal_mode = {journal}")
    database.executescript(_TABLES)
    return database, Writer(database)


def library(path: Path) -> Path:
    """A closed database with something of everything in it."""
    database, zotero = opened(path)
    with closing(database), database:
        article = zotero.item(
            "ARTICLE2",
            title="Naïve ranking of <i>trees</i>",
            date="2024-11-00 Nov 2024",
            DOI="10.1000/Trees",
            publicationTitle="Journal of Trees",
            extra="PMID: 31452104\nsee also 10.1000/other",
            volume=12,
            creators=[("Ana María", "de la Cruz", 0), ("", "The Tree Group", 1)],
            tags={"must read": 0, "Trees": 1},
        )
        old = zotero.item("TRASHED2", "preprint", title="Old", archiveID="arXiv:1001.00001")
        page = zotero.item("WEBPAGE2", "webpage", title="A post", url="https://example.org/post")
        zotero.item(
            "PREPAGE2", "webpage", title="On arXiv", url="https://arxiv.org/abs/2401.00001v2"
        )
        zotero.item("NOTENOTE", "note")
        zotero.item("NOTITLE2", "journalArticle", DOI="10.1000/nameless")
        shared = zotero.item("SHARED22", library=2, title="Shared", creators=[("G", "Member", 0)])
        zotero.item("FEEDITEM", library=3, title="A feed's entry", DOI="10.1000/feed")
        zotero.added_by(shared, 5)
        outer = zotero.collection("OUTER222", article, old, name="Thesis")
        inner = zotero.collection("INNER222", article, page, name="Methods", parent=outer)
        zotero.trash(item=old, collection=inner)
        zotero.collection("GROUPCOL", shared, library=2)
        zotero.collection("FEEDCOLL", library=3)
    return path
