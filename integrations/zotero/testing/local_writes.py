"""What Zotero 10 does with a write: batches, single objects, deletions."""

from collections.abc import Mapping
from typing import Any

from integrations.web.testing.exchange import Request, Response, as_json
from integrations.zotero.item_types import MAX_BATCH
from integrations.zotero.testing.local_errors import Refused, Unfit
from integrations.zotero.testing.local_items import Writing, same_item, written_item
from integrations.zotero.testing.local_keys import WriteTokens
from integrations.zotero.testing.local_lists import number
from integrations.zotero.testing.local_views import (
    Place,
    collection_json,
    collection_view,
    item_json,
    item_view,
)
from integrations.zotero.testing.views import is_key
from integrations.zotero.testing.world import Json, Kind, Stored

_SINGULAR: Mapping[Kind, str] = {"items": "item", "collections": "collection"}
_NO_VERSION = (
    "Either If-Unmodified-Since-Version or 'version' property must be provided for 'key'-based"
    " writes"
)


class Writer:
    """The writes of one request.

    Args:
        place: The library.
        request: Its headers and parameters.
        now: The moment as the API writes it.
    """

    def __init__(self, place: Place, request: Request, now: str) -> None:
        self._place = place
        self._library = place.library
        self._request = request
        self._now = now

    def batch(self, kind: Kind, body: Any, tokens: WriteTokens) -> Response:
        """Write several objects, each for itself.

        Raises:
            Refused: If nothing was written: the token, the version or the body is at fault.
        """
        token = self._request.headers.get("zotero-write-token", "")
        tokens.check(token)
        self._check_library(required=False)
        name = _SINGULAR[kind]
        if not isinstance(body, list):
            raise Refused(400, "Uploaded data must be a JSON array")
        if not body:
            raise Refused(400, f"No {name}s provided")
        if len(body) > MAX_BATCH:
            raise Refused(413, f"Cannot add more than {MAX_BATCH} {name}s at a time")
        report: dict[str, Json] = {"successful": {}, "success": {}, "unchanged": {}, "failed": {}}
        for index, sent in enumerate(body):
            key = str(sent.get("key") or "") if isinstance(sent, dict) else ""
            try:
                self._write_into(report, kind, index, sent)
            except Unfit as unfit:
                failure = {"key": key, "code": unfit.code, "message": unfit.message}
                report["failed"][str(index)] = failure
        tokens.record(token)
        return as_json(report, headers=self._version_header())

    def single(self, kind: Kind, key: str, body: Any) -> Response:
        """Write one object, by PATCH or PUT.

        Raises:
            Refused: If it was not written.
        """
        if not is_key(key):
            raise Refused(400, f"Invalid key: '{key}'")
        header = self._header_version()
        if not isinstance(body, dict):
            raise Refused(400, "Uploaded data must be a JSON object")
        known = self._library.objects[kind].get(key)
        if known is None:
            if kind == "items" and not body.get("itemType"):
                raise Refused(400, "itemType property not provided")
            raise Refused(500, bare=True)  # it cannot create under a key of the client's own
        self._check_object(kind, known, body.get("version"), header)
        if self._request.method == "PATCH":
            body = {**self._own_json(kind, known), **body}
        try:
            self._store(kind, body, known)
        except Unfit as unfit:
            raise unfit.refusal from unfit
        return Response(204, self._version_header())

    def delete_one(self, kind: Kind, key: str) -> Response:
        """Delete an object for good, with all below it.

        Raises:
            Refused: If it was not deleted.
        """
        known = self._library.objects[kind].get(key)
        if not is_key(key):
            raise Refused(400, f"Invalid key: '{key}'")
        if known is None:
            raise Refused(404, "Not found")
        self._check_object(kind, known, None, self._header_version())
        self._erase(kind, key)
        return Response(204, self._version_header())

    def delete_several(self, kind: Kind) -> Response:
        """Delete the objects that the request names for good.

        Raises:
            Refused: If nothing was deleted.
        """
        self._check_library(required=True)
        name = f"{_SINGULAR[kind]}Key"
        keys = [k.strip() for k in self._request.query.get(name, "").split(",") if k.strip()]
        if not keys:
            raise Refused(400, f"'{name}' not provided")
        if len(keys) > MAX_BATCH:
            raise Refused(413, f"Cannot delete more than {MAX_BATCH} objects at a time")
        for key in keys:
            if not is_key(key):
                raise Refused(400, f"Invalid key: '{key}'")
        for key in keys:
            self._erase(kind, key)
        return Response(204, self._version_header())

    def delete_tags(self) -> Response:
        """Take the tags that the request names off all items.

        Raises:
            Refused: If nothing was changed.
        """
        self._check_library(required=True)
        given = self._request.query.get("tag", "").split("||")
        names = {name.strip() for name in given if name.strip()}
        if not names:
            raise Refused(400, "'tag' not provided")
        tagged = [
            item
            for item in self._library.items.values()
            if any(tag["tag"] in names for tag in item.data.get("tags", ()))
        ]
        version = self._library.bump() if tagged else 0
        for item in tagged:
            left = [tag for tag in item.data["tags"] if tag["tag"] not in names]
            self._library.put("items", {**item.data, "tags": left}, item.key, version=version)
        return Response(204, self._version_header())

    def _write_into(self, report: dict[str, Json], kind: Kind, index: int, sent: Any) -> None:
        if not isinstance(sent, dict):
            name = _SINGULAR[kind]
            raise Unfit(
                f"Invalid value for index {index} in uploaded data; expected JSON {name} object"
            )
        known = self._named(kind, sent)
        if known is not None:
            sent = {**self._own_json(kind, known), **sent}
        stored = self._store(kind, sent, known)
        if stored is None:
            report["unchanged"][str(index)] = known.key if known else ""
            return
        view = item_view if kind == "items" else collection_view
        report["successful"][str(index)] = view(self._place, stored)
        report["success"][str(index)] = stored.key

    def _named(self, kind: Kind, sent: Mapping[str, Any]) -> Stored | None:
        """The object that a part of a batch changes; None if it is to be a new one."""
        key, name = str(sent.get("key") or ""), _SINGULAR[kind]
        if not key:
            return None
        if not is_key(key):
            raise Unfit(f"Invalid key: '{key}'")
        known = self._library.objects[kind].get(key)
        version = sent.get("version")
        if version is None:
            if self._header_version() is None:
                raise Unfit(_NO_VERSION, 428)
        elif known and number(str(version)) != self._place.version_of(kind, known):
            found = self._place.version_of(kind, known)
            raise Unfit(f"{name} version mismatch: expected {version}, found {found}", 412)
        elif not known and number(str(version)):
            raise Unfit(f"{name} doesn't exist (expected version {version}; use 0 instead)", 404)
        if known is None:
            where = f"null/{self._place.number}/{key}"
            raise Unfit(f"'primaryData' not loaded for {name} ({where})")
        return known

    def _store(self, kind: Kind, sent: Mapping[str, Any], known: Stored | None) -> Stored | None:
        """Keep the object; return it, or None where it is as it was."""
        key, old = (known.key, known.data) if known else ("", None)
        if kind == "collections":
            kept = self._collection(sent, known)
            same = old is not None and same_item(old, kept)
        else:
            writing = Writing(self._library, self._place.number, self._now, key, old)
            kept = written_item(sent, writing)
            same = old is not None and same_item(old, kept)
        return None if same else self._library.put(kind, kept, key)

    def _collection(self, sent: Mapping[str, Any], known: Stored | None) -> Json:
        if not sent.get("name"):
            raise Unfit("'name' property not provided for collection")
        parent = sent.get("parentCollection") or False
        if parent and not is_key(str(parent)):
            raise Unfit("key is not valid")
        if parent and parent not in self._library.collections:
            raise Unfit(f"Cannot set parent to invalid collection {parent}")
        if known and parent in (known.key, *self._library.descendants("collections", known.key)):
            raise Unfit(f"Cannot move collection {known.key} into one of its own descendents")
        relations = sent.get("relations", known.data.get("relations") if known else None) or {}
        kept: Json = {
            "name": str(sent["name"]).strip(),
            "parentCollection": parent,
            "relations": relations,
        }
        return {**kept, "deleted": True} if sent.get("deleted") else kept

    def _own_json(self, kind: Kind, known: Stored) -> Json:
        return (item_json if kind == "items" else collection_json)(self._place, known)

    def _erase(self, kind: Kind, key: str) -> None:
        if kind == "items":
            self._library.erase_item(key)
        else:
            self._library.erase_collection(key)

    def _header_version(self) -> int | None:
        text = self._request.headers.get("if-unmodified-since-version")
        version = number(text)
        if text is not None and (version is None or version < 0):
            raise Refused(400, "Invalid If-Unmodified-Since-Version value")
        return version

    def _check_library(self, *, required: bool) -> None:
        version = self._header_version()
        if version is None:
            if required:
                raise Refused(428, "If-Unmodified-Since-Version not provided")
        elif (found := self._place.version()) > version:
            raise Refused(
                412,
                "Library has been modified since specified version"
                f" (expected {version}, found {found})",
            )

    def _check_object(self, kind: Kind, known: Stored, given: Any, header: int | None) -> None:
        name, found = _SINGULAR[kind], self._place.version_of(kind, known)
        if given is not None and (expected := number(str(given))) != found:
            if expected is None:
                raise Refused(400, "Invalid version value")
            raise Refused(412, f"{name} version mismatch: expected {expected}, found {found}")
        if given is None and header is None:
            raise Refused(428, "If-Unmodified-Since-Version not provided")
        if header is not None and found > header:
            raise Refused(
                412,
                f"{name} has been modified since specified version"
                f" (expected {header}, found {found})",
            )

    def _version_header(self) -> dict[str, str]:
        return {"Last-Modified-Version": str(self._place.version())}
