"""Publishers of listings."""
