"""What the reader says of a suggestion outright, on the page, by mail and on the command line."""

from datetime import datetime

from recommender.store import Store
from recommender.suggestions import Shown, Verdict

VERDICTS = {"good": Verdict.GOOD, "bad": Verdict.BAD, "undo": Verdict.UNDONE}
"""What can be said, by the word for it."""

MEANINGS = {
    "good": "counts as kept, and more like it will come",
    "bad": "counts as dismissed; it will not come again, nor much like it",
    "undo": "is judged by what you do with it alone, and no longer counts as dismissed",
}
"""What follows for a suggestion from the next run on, by the word that was said of it."""


def answer(store: Store, one: Shown, said: str, at: datetime) -> bool:
    """Write down what the reader says of a suggestion; False where they had said so already.

    Args:
        store: Has the suggestion.
        one: It.
        said: One of ``VERDICTS``.
        at: When this is.

    Raises:
        StoreError: If the store's file cannot be written.
    """
    verdict = VERDICTS[said]
    if one.verdict is verdict:
        return False
    store.record_verdict(one.suggestion.suggestion_id, verdict, at=at)
    return True
