"""Suggestions where people look: feed and page."""
