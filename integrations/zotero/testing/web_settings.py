"""Settings, and the deletion of tags, in the Web API."""

import re
from typing import Any

from integrations.web.testing.exchange import Response
from integrations.zotero.testing.web_errors import Refused, invalid, not_found
from integrations.zotero.testing.web_visit import Visit, done, parsed, shown
from integrations.zotero.testing.world import Json, Library, Setting

MAX_SETTINGS = 270  # of one write
_KNOWN = re.compile(
    r"tagColors|feeds|autoExportMode|attachmentRenameTemplate|noteTemplates"
    r"|(?:lastPageIndex|lastRead)_[ug]\d*_?[A-Z0-9]{8}"
)


def read(visit: Visit, name: str = "") -> Response:
    """All settings, or the one of this name."""
    settings = visit.library.settings
    if name:
        if name not in settings:
            raise not_found("Setting not found")
        return shown(_shape(settings[name]), settings[name].version)
    since = visit.parameters.wish.since or 0
    newer = {n: _shape(s) for n, s in settings.items() if s.version > since}
    return shown(newer, visit.library.version)


def put(visit: Visit, name: str) -> Response:
    """Write one setting."""
    json = parsed(visit.request.body)
    if not isinstance(json, dict):
        raise invalid("Setting must be a JSON object")
    before = visit.library.settings.get(name)
    version = visit.stated_or_own(json)
    if before and version is None:
        words = "Either If-Unmodified-Since-Version or object version property must be provided"
        raise Refused(428, f"{words} for key-based writes")
    _check_version(before, version)
    return _store(visit.library, {name: json})


def post(visit: Visit) -> Response:
    """Write several settings, all or none."""
    visit.check_library_version()
    several = parsed(visit.request.body)
    if not isinstance(several, dict):
        raise invalid("Uploaded data must be a JSON object")
    if len(several) > MAX_SETTINGS:
        raise Refused(413, f"Cannot add more than {MAX_SETTINGS} settings at a time")
    for name, json in several.items():
        version = str(json.get("version")) if isinstance(json, dict) else ""
        stated = int(version) if version.isdigit() else None
        _check_version(visit.library.settings.get(name), stated)
    return _store(visit.library, several)


def delete(visit: Visit, name: str) -> Response:
    """Delete one setting."""
    if name not in visit.library.settings:
        raise not_found("Setting not found")
    _forget(visit.library, name, visit.library.bump())
    return done(visit.library.version)


def delete_several(visit: Visit) -> Response:
    """Delete the settings that the query names."""
    visit.check_library_version()
    named = visit.request.query.get("settingKey", "")
    if not named:
        raise invalid("settingKey parameter not provided")
    version = visit.library.bump()
    for name in named.split(","):
        _forget(visit.library, name, version)
    return done(version)


def delete_tags(visit: Visit) -> Response:
    """Take tags off every item of the library."""
    if visit.stated_version() is None:
        raise Refused(428, "If-Unmodified-Since-Version not provided")
    visit.check_library_version()
    version = visit.library.bump()
    doomed = {name for name in visit.request.query.get("tag", "").split(" || ") if name}
    for item in visit.library.items.values():
        tags = item.data.get("tags", [])
        kept = [tag for tag in tags if tag["tag"] not in doomed]
        if len(kept) != len(tags):
            for tag in tags:
                if tag["tag"] in doomed:
                    visit.library.deleted["tags", tag["tag"]] = version
            item.data["tags"] = kept
            item.version = version
    return done(version)


def _check_version(before: Setting | None, version: int | None) -> None:
    if before and version is not None and before.version > version:
        words = "Setting has been modified since specified version"
        headers = {"Last-Modified-Version": str(before.version)}
        text = f"{words} (expected {version}, found {before.version})"
        raise Refused(412, text, headers=headers)


def _store(library: Library, several: dict[str, Any]) -> Response:
    for name, json in several.items():
        _check(name, json.get("value") if isinstance(json, dict) else None)
    changed = {
        name: json["value"]
        for name, json in several.items()
        if name not in library.settings or library.settings[name].value != json["value"]
    }
    if changed:
        version = library.bump()
        for name, value in changed.items():
            library.settings[name] = Setting(value, version)
            library.deleted.pop(("settings", name), None)
    return done(library.version)


def _check(name: str, value: Any) -> None:
    if not _KNOWN.fullmatch(name):
        raise invalid(f"Invalid setting '{name}'")
    if value is None:
        raise invalid("'value' property not provided")
    if name == "tagColors":
        if not isinstance(value, list):
            raise invalid("'value' must be an array")
        if not value:
            raise invalid("'value' array cannot be empty")


def _forget(library: Library, name: str, version: int) -> None:
    if library.settings.pop(name, None):
        library.deleted["settings", name] = version


def _shape(setting: Setting) -> Json:
    return {"value": setting.value, "version": setting.version}
