"""One request that came in: by whom, about which library, and what the answer's headers say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.web.testing.exchange import HTML, Request, Response, as_json
from integrations.zotero.testing.web_errors import Refused, invalid
from integrations.zotero.testing.web_gate import Rights
from integrations.zotero.testing.web_parameters import Parameters
from integrations.zotero.testing.web_shapes import Shapes
from integrations.zotero.testing.world import ApiKey, Json, Library, World


@dataclass(frozen=True, slots=True)
class Visit:
    """A request about one library.

    Attributes:
        parts: Of the path, below the library.
        parameters: Of the query.
    """

    world: World
    request: Request
    key: ApiKey | None
    library: Library
    rights: Rights
    parts: tuple[str, ...]
    parameters: Parameters

    @property
    def user_id(self) -> int:
        """Whose key it is; zero for nobody's."""
        return self.key.user_id if self.key else 0

    @property
    def shapes(self) -> Shapes:
        """How this visitor sees the library's objects."""
        return Shapes(self.world, self.library, self.request.base, notes=self.rights.notes)

    def stated_version(self, *, single: bool = False) -> int | None:
        """The version of If-Unmodified-Since-Version, None where it was not sent."""
        text = self.request.headers.get("if-unmodified-since-version")
        if text is None:
            return None
        if not text.strip().isdigit():
            shown = f" '{text}'" if single else ""
            raise invalid(f"Invalid If-Unmodified-Since-Version value{shown}")
        return int(text)

    def stated_or_own(self, value: Json) -> int | None:
        """The version that the header or the object itself states; refused where they differ."""
        header, own = self.stated_version(single=True), value.get("version")
        if own is not None and not str(own).isdigit():
            raise invalid(f"Invalid JSON 'version' property value '{own}'")
        if header is not None and own is not None and header != int(own):
            words = "If-Unmodified-Since-Version value does not match JSON 'version' property"
            raise invalid(f"{words} ({header} != {own})")
        return header if own is None else int(own)

    def check_library_version(self) -> int | None:
        """The stated version; refused where the library has moved on since."""
        stated = self.stated_version()
        found = self.library.version
        if stated is not None and found > stated:
            text = "Library has been modified since specified version"
            raise Refused(412, f"{text} (expected {stated}, found {found})")
        return stated


def parsed(body: bytes) -> Any:
    """The JSON of a body."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise invalid("JSON Error: Malformed UTF-8 characters") from error
    try:
        value = json.loads(text)
    except ValueError as error:
        raise invalid("JSON Error: Syntax error, malformed JSON") from error
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return None  # half a surrogate pair: the server reads the whole body as null
    return value


def done(version: int) -> Response:
    """204 with a version."""
    return Response(204, {"Last-Modified-Version": str(version), "Content-Type": HTML})


def shown(value: Any, version: int, headers: Mapping[str, str] | None = None) -> Response:
    """200 with a version."""
    return as_json(value, headers={"Last-Modified-Version": str(version), **(headers or {})})


def editable(value: Json) -> Json:
    """The part of an object that can be written, bare or in its envelope."""
    data = value.get("data")
    return data if isinstance(data, dict) else value
