"""What was begun on this computer's Zotero and may not be finished. Pure but for the memory."""

from collections.abc import MutableMapping


class Begun:
    """The suggestions of which an item is being made, by their ids.

    Each is noted before the first write and forgotten after the last one, so that what is found
    half made later is known to be so by us, not by the reader.

    Args:
        memory: Keeps it.
        server_id: Of the database that is written to; another one knows nothing of this one's.
    """

    def __init__(self, memory: MutableMapping[str, str], server_id: str) -> None:
        self._memory = memory
        self._begins = f"begun:{server_id}:"

    def __contains__(self, suggestion_id: str) -> bool:
        return self._begins + suggestion_id in self._memory

    def key(self, suggestion_id: str) -> str:
        """The key of the item, if it is known to have been made."""
        return self._read(suggestion_id)[1]

    def name(self, suggestion_id: str) -> str:
        """What the present attempt is called, for its write tokens."""
        return f"{suggestion_id}/{self._read(suggestion_id)[0]}"

    def begin(self, suggestion_id: str) -> str:
        """Note that its item is about to be made; what the attempt is called."""
        attempt, key = self._read(suggestion_id)
        self._write(suggestion_id, attempt, key)
        return self.name(suggestion_id)

    def made(self, suggestion_id: str, key: str) -> None:
        """Note the key that its item got."""
        self._write(suggestion_id, self._read(suggestion_id)[0], key)

    def failed(self, suggestion_id: str) -> None:
        """Note that this attempt made nothing, so that the next one is another."""
        self._write(suggestion_id, self._read(suggestion_id)[0] + 1, "")

    def forget(self, suggestion_id: str) -> None:
        """Note that nothing is left to do."""
        self._memory.pop(self._begins + suggestion_id, None)

    def _read(self, suggestion_id: str) -> tuple[int, str]:
        attempt, _, key = self._memory.get(self._begins + suggestion_id, "").partition(" ")
        return (int(attempt) if attempt.isdecimal() else 1), key

    def _write(self, suggestion_id: str, attempt: int, key: str) -> None:
        value = f"{attempt} {key}"
        if self._memory.get(self._begins + suggestion_id) != value:
            self._memory[self._begins + suggestion_id] = value
