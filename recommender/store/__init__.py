"""The store: everything that outlives a cycle, in one SQLite file."""

from recommender.store.learnt import SavedModel
from recommender.store.store import CycleRecord, Store

__all__ = ["CycleRecord", "SavedModel", "Store"]
