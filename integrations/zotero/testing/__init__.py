"""A Zotero for tests: its Web API and its two local APIs, in this process, on a loopback socket.

`world.World` is the state, `web.WebApi` and the local facades answer requests about it, and
`integrations.web.testing.server` puts one of them on a socket, with the faults that a test wants.
"""
