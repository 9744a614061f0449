"""Adapters by name: entry points, so that a third party's installs without a patch.

Groups and what they hold are described in ``docs/adapters.md``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from recommender.errors import ConfigError
from recommender.ports import (
    Access,
    Account,
    Catalogue,
    Channel,
    Encoder,
    Memory,
    Publisher,
    ReferenceManager,
    Source,
    Summariser,
)

_ACCOUNTS = "shelfwise.accounts"
_REFERENCE_MANAGERS = "shelfwise.reference_managers"
_SOURCES = "shelfwise.sources"
_CATALOGUES = "shelfwise.catalogues"
_PUBLISHERS = "shelfwise.publishers"
_ENCODERS = "shelfwise.encoders"
_CHANNELS = "shelfwise.channels"
_SUMMARISERS = "shelfwise.summarisers"


class OpensAccount(Protocol):
    """What a ``shelfwise.accounts`` entry point holds."""

    def __call__(
        self, settings: Mapping[str, Any], *, key: str, memory: Memory, now: datetime
    ) -> Account:
        """The account that the settings name; nothing is asked of its service yet.

        Args:
            settings: The section ``[library]`` by key, and under ``shelf`` the section ``[shelf]``.
            key: What the service gave for access; empty without one.
            memory: What the account's own adapters keep between runs.
            now: When this is.

        Raises:
            ConfigError: If the settings name what there cannot be.
        """


class OpensReferenceManager(Protocol):
    """What a ``shelfwise.reference_managers`` entry point holds."""

    def __call__(self, place: str) -> ReferenceManager:
        """The reference manager at a place: a path, a glob, ``-`` or a URL.

        Raises:
            ConfigError: If there is nothing at that place.
        """


class OpensSource(Protocol):
    """What a ``shelfwise.sources`` entry point holds."""

    def __call__(self, place: str, access: Access) -> Source:
        """The source at a place; nothing is asked of its service yet.

        Args:
            place: What of the service is wanted, as its documentation says; empty for the usual.
            access: What its service may be asked with.

        Raises:
            ConfigError: If there is nothing at that place.
        """


class OpensCatalogue(Protocol):
    """What a ``shelfwise.catalogues`` entry point holds."""

    def __call__(self, access: Access) -> Catalogue:
        """The catalogue; nothing is asked of its service yet.

        Args:
            access: What its service may be asked with.

        Raises:
            ConfigError: If it cannot be asked with that.
        """


class OpensPublisher(Protocol):
    """What a ``shelfwise.publishers`` entry point holds."""

    def __call__(self, path: Path, *, about: str = "", fresh: bool = False) -> Publisher:
        """The publisher that writes to a path.

        Args:
            path: Where to.
            about: A line for the reader on what was looked at.
            fresh: What is published first replaces what was published there before.
        """


class OpensEncoder(Protocol):
    """What a ``shelfwise.encoders`` entry point holds."""

    def __call__(self, place: str, /, *, model: str = "", key: str = "") -> Encoder:
        """The encoder at a place.

        Args:
            place: A folder or an address.
            model: Which of the models there; empty where there is one.
            key: What the service gave for access; empty without one.

        Raises:
            ConfigError: If there is none at that place, or what it needs is not installed.
        """


class OpensChannels(Protocol):
    """What a ``shelfwise.channels`` entry point holds."""

    def __call__(
        self, settings: Mapping[str, Any], *, keys: Sequence[str], access: Access
    ) -> Sequence[Channel]:
        """A channel for each reader that the settings name; nothing is sent yet.

        Args:
            settings: The section of the config that is named as the entry point, by key.
            keys: What is kept where the section says: the password, or addresses that are secret.
            access: When this is, and how services are asked.

        Raises:
            ConfigError: If the settings name what there cannot be, or a package is missing.
        """


class OpensSummariser(Protocol):
    """What a ``shelfwise.summarisers`` entry point holds."""

    def __call__(self, place: str, /, *, model: str = "", key: str = "") -> Summariser:
        """The summariser at an address; nothing is asked of it yet.

        Args:
            place: The address.
            model: Which of the models there.
            key: What the service gave for access; empty without one.

        Raises:
            ConfigError: If there can be none at that place.
        """


def accounts() -> frozenset[str]:
    """The kinds of accounts that are installed, such as ``zotero``."""
    return frozenset(_installed(_ACCOUNTS).names)


def reference_managers() -> frozenset[str]:
    """The kinds of reference managers that are installed, such as ``file``."""
    return frozenset(_installed(_REFERENCE_MANAGERS).names)


def account(kind: str) -> OpensAccount:
    """What opens a kind of account, such as ``zotero``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensAccount", _loaded(_ACCOUNTS, kind))


def reference_manager(kind: str) -> OpensReferenceManager:
    """What opens a kind of reference manager, such as ``file``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensReferenceManager", _loaded(_REFERENCE_MANAGERS, kind))


def source(kind: str) -> OpensSource:
    """What opens a kind of source, such as ``file``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensSource", _loaded(_SOURCES, kind))


def catalogue(kind: str) -> OpensCatalogue:
    """What opens a kind of catalogue, such as ``openalex``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensCatalogue", _loaded(_CATALOGUES, kind))


def publisher(kind: str) -> OpensPublisher:
    """What opens a kind of publisher, such as ``html``, ``atom`` or ``bib``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensPublisher", _loaded(_PUBLISHERS, kind))


def encoder(kind: str) -> OpensEncoder:
    """What opens a kind of encoder: ``onnx`` or ``endpoint``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensEncoder", _loaded(_ENCODERS, kind))


def channels(kind: str) -> OpensChannels:
    """What opens a kind of channel: ``mail`` or ``chat``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensChannels", _loaded(_CHANNELS, kind))


def summariser(kind: str) -> OpensSummariser:
    """What opens a kind of summariser: ``endpoint``.

    Raises:
        ConfigError: If no such kind is installed, or its package cannot be loaded.
    """
    return cast("OpensSummariser", _loaded(_SUMMARISERS, kind))


@cache
def _installed(group: str) -> EntryPoints:
    """What all installed packages offer of a group; to look through them takes a while."""
    return entry_points(group=group)


def _loaded(group: str, name: str) -> object:
    installed = _installed(group)
    if name not in installed.names:
        known = ", ".join(sorted(installed.names)) or "none"
        raise ConfigError(f"{name!r} is not installed for {group}; installed: {known}")
    entry: EntryPoint = installed[name]
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{name!r} ({entry.value}) cannot be loaded: {error}") from error
