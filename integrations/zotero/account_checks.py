"""How everything is that the settings name of Zotero, and what to do about it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from integrations.zotero.account_choices import access, collections
from integrations.zotero.account_settings import AUTO, LOCAL, WEB, Wanted, called
from integrations.zotero.account_ways import KEYS_AT, Ways
from integrations.zotero.client import Client, Conflict
from integrations.zotero.client_answers import content, shaped
from integrations.zotero.convert import answered, collection
from integrations.zotero.database import ZoteroDatabase
from integrations.zotero.shelves import Ours, memory_name
from recommender.errors import IntegrationError
from recommender.library import Collection, Item
from recommender.papers import Paper
from recommender.ports import Finding

_SAMPLE = 100
_FEW = 0.5  # of the papers with an abstract; with fewer, titles have to tell most
_CLOCKS_APART = timedelta(minutes=5)


def findings(wanted: Wanted, ways: Ways, now: datetime) -> Iterator[Finding]:
    """The Zotero here, the key, each library, the shelf, and the clock; one line each."""
    shelf = wanted.shelf_way(has_key=ways.has_key)
    yield _here(wanted, ways, shelf)
    rights: Mapping[str, Any] | None = None
    if ways.has_key:
        try:
            with ways.web("users/0") as client:
                rights = client.key_rights()
        except IntegrationError as error:
            yield failed(error)
        else:
            yield from _key(wanted, rights, shelf)
            yield from _clock(client.server_time, now)
    if ways.has_key and rights is None and _kind(ways) == "web":
        return
    for library in wanted.libraries:
        try:
            yield from _library(ways, library)
        except IntegrationError as error:
            yield failed(error)
    if shelf != "none" and not (shelf == "web" and rights is None):
        try:
            yield from _shelf(wanted, ways, shelf)
        except IntegrationError as error:
            yield failed(error)


def failed(error: IntegrationError) -> Finding:
    """What is found where something fails: its text says what happened, and then what to do."""
    what, _, remedy = str(error).rpartition("; ")
    return Finding(what or remedy, remedy if what else "try again later", failed=True)


def _here(wanted: Wanted, ways: Ways, shelf: str) -> Finding:
    here = ways.here()
    if instead := _instead(wanted, ways, shelf):
        what = "answers" if here.refusal is None else "does not answer"
        what = "lets no program read it" if here.is_off else what
        return Finding(f"the Zotero on this computer {what}; it is not needed, {instead} read")
    if here.refusal is not None:
        return failed(here.refusal)
    if here.server_id:
        may = " and written to" if ways.permission() else ""
        return Finding(f"the Zotero on this computer can be read{may}")
    what = "the Zotero on this computer can be read; to be written to it has to be Zotero 10"
    # Where the config says that it is to be written here, a key alone changes nothing.
    via = ' and set shelf.via = "web"' if wanted.via == LOCAL else ""
    ways_out = ("update Zotero", f"give a key with shelfwise init{via}", 'set shelf.via = "none"')
    return Finding(what, ", or ".join(ways_out), failed=True) if shelf == "local" else Finding(what)


def _instead(wanted: Wanted, ways: Ways, shelf: str) -> str:
    """What is read where the Zotero here need not answer; empty where it has to."""
    if shelf == "local":
        return ""
    needs_web = wanted.place == WEB or (wanted.place == AUTO and shelf == "web")
    kind = "web" if needs_web else _kind(ways)
    return {"web": "zotero.org is", "database": "a copy of the database is"}.get(kind, "")


def _kind(ways: Ways) -> str:
    """How libraries are read; empty where no way leads there."""
    try:
        return ways.reading().kind
    except IntegrationError:
        return ""


def _key(wanted: Wanted, rights: Mapping[str, Any], shelf: str) -> Iterator[Finding]:
    """What the key of zotero.org may do, and what it would have to."""
    whose = f"the key of {rights.get('username') or 'an account without a name'}"
    all_well = True
    for library in wanted.libraries:
        if not access(rights, library).get("library"):
            all_well = False
            yield Finding(
                f"{whose} may not read {called(library)}",
                f"give it access at {KEYS_AT}, or take {library} out of library.libraries",
                failed=True,
            )
    first = wanted.libraries[0]
    own = access(rights, first)
    if shelf == "web" and own.get("library") and not own.get("write"):
        all_well = False
        yield Finding(
            f"{whose} may only read {called(first)}, so nothing can be put on the shelf",
            f'allow it to write at {KEYS_AT}, or set shelf.via to "local" or "none"',
            failed=True,
        )
    if "user" in wanted.libraries and not access(rights, "user").get("notes"):
        all_well = False
        yield Finding(
            f"{whose} shows no notes, so that you wrote one on a suggestion is not seen",
            f"allow it to read notes at {KEYS_AT}",
        )
    if all_well:
        does = "read and write" if shelf == "web" else "read"
        yield Finding(f"{whose} may {does} what it has to")


def _library(ways: Ways, library: str) -> Iterator[Finding]:
    """How much is in a library, and of how many papers there is an abstract."""
    way = ways.reading()
    if way.kind == "database":
        assert way.file is not None  # noqa: S101 - a database is a file
        manager = ZoteroDatabase(way.file, library)
        found = tuple(manager.fetch(manager.changes(None).entries.keys()))
        papers = [entry.paper for entry in found if isinstance(entry, Item)]
        yield _size(library, len(found), papers, f"of all in {way.file}")
        return
    with ways.client(library, way.kind) as client:
        page = client.read("items/top", limit=_SAMPLE, sort="dateAdded", direction="desc")
        items = shaped(page.value, list, "the items are no list")
        entries = (answered(item, "") for item in items if content(item))
        papers = [entry.paper for entry in entries if isinstance(entry, Item)]
        where = "on this computer" if way.kind == "local" else "on zotero.org"
        total = len(items) if page.total is None else page.total
        yield _size(library, total, papers, f"of the last {len(items)} added {where}")


def _size(library: str, n: int, papers: list[Paper], sample: str) -> Finding:
    name = f"{called(library)[:1].upper()}{called(library)[1:]}"
    if not papers:
        why = "is empty" if not n else f"has {n} entries, but {sample} none is a paper"
        return Finding(f"{name} {why}", "add papers that you like to it")
    told = sum(bool(paper.abstract) for paper in papers)
    what = f"{name} has {n} entries; {sample}, {len(papers)} are papers, {told} with an abstract"
    few = told < _FEW * len(papers)
    return Finding(what, "add abstracts in Zotero: without, only titles can be compared" * few)


def _shelf(wanted: Wanted, ways: Ways, way: str) -> Iterator[Finding]:
    """Whether the shelf is there, and may be written to."""
    path = wanted.shelf.path
    library = wanted.libraries[0]
    if way == "local":
        if ways.here().refusal:
            return
        if not ways.permission():
            yield Finding(
                "Zotero was not asked yet whether Shelfwise may write to it",
                "run shelfwise init, and choose Always Allow in Zotero",
                failed=True,
            )
            return
    key = ways.compartment(library).get(memory_name(path), "")
    with ways.client(library, "local" if way == "local" else "web") as client:
        folder = _folder(client, key) if key else _found(client, ways.ours(library))
    if folder is None and not key:
        yield Finding(f"the shelf “{path}” is not there yet; the first delivery makes it")
        return
    if folder is None:
        what, remedy = "was deleted in Zotero", "set another name as shelf.collection"
    elif folder.trashed:
        what, remedy = "is in Zotero's trash", "restore it, or set another as shelf.collection"
    else:
        yield Finding(f"the shelf “{path}” is there")
        return
    yield Finding(f"the shelf “{path}” {what}, so nothing is delivered", remedy, failed=True)


def _found(client: Client, ours: Ours) -> Collection | None:
    """The shelf that another computer made, or that we made and forgot."""
    everything = collections(client, client.prefix)
    mine = ours(everything)
    return next((c for c in everything if c.key in mine and c.parent not in mine), None)


def _folder(client: Client, key: str) -> Collection | None:
    try:
        found = client.read(f"collections/{key}").value
        content(found)
        return collection(found, "")
    except Conflict as error:
        if not error.gone:
            raise
        return None


def _clock(there: datetime | None, now: datetime) -> Iterator[Finding]:
    """Whether this computer's clock agrees with the server's."""
    if there is None:
        return
    apart = now - there
    if abs(apart) <= _CLOCKS_APART:
        yield Finding("the clock of this computer is right")
        return
    minutes = round(abs(apart).total_seconds() / 60)
    way = "ahead" if apart > timedelta(0) else "behind"
    yield Finding(
        f"the clock of this computer is {minutes} minutes {way}, so suggestions would expire"
        " too early or too late",
        "let the system set the clock",
    )
