"""The shelf as a group in a BibTeX file: in the reader's own, or in one for it alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

from integrations.files import replacing
from integrations.files.bibliography import Bibliography
from integrations.files.bibtex import matches
from integrations.files.formats import HEAD
from recommender.errors import PermanentError, StaleLibrary, TransientError
from recommender.suggestions import Receipt, Suggestion

SERVICE = "BibTeX library"


class GroupShelf:
    """A group in a BibTeX file, in which each suggestion is an entry of ours.

    Entries are put behind everything else, and only those go again that nobody touched; but for our
    group in JabRef's or BibDesk's list of groups, if the file has one, nothing else is written. The
    file is replaced as a whole, and only where it holds what was looked at.

    Args:
        path: The file.
        group: What the group is called; of letters, digits and blanks.
        tag: The keyword of our entries.
        prefix: What stands before a cite key in the library's keys.
        begins: Whether we begin the file where there is none.
        is_current: Whether the library is as it was when it was read.
    """

    def __init__(
        self,
        path: Path,
        *,
        group: str,
        tag: str,
        prefix: str = "",
        begins: bool = False,
        is_current: Callable[[], bool] = lambda: True,
    ) -> None:
        self._path = path
        self._group = group
        self._tag = tag
        self._prefix = prefix
        self._begins = begins
        self._is_current = is_current
        self._written: bytes | None = None

    @property
    def name(self) -> str:
        """Its name in reports and in the outbox."""
        return f"the shelf in {self._path}"

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Put suggestions into the group: a receipt for each, in the same order.

        Repeating changes nothing: what bears a suggestion's mark is that suggestion, wherever in
        the file it is and whatever became of it.

        Raises:
            StaleLibrary: If the file is not as it was read; nothing was written.
            TransientError: If somebody is editing it just now.
            PermanentError: If it is no BibTeX in UTF-8, or cannot be read or written, or if the
                reader took the group away.
        """
        if not suggestions:
            return []
        data, there = self._read()
        unique = {one.suggestion_id: one for one in suggestions}
        new = [one for key, one in unique.items() if key not in there.ours]
        if new:
            # What we wrote ourselves is no news.
            if data != self._written and not self._is_current():
                raise StaleLibrary(
                    SERVICE, f"{self._path}: was changed since it was read; run again"
                )
            self._refuse_to_write(there)
            new.sort(key=lambda one: (one.suggested_at, one.rank))
            grown = there.with_suggestions(new, group=self._group, tag=self._tag)
            self._write(data, grown)
            there = grown
        return [self._receipt(one.suggestion_id, there) for one in suggestions]

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Take entries out of the file that nobody touched: a receipt for each.

        Raises:
            StaleLibrary: If the file was changed at this very moment.
            TransientError: If somebody is editing it just now.
            PermanentError: If it is no BibTeX in UTF-8, or cannot be read or written.
        """
        if not receipts:
            return []
        data, there = self._read()
        wanted = {receipt.suggestion_id for receipt in receipts} & there.ours.keys()
        touched = {one for one in wanted if not there.ours[one].untouched}
        if going := wanted - touched:
            self._write(data, there.without(going))
        return [
            Receipt(one.suggestion_id, touched=one.suggestion_id in touched) for one in receipts
        ]

    def address(self, place: str) -> str:
        """Nothing: a file opens as a whole."""
        return ""

    def check(self) -> None:
        """See that the file can be written into.

        Raises:
            TransientError: If somebody is editing it just now.
            PermanentError: If it is no BibTeX in UTF-8, or cannot be read or written.
        """
        _, there = self._read()
        self._refuse_to_write(there)
        self._refuse_while_edited()

    def _read(self) -> tuple[bytes, Bibliography]:
        data = replacing.content(self._path, SERVICE)
        if not data.strip() and self._begins:
            return data, Bibliography.begun(self._group)
        if not matches(data[:HEAD]):
            raise self._refusal("is no BibTeX file")
        try:
            return data, Bibliography.read(data)
        except ValueError as error:
            raise self._refusal("is not in UTF-8; save it so") from error

    def _refuse_to_write(self, there: Bibliography) -> None:
        if there.is_open:
            raise self._refusal("ends in an entry that is never closed; close it")
        if there.has_lost(self._group):
            message = f"{self._path}: the group {self._group} is gone; make it again, or set"
            what = f'{message} shelf.collection to its new name, or shelf.via to "none"'
            raise PermanentError(SERVICE, what)

    def _write(self, data: bytes, after: Bibliography) -> None:
        self._refuse_while_edited()
        self._written = after.text.encode()
        replacing.replace(self._path, self._written, SERVICE, over=data)

    def _refuse_while_edited(self) -> None:
        # Emacs keeps this link beside a file itself as long as it holds changes that are not saved.
        file = self._path.resolve()
        lock = file.with_name(f".#{file.name}")
        if lock.is_symlink():
            message = f"{self._path}: has changes in Emacs that are not saved; save them"
            raise TransientError(SERVICE, f"{message}, or remove {lock.name}, and run again")

    def _refusal(self, what: str) -> PermanentError:
        message = f'{self._path}: {what}, or set shelf.via = "none" and outputs.bib'
        return PermanentError(SERVICE, f"{message} to a file of its own")

    def _receipt(self, suggestion_id: str, there: Bibliography) -> Receipt:
        # Without the group: what it means to be taken out of it, the library tells.
        key = there.ours[suggestion_id].key
        return Receipt(suggestion_id, place=f"{self._prefix}{key}", seen=True)
