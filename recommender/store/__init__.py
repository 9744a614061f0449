"""The store: everything that outlives a cycle, in one SQLite file."""
