"""The parts' weights that were found best for the reader."""

from recommender.errors import StoreError
from recommender.model.parts import Weights
from recommender.store import Store


def tuned(profile: str, store: Store) -> Weights | None:
    """The weights that ``shelfwise evaluate --tune`` wrote for a profile; None before that.

    Raises:
        StoreError: If the store cannot be read, or they are of other parts than this program's.
    """
    found = store.tuned_weights(profile)
    if found is None:
        return None
    try:
        return Weights.read(found)
    except ValueError as error:
        message = (
            "the tuned weights in the store are of another version's parts; run shelfwise evaluate "
            "--forget-tuned, and perhaps --tune again"
        )
        raise StoreError(message) from error
