"""Zotero."""
