"""How each system is told to keep the daemon running.

``systemd``, ``launchd`` and ``windows`` are texts and commands; ``speaking`` runs the commands.
"""
