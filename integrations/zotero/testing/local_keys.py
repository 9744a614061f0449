"""Who may write through the local API: the dialog, the keys it hands out, and write tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from integrations.zotero.testing.local_errors import Refused

UserAnswer = Literal["allow once", "always allow", "deny"]

_PROMPTS = 5
_WINDOW = timedelta(seconds=60)
_TOKENS_KEPT = timedelta(hours=12)
_TOKEN_LENGTHS = range(5, 33)


class Authorisations:
    """The dialog "… wants to modify your Zotero library", and the keys that came of it.

    Attributes:
        answer: What the user answers from now on.
        prompts: The name of each program that the user was asked about, in order.
    """

    def __init__(self, clock: Callable[[], datetime], new_key: Callable[[], str]) -> None:
        self.answer: UserAnswer = "deny"
        self.prompts: list[str] = []
        self._clock = clock
        self._new_key = new_key
        self._asked_at: list[datetime] = []
        self._always: set[str] = set()
        self._once: set[str] = set()

    def remember(self, key: str) -> None:
        """Accept this key for good, as after "Always Allow"."""
        self._always.add(key)

    def clear(self) -> None:
        """Forget every key, as "Clear Write Authorizations" does."""
        self._always.clear()
        self._once.clear()

    def wait(self) -> int:
        """Whole seconds until the user may be asked again; zero where it is possible now."""
        now = self._clock()
        self._asked_at = [at for at in self._asked_at if now - at < _WINDOW]
        if len(self._asked_at) < _PROMPTS:
            return 0
        left = _WINDOW - (now - self._asked_at[0])
        return max(1, -(-left // timedelta(seconds=1)))

    def ask(self, program: str) -> tuple[str, bool] | None:
        """Ask the user; return the key and whether it is remembered, or None if denied."""
        self._asked_at.append(self._clock())
        self.prompts.append(program)
        if self.answer == "deny":
            return None
        key, remembered = self._new_key(), self.answer == "always allow"
        (self._always if remembered else self._once).add(key)
        return key, remembered

    def use(self, key: str) -> bool:
        """Whether the key may write; one that was allowed once is used up by it."""
        if key in self._once:
            self._once.remove(key)
            return True
        return key in self._always


class WriteTokens:
    """The write tokens of the last hours."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._used_at: dict[str, datetime] = {}

    def check(self, token: str) -> None:
        """Let a fresh token pass, and no token at all.

        Raises:
            Refused: If it was used before, or its length is not allowed.
        """
        if not token:
            return
        if len(token) not in _TOKEN_LENGTHS:
            raise Refused(400, "Write token must be 5-32 characters in length")
        used_at = self._used_at.get(token)
        if used_at is not None and self._clock() - used_at < _TOKENS_KEPT:
            raise Refused(412, "Write token already used")

    def record(self, token: str) -> None:
        """Remember the token: also after a batch of which a part failed."""
        if token:
            self._used_at[token] = self._clock()
