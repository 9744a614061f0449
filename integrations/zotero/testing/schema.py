"""The schema as the interfaces tell it: item types, fields and creator types with English names.

The facts are in `integrations.zotero.item_types`. Pure.
"""

import re
from collections.abc import Iterable, Mapping

from integrations.zotero.item_types import CREATOR_TYPES, FIELDS, ITEM_TYPES

# Those that are not just the name, spelt in words.
_LABELS = {
    "computerProgram": "Software",
    "email": "E-mail",
    "tvBroadcast": "TV Broadcast",
    "webpage": "Web Page",
    "abstractNote": "Abstract",
    "accessDate": "Accessed",
    "archiveLocation": "Loc. in Archive",
    "artworkMedium": "Medium",
    "rights": "License",
    "audioFileType": "File Type",
    "audioRecordingFormat": "Format",
    "letterType": "Type",
    "forumTitle": "Forum/Listserv Title",
    "interviewMedium": "Medium",
    "mapType": "Type",
    "journalAbbreviation": "Journal Abbr",
    "manuscriptType": "Type",
    "url": "URL",
    "nameOfAct": "Name of Act",
    "numberOfVolumes": "# of Volumes",
    "numPages": "# of Pages",
    "presentationType": "Type",
    "programmingLanguage": "Prog. Language",
    "publicationTitle": "Publication",
    "repositoryLocation": "Repo. Location",
    "thesisType": "Type",
    "versionNumber": "Version",
    "videoRecordingFormat": "Format",
    "attorneyAgent": "Attorney/Agent",
    "interviewee": "Interview With",
    "firstName": "First",
    "lastName": "Last",
}
_HIDDEN_TYPES = ("annotation", "attachment")


def label(name: str) -> str:
    """What Zotero's English interface calls a type, a field or a creator type."""
    if name in _LABELS:
        return _LABELS[name]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return words[:1].upper() + words[1:]


def answer(path: str, item_type: str) -> list[dict[str, str]]:
    """The answer to ``/itemTypes``, ``/itemTypeFields`` and the like.

    Args:
        path: Without its slash.
        item_type: A known one where the path asks for it; else not looked at.
    """
    noun, names = _NAMES[path]
    if path == "itemTypeFields":
        names = ITEM_TYPES[item_type].fields
    elif path == "itemTypeCreatorTypes":
        names = sorted(ITEM_TYPES[item_type].creators)
    return [{noun: name, "localized": label(name)} for name in names]


_NAMES: Mapping[str, tuple[str, Iterable[str]]] = {
    "itemTypes": (
        "itemType",
        sorted((name for name in ITEM_TYPES if name not in _HIDDEN_TYPES), key=label),
    ),
    "itemFields": ("field", sorted(FIELDS)),
    "itemTypeFields": ("field", ()),
    "itemTypeCreatorTypes": ("creatorType", sorted(CREATOR_TYPES)),
    "creatorFields": ("field", ("firstName", "lastName", "name")),
}
