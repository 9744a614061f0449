"""``shelfwise demo``: the whole job on data that comes with the program."""

import shlex
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.text import Text

from recommender import cycle, records, registry
from recommender.cli import output, telling
from recommender.errors import ConfigError
from recommender.library import Changes, Entry, Library
from recommender.model.hybrid import HybridScorer
from recommender.ports import Access, ReferenceManager
from recommender.store import Store
from recommender.suggestions import Suggestion
from recommender.wording import count

_PROFILE = "demo"
_FILES = {"html": "suggestions.html", "atom": "suggestions.atom", "bib": "suggestions.bib"}
_PURPOSES = {
    "html": "the suggestions as a page: open it in a browser",
    "atom": "a feed: for Zotero's File > New Feed, once it is served (see below)",
    "bib": "for JabRef, BibDesk, or Zotero's File > Import",
}
_NOT_REPEATED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Bundled:
    """The demo's library under a name that is the same wherever the program is installed."""

    file: ReferenceManager
    name: str = "the demo's library"

    def changes(self, since: str | None) -> Changes:
        """What is new in the file."""
        return self.file.changes(since)

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """The file's entries of these keys."""
        return self.file.fetch(keys)


def run(folder: Path) -> int:
    """Suggest papers for the bundled library, write the files, and say what to do next.

    Raises:
        ConfigError: If the folder cannot be made.
        RecommenderError: If what an earlier demo wrote there cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # What is still to be delivered is known by its path, wherever the next run starts.
        folder = folder.resolve()
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror}; name another with --folder") from error
    now = datetime.now(UTC)
    with (
        as_file(files("recommender.cli") / "demo_data") as data,
        Store.open(folder / "shelfwise.db") as store,
    ):
        earlier = [suggestion for suggestion, _ in store.suggestions(_PROFILE)]
        profile = cycle.Profile(
            name=_PROFILE,
            libraries=[_Bundled(registry.reference_manager("file")(str(data / "library.bib")))],
            sources=[registry.source("file")(str(data / "listing.jsonl"), Access(now=now))],
            publishers=[
                registry.publisher(kind)(folder / name, about=_ABOUT)
                for kind, name in _FILES.items()
            ],
        )
        record = cycle.run(profile, HybridScorer(), store, now=now)
    _tell(record, earlier, folder)
    return 1 if record.failures else 0


_ABOUT = "From the demo's library and its page of listed papers."


def _tell(record: records.Record, earlier: list[Suggestion], folder: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    listed = sum(page.count.n_papers for page in record.pages)
    console.print(Text("Shelfwise demo", style="bold"))
    console.print(
        f"1. Read a library of {count(len(record.library.items), 'paper')} as JabRef keeps "
        f"it: {_collections(record.library)}."
    )
    console.print(f"2. Read a page of {listed} listed papers.")
    console.print(
        "3. Learnt from the library, scored the papers, and chose the best few for each interest."
    )
    if earlier:
        console.print(f"\nNot repeated: {count(len(earlier), 'paper')} suggested before.")
        for suggestion in earlier[-_NOT_REPEATED_SHOWN:]:
            day = suggestion.suggested_at.strftime("%Y-%m-%d")
            console.print(Text(f"   {day}  {suggestion.paper.title}", style="dim"))
    if record.suggestions:
        console.print(f"\n{count(len(record.suggestions), 'suggestion')}, with reasons:\n")
        output.table(record.suggestions, all_reasons=True)
    else:
        console.print(f"\n{output.quiet(record)}")
        console.print(f"Remove {telling.on_one_line(str(folder))} to start anew.", markup=False)
    left_out = ", ".join(f"{n} {why}" for why, n in sorted(record.excluded.items()))
    console.print(f"Left out: {left_out}.")
    _tell_files(console, record, folder)
    console.print("\nNext, with your own library (an export, or zotero.sqlite itself):")
    console.print("   shelfwise recommend my-library.bib saved-page.txt another-feed.xml")
    if record.suggestions:
        again = "Run the demo again, and it shows the next best instead of repeating itself."
        console.print(again)
    for failure in record.failures:
        telling.problem(str(failure.error))


def _tell_files(console: Console, record: records.Record, folder: Path) -> None:
    failed = {failure.where for failure in record.failures}
    console.print(f"\nWritten to {telling.on_one_line(str(folder))}:", markup=False)
    for kind, name in _FILES.items():
        if str(folder / name) not in failed:
            console.print(f"   {name:<18} {_PURPOSES[kind]}")
    console.print("   shelfwise.db       what was suggested, so that nothing comes twice")
    if str(folder / _FILES["atom"]) not in failed:
        # Zotero takes no file:// address.
        shown = telling.on_one_line(shlex.quote(str(folder)))
        console.print(
            "Zotero reads the feed at http://127.0.0.1:8765/suggestions.atom while this runs:"
        )
        console.print(
            f"   python3 -m http.server --bind 127.0.0.1 8765 --directory {shown}", markup=False
        )


def _collections(library: Library) -> str:
    paths = library.paths()
    filed = ([paths[k] for k in item.collections if k in paths] for item in library.items)
    sizes = Counter(name for inside in filed for name in {path.split(" / ")[0] for path in inside})
    return ", ".join(f"{name} ({n})" for name, n in sizes.most_common())
