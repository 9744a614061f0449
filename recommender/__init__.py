"""Shelfwise: recommends newly listed papers from what a reader keeps in a reference manager."""
