"""Mail keeps the contract of channels, at a real server."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import trustme
from aiosmtpd.controller import Controller

from integrations.digest.mail import MailChannel
from integrations.digest.mail_providers import Security
from integrations.digest.mail_server import MailServer
from recommender.ports import Channel
from recommender.testing.channels import ChannelContract, ChannelWorld, Trouble
from tests.digest.mail_servers import PASSWORD, Postmaster, serving

pytestmark = pytest.mark.usefixtures("trusted")


class MailWorld:
    secret = PASSWORD

    def __init__(self, post: Postmaster, controller: Controller, security: Security) -> None:
        self._post = post
        self._controller = controller
        self._server = MailServer(
            host="127.0.0.1",
            port=controller.port,
            security=security,
            user="ada@example.org",
            password=PASSWORD,
            step=timedelta(seconds=5),
            last=timedelta(seconds=5),
        )

    def channel(self) -> Channel:
        return MailChannel(self._server, "ada@example.org", "reader@example.org")

    def other(self) -> Channel:
        return MailChannel(self._server, "ada@example.org", "other@example.org")

    def taken(self) -> Sequence[bytes]:
        return self._post.taken

    def have(self, trouble: Trouble) -> None:
        if trouble is Trouble.AWAY:
            self._controller.stop()
        elif trouble is Trouble.LATER:
            self._post.rcpt = "451 4.7.1 Greylisted, come back later"
        elif trouble is Trouble.REFUSED:
            self._post.rcpt = "550 5.1.1 No such mailbox"
        elif trouble is Trouble.KEY:
            self._post.password = "another"
        else:
            self._post.data = ""


class TestMailWithStartTls(ChannelContract):
    @pytest.fixture
    def world(self, certificate: trustme.LeafCert) -> Iterator[ChannelWorld]:
        post = Postmaster()
        with serving(post, certificate, "starttls") as controller:
            yield MailWorld(post, controller, "starttls")


class TestMailWithTlsFromTheBeginning(ChannelContract):
    @pytest.fixture
    def world(self, certificate: trustme.LeafCert) -> Iterator[ChannelWorld]:
        post = Postmaster()
        with serving(post, certificate, "tls") as controller:
            yield MailWorld(post, controller, "tls")
