from collections.abc import Sequence

import pytest

from recommender.ports import Channel
from recommender.testing.channels import ChannelContract, ChannelWorld, FakeChannel, Trouble


class FakeWorld:
    secret = "a secret of nobody's"

    def __init__(self) -> None:
        self._channel = FakeChannel()

    def channel(self) -> Channel:
        return self._channel

    def other(self) -> Channel:
        return FakeChannel("another reader")

    def taken(self) -> Sequence[bytes]:
        return [self._channel.rendered(edition) for edition in self._channel.taken]

    def have(self, trouble: Trouble) -> None:
        self._channel.trouble = trouble


class TestFakeChannel(ChannelContract):
    @pytest.fixture
    def world(self) -> ChannelWorld:
        return FakeWorld()
