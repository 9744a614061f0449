"""A source that is a file, a directory or a pattern: pages that were saved, fetched or exported."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b

from integrations.files.formats import EMPTY, HEAD, described
from integrations.files.inputs import Input, inputs
from integrations.files.marked_document import is_ours
from integrations.pages.formats import ListingFormat, recognised
from recommender.errors import BadResponse, ConfigError
from recommender.listings import Listing
from recommender.papers import Skipped
from recommender.ports import NOTHING_KNOWN, Access

READABLE = (
    "a saved page of Hugging Face's daily papers or its JSON; an RSS, Atom or arXiv feed; "
    "papers as JSON Lines; BibTeX, RIS, EndNote XML, ENW, NBIB, CSL-JSON, Zotero RDF"
)


class FileSource:
    """Listings kept in one file or several, one listing a file, read anew at each call.

    A file that the reader named must be a listing. One that was found in a directory or by a
    pattern is passed over if it is none, or if it holds our own suggestions; if it is one, but
    cannot be read, it is a listing without papers that says so.

    Args:
        argument: ``-``, a file, a directory or a pattern, as ``inputs`` explains.

    Raises:
        ConfigError: If there is no such file.
    """

    def __init__(self, argument: str) -> None:
        # A misspelt name should be told when the configuration is read, not in the night.
        found = inputs(argument)
        self._argument = argument
        self._name = found[0].name if argument == "-" else argument
        self._once: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        """The file, directory or pattern as the reader gave it; ``standard input`` for ``-``."""
        return self._name

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """One page for each file: those without a date in the files' order, then oldest first.

        Every page comes, whatever its date: a page from last week may have been saved today, and
        only its content, which is its mark, tells whether it was there before. Everything is read
        when the first page is asked for, since only the files themselves say how old they are.

        Raises:
            BadResponse: If a named file is no listing, or if there is none in a directory.
        """
        pages = [page for file in self._files() if (page := self._page(file, known))]
        if not pages:
            message = f"{self._name}: holds no listing that Shelfwise can read ({READABLE})"
            raise BadResponse(self._name, message)
        pages.sort(key=lambda page: page.published_at or _UNDATED)
        yield from pages

    def _files(self) -> tuple[Input, ...]:
        try:
            return inputs(self._argument)
        except (ConfigError, OSError) as error:
            # It was there when this source was made.
            why = str(error).removeprefix(f"{self._argument}: ")
            raise BadResponse(self._name, f"{self._name}: {why}") from error

    def _page(self, file: Input, known: Mapping[str, str]) -> Listing | None:
        try:
            return self._read(file, known.get(file.name, ""))
        except BadResponse as error:
            # The format knows what is wrong, and not where.
            text = str(error)
            if file.named:
                message = text if text.startswith(file.name) else f"{file.name}: {text}"
                raise BadResponse(file.name, message) from error
            reason = text.removeprefix(f"{file.name}: ")
            skipped = (Skipped(file.name, reason),)
            return Listing(source=self._name, name=file.name, papers=(), skipped=skipped)

    def _read(self, file: Input, known: str) -> Listing | None:
        head = file.head(HEAD) if file.is_readable_again else self._whole(file)
        if is_ours(head) and not file.named:
            return None
        form = recognised(head)
        if form is None:
            if file.named:
                raise BadResponse(file.name, _refusal(file.name, head))
            return None
        return self._listing(form, file, known)

    def _listing(self, form: ListingFormat, file: Input, known: str) -> Listing:
        content = self._whole(file)
        mark = blake2b(content, digest_size=16).hexdigest()
        n_bytes = len(content)
        if mark == known:
            return Listing(
                source=self._name,
                name=file.name,
                papers=(),
                mark=mark,
                unchanged=True,
                n_bytes=n_bytes,
            )
        page = form.read(content, source=self._name, name=file.name)
        return replace(page, mark=mark, n_bytes=n_bytes)

    def _whole(self, file: Input) -> bytes:
        if file.is_readable_again:
            return file.read()
        # Standard input gives its content once, and the next cycle wants it again.
        if file.name not in self._once:
            self._once[file.name] = file.read()
        return self._once[file.name]


def opened(place: str, access: Access) -> FileSource:
    """The files at a place, which nobody needs a key for.

    Raises:
        ConfigError: If there is no such file.
    """
    del access
    return FileSource(place)


def _refusal(name: str, head: bytes) -> str:
    looks = described(head)
    if looks == EMPTY:
        return f"{name}: is empty; save the page again"
    return f"{name}: not a listing that Shelfwise can read ({READABLE}); it looks like {looks}"


_UNDATED = datetime.min.replace(tzinfo=UTC)
