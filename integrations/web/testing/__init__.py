"""Services for tests: facades on a loopback socket, with the faults that a test asks for."""
