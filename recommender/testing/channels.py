"""The contract of every channel, and one in memory."""

import traceback
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from typing import ClassVar, Protocol

import pytest

from recommender.editions import Edition
from recommender.errors import (
    IntegrationError,
    NotAuthorized,
    PermanentError,
    TransientError,
    Unconfirmed,
)
from recommender.ports import Channel
from recommender.testing.editions import HOSTILE, edition_of, edition_on


class Trouble(StrEnum):
    """What can be the matter with a service."""

    AWAY = "nothing answers"
    LATER = "it takes nothing now"
    REFUSED = "it will not take this"
    KEY = "it does not know the key"
    LOST = "it may have taken it, and does not say so"


RAISED: dict[Trouble, type[IntegrationError]] = {
    Trouble.AWAY: TransientError,
    Trouble.LATER: TransientError,
    Trouble.REFUSED: PermanentError,
    Trouble.KEY: NotAuthorized,
    Trouble.LOST: Unconfirmed,
}
"""What a channel raises, by what is the matter."""


class FakeChannel:
    """A reader in memory.

    Args:
        name: What it is called.

    Attributes:
        taken: The editions that were sent, oldest first.
        trouble: What is the matter; None while all is well.
    """

    def __init__(self, name: str = "a reader") -> None:
        self._name = name
        self.taken: list[Edition] = []
        self.trouble: Trouble | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    def send(self, edition: Edition) -> None:
        """Keep an edition.

        Raises:
            IntegrationError: If there is trouble, as ``RAISED`` says; ``LOST`` keeps it first.
        """
        if self.trouble in {None, Trouble.LOST}:
            self.taken.append(edition)
        if self.trouble:
            raise RAISED[self.trouble](self._name, f"{self._name}: {self.trouble}; look there")

    def rendered(self, edition: Edition) -> bytes:
        """Its name and what it is about, a line each."""
        return f"{edition.edition_id!a}\n{edition.subject!a}\n".encode()

    def check(self) -> None:
        """Raise what is the matter, unless only sending tells."""
        if self.trouble in {Trouble.AWAY, Trouble.KEY}:
            raise RAISED[self.trouble](self._name, f"{self._name}: {self.trouble}; look there")


class ChannelWorld(Protocol):
    """A service's own side; each suite's fixture gives one.

    Attributes:
        secret: What gives access to it, which appears in no text.
    """

    secret: str

    def channel(self) -> Channel:
        """The channel under test, opened anew each time."""

    def other(self) -> Channel:
        """A channel of the same service to another reader."""

    def taken(self) -> Sequence[bytes]:
        """What the service took, oldest first; each as it came."""

    def have(self, trouble: Trouble) -> None:
        """Let something be the matter from now on."""


class ChannelContract:
    """What every channel must do; subclass it with a ``world`` fixture, where all is well at first.

    Attributes:
        troubles: What the service lets a channel tell apart.
    """

    troubles: ClassVar[frozenset[Trouble]] = frozenset(Trouble)

    @pytest.fixture
    def world(self) -> ChannelWorld:
        """The service under test."""
        raise NotImplementedError

    def test_its_name_is_one_line_and_stays(self, world: ChannelWorld) -> None:
        name = world.channel().name
        assert name.strip()
        assert len(name.splitlines()) == 1
        assert world.secret not in name
        assert world.channel().name == name

    def test_no_two_channels_share_a_name(self, world: ChannelWorld) -> None:
        assert world.channel().name != world.other().name

    def test_opening_and_rendering_send_nothing(self, world: ChannelWorld) -> None:
        world.channel().rendered(edition_on(5))
        assert list(world.taken()) == []

    def test_a_check_sends_nothing(self, world: ChannelWorld) -> None:
        world.channel().check()
        assert list(world.taken()) == []

    def test_a_check_fails_only_where_sending_would(self, world: ChannelWorld) -> None:
        # Who is away afterwards can be told nothing more.
        for trouble in (one for one in (Trouble.KEY, Trouble.AWAY) if one in self.troubles):
            channel = world.channel()
            world.have(trouble)
            with suppress(RAISED[trouble]):
                channel.check()
            with pytest.raises(RAISED[trouble]):
                channel.send(edition_on(5))
        assert list(world.taken()) == []

    def test_what_is_sent_is_taken_once(self, world: ChannelWorld) -> None:
        channel = world.channel()
        channel.send(edition_on(5))
        assert len(world.taken()) == 1
        channel.send(edition_on(6))
        assert len(world.taken()) == 2

    def test_sent_again_it_is_the_same_and_another_is_not(self, world: ChannelWorld) -> None:
        for edition in (edition_on(5), edition_on(5), edition_on(6)):
            world.channel().send(edition)
        first, again, other = world.taken()
        assert first == again != other

    def test_an_edition_without_suggestions_is_sent_too(self, world: ChannelWorld) -> None:
        world.channel().send(edition_on(5, n_told=0))
        assert len(world.taken()) == 1

    def test_what_is_rendered_is_the_same_each_time(self, world: ChannelWorld) -> None:
        first, again = (world.channel().rendered(edition_on(5)) for _ in range(2))
        assert first
        assert first == again

    def test_what_is_rendered_holds_no_secret(self, world: ChannelWorld) -> None:
        assert world.secret not in world.channel().rendered(edition_on(5)).decode()

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_hostile_text_is_sent_and_harmless(self, world: ChannelWorld, text: str) -> None:
        rendered = world.channel().rendered(edition_of(text)).decode()
        assert not _HARMFUL & set(rendered)
        world.channel().send(edition_of(text))
        assert len(world.taken()) == 1

    @pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
    def test_each_trouble_is_told_as_what_it_is(
        self, world: ChannelWorld, trouble: Trouble
    ) -> None:
        if trouble not in self.troubles:
            pytest.skip("this service does not let it be told apart")
        channel = world.channel()
        world.have(trouble)
        with pytest.raises(RAISED[trouble]) as caught:
            channel.send(edition_on(5))
        error = caught.value
        if trouble is not Trouble.LOST:
            assert not isinstance(error, Unconfirmed)
            assert list(world.taken()) == []
        assert error.service
        assert len(str(error).splitlines()) == 1
        # With what it was made of, as a log would show it.
        told = "".join(traceback.format_exception(error))
        assert world.secret not in told
        assert edition_on(5).told[0].suggestion.paper.title not in told


# What ends a line or moves a cursor, but for the ends of lines; and what turns text around.
_HARMFUL = {chr(n) for n in (*range(9), 11, 12, *range(14, 32), *range(127, 160))} | set(
    "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
