"""Servers of mail on this computer: a real one, and one that says what a test wants."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "correct horse battery staple"


@dataclass
class Postmaster:
    """What a server does, and what it saw.

    Attributes:
        rcpt: What it answers to a recipient.
        data: What it answers to a mail; empty for breaking off without an answer.
        pause: How many seconds it takes to answer to a mail.
        quits: Whether it answers to the end of a visit; else it breaks off.
        login: What it answers to a login with the right password.
        taken: The mails that it took.
        envelopes: From and to whom, of each.
        visitors: As what who brought it introduced itself.
        is_secret: Whether it came under TLS.
    """

    mail: str = "250 OK"
    rcpt: str = "250 OK"
    data: str = "250 taken"
    pause: float = 0
    quits: bool = True
    password: str = PASSWORD
    login: str = "235 welcome"
    taken: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    visitors: list[str] = field(default_factory=list)
    is_secret: list[bool] = field(default_factory=list)
    n_logins: int = 0
    n_mails: int = 0

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.n_mails += 1
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if not self.data or self.data.startswith("250"):
            assert envelope.original_content is not None
            self.taken.append(envelope.original_content)
            self.envelopes.append(envelope)
            self.visitors.append(session.host_name or "")
            assert server.transport is not None
            self.is_secret.append(server.transport.get_extra_info("cipher") is not None)
        if not self.data:
            _break_off(server)
        await asyncio.sleep(self.pause)
        return self.data

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if not self.quits:
            _break_off(server)
        return "221 bye"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
    ) -> AuthResult:
        self.n_logins += 1
        assert isinstance(login, LoginPassword)
        if login.password != self.password.encode():
            return AuthResult(success=False, handled=False)
        good = self.login.startswith("235")
        return AuthResult(success=good, handled=False, message=None if good else self.login)


def _break_off(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def serving(
    post: Postmaster, certificate: trustme.LeafCert | None, security: str, **more: Any
) -> Iterator[Controller]:
    """A real server of mail at a port of this computer; without a certificate, one without TLS."""
    options: dict[str, Any] = {"server_hostname": "mail.example.org"}
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        options["authenticator"] = post.authenticate
    if security == "starttls" and context:
        options |= {"tls_context": context, "require_starttls": True}
        context = None
    # It knows of no other TLS than STARTTLS.
    options["auth_require_tls"] = security == "starttls"
    controller = _OnAnyPort(
        post, hostname="127.0.0.1", port=0, ssl_context=context, **options, **more
    )
    controller.start()
    try:
        yield controller
    finally:
        if controller.server:
            controller.stop()


@dataclass
class Scripted:
    """A server that answers each command as it is told, over an open line.

    Attributes:
        greeting: What it says first; empty for nothing.
        answers: By the command's first word; to others it says ``250 OK``, and an empty one breaks
            off.
        heard: The commands that came.
        is_deaf: It breaks off at once.
    """

    greeting: str = "220 mail.example.org ESMTP"
    answers: Mapping[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    is_deaf: bool = False

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The port at which it serves one visit."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=self._serve, args=[listening], daemon=True)
            thread.start()
            try:
                yield listening.getsockname()[1]
            finally:
                with suppress(OSError):
                    listening.shutdown(socket.SHUT_RDWR)
                thread.join(5)

    def _serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            visitor, _ = listening.accept()
            with visitor, visitor.makefile("rwb", buffering=0) as lines:
                if self.is_deaf:
                    return
                if self.greeting:
                    lines.write(f"{self.greeting}\r\n".encode())
                while command := lines.readline():
                    self.heard.append(command.decode("utf-8", "replace").strip())
                    answer = self.answers.get(self.heard[-1].partition(" ")[0].upper(), "250 OK")
                    if not answer:
                        return
                    lines.write(f"{answer}\r\n".encode())
