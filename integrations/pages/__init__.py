"""How listings are written down: from a file's or an answer's bytes to papers in their order."""
