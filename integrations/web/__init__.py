"""The one HTTP layer of all that asks the world: patience, paces, limits, and errors for people."""
