"""One pass through the whole picture: sync, learn, ingest, fit, score, select, publish, tidy.

The imperative shell: it reads through the ports, asks the pure parts what to do, and writes the
answer down. Every step may be cut off; the next cycle takes up what was written down.
"""

from recommender.cycle.choosing import DISMISSED, IN_LIBRARY, IN_TRASH, SUGGESTED
from recommender.cycle.once import run
from recommender.cycle.profile import Links, Profile, Telling
from recommender.cycle.reading import sync
from recommender.cycle.telling import preview, tell

__all__ = [
    "DISMISSED",
    "IN_LIBRARY",
    "IN_TRASH",
    "SUGGESTED",
    "Links",
    "Profile",
    "Telling",
    "preview",
    "run",
    "sync",
    "tell",
]
