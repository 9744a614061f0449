"""Libraries and shelves kept in files."""
