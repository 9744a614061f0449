"""What a server of mail may do, and what becomes of the mail then."""

import socket
import ssl
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from integrations.digest.mail_providers import Security
from integrations.digest.mail_server import MailServer
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    TransientError,
    Unconfirmed,
)
from tests.digest.mail_servers import PASSWORD, Postmaster, Scripted, serving

pytestmark = pytest.mark.usefixtures("trusted")

SENDER, READER = "ada@example.org", "reader@example.org"
CONTENT = b"Subject: Waggle dances\r\n\r\n.one\r\n"
BOTH: tuple[Security, ...] = ("tls", "starttls")
Start = Callable[..., MailServer]


@pytest.fixture
def start(certificate: trustme.LeafCert) -> Iterator[Start]:
    """Starts a server, and gives what reaches it."""
    with ExitStack() as stack:

        def started(post: Postmaster, security: Security = "starttls", **more: Any) -> MailServer:
            shown = more.pop("shown", certificate)
            controller = stack.enter_context(serving(post, shown, security, **more))
            return reaching(controller.port, security)

        yield started


def reaching(port: int, security: Security, **more: Any) -> MailServer:
    wanted = {
        "host": "127.0.0.1",
        "user": "ada",
        "password": PASSWORD,
        "step": timedelta(seconds=5),
        "last": timedelta(seconds=5),
    }
    return MailServer(port=port, security=security, **{**wanted, **more})


def refused(server: MailServer, kind: type[IntegrationError]) -> str:
    with pytest.raises(IntegrationError) as caught:
        server.take(SENDER, READER, CONTENT)
    assert type(caught.value) is kind
    assert caught.value.service == server.host
    told = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in told
    assert "Waggle" not in told
    [line] = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize("security", BOTH)
def test_a_mail_is_taken_once_as_it_is_and_under_tls(start: Start, security: Security) -> None:
    post = Postmaster()
    start(post, security).take(SENDER, READER, CONTENT)
    assert post.taken == [CONTENT]
    [envelope] = post.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [READER])
    assert post.is_secret == [True]
    assert post.n_logins == 1


def test_the_server_does_not_hear_this_computers_name(start: Start) -> None:
    post = Postmaster()
    start(post).take(SENDER, READER, CONTENT)
    assert post.visitors == ["[127.0.0.1]"]


def test_without_a_user_nobody_logs_in(start: Start) -> None:
    post = Postmaster()
    port = start(post).port
    reaching(port, "starttls", user="", password="").take(SENDER, READER, CONTENT)
    assert (post.n_logins, len(post.taken)) == (0, 1)


@pytest.mark.parametrize("security", BOTH)
@pytest.mark.parametrize("fault", ["foreign", "other name", "expired"])
def test_a_bad_certificate_gets_no_mail_and_no_password(
    start: Start, authority: trustme.CA, security: Security, fault: str
) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    shown = {
        "foreign": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "other name": lambda: authority.issue_cert("mail.example.com"),
        "expired": lambda: authority.issue_cert("127.0.0.1", not_before=past, not_after=past),
    }[fault]()
    post = Postmaster()
    told = refused(start(post, security, shown=shown), PermanentError)
    assert "certificate" in told
    assert "SSL_CERT_FILE" in told
    assert (post.n_logins, post.n_mails, post.taken) == (0, 0, [])


def test_where_no_starttls_is_offered_nothing_is_sent(start: Start) -> None:
    post = Postmaster()
    told = refused(start(post, shown=None), PermanentError)
    assert "STARTTLS" in told
    assert (post.n_logins, post.n_mails, post.taken) == (0, 0, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("454 TLS not available due to temporary reason", TransientError),
        ("501 Syntax error", PermanentError),
        ("220 ready\r\n250 an answer that an attacker put in", PermanentError),
        ("", TransientError),
    ],
)
def test_where_starttls_fails_nothing_is_sent(answer: str, kind: type[IntegrationError]) -> None:
    server = Scripted(answers={"EHLO": "250-mail\r\n250 STARTTLS", "STARTTLS": answer})
    with server.serving() as port:
        refused(reaching(port, "starttls"), kind)
    assert {command.split()[0] for command in server.heard[:2]} == {"ehlo", "STARTTLS"}
    assert not [command for command in server.heard if command[:4] in {"AUTH", "mail", "data"}]


def test_tls_where_the_server_waits_for_starttls_says_what_to_correct(start: Start) -> None:
    port = start(Postmaster(), "starttls").port
    assert "mail.security" in refused(reaching(port, "tls"), PermanentError)


def test_starttls_where_the_server_waits_for_tls_ends(start: Start) -> None:
    port = start(Postmaster(), "tls").port
    told = refused(reaching(port, "starttls", step=timedelta(seconds=0.2)), TransientError)
    assert f":{port}" in told


@pytest.mark.parametrize("security", BOTH)
def test_a_wrong_password_is_told_with_what_is_wanted(start: Start, security: Security) -> None:
    post = Postmaster()
    post.password = "another"
    port = start(post, security).port
    told = refused(reaching(port, security, wants="it wants an app password"), NotAuthorized)
    assert "it wants an app password" in told
    assert "535" in told
    assert (post.n_mails, post.taken) == (0, [])


def test_a_login_that_fails_for_now_is_tried_again_later(start: Start) -> None:
    post = Postmaster(login="454 4.7.0 Temporary authentication failure")
    refused(start(post), TransientError)
    assert post.taken == []


def test_a_server_without_logins_says_so(start: Start) -> None:
    post = Postmaster()
    server = start(post, auth_exclude_mechanism=["LOGIN", "PLAIN"])
    assert "mail.user" in refused(server, NotAuthorized)
    assert post.taken == []


def test_a_server_that_wants_a_login_says_so(start: Start) -> None:
    post = Postmaster(mail="530 5.7.0 Authentication required")
    port = start(post).port
    told = refused(reaching(port, "starttls", user="", password=""), NotAuthorized)
    assert "set mail.user and mail.key" in told


@pytest.mark.parametrize("at", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("451 4.7.1 Greylisted", TransientError),
        ("452 4.2.2 Mailbox full", TransientError),
        ("550 5.7.1 Refused", PermanentError),
        ("552 5.3.4 Too big", PermanentError),
    ],
)
def test_a_refusal_is_told_and_lasts_as_long_as_the_server_says(
    start: Start, at: str, answer: str, kind: type[IntegrationError]
) -> None:
    post = Postmaster()
    setattr(post, at, answer)
    server = start(post)
    assert answer[:3] in refused(server, kind)
    assert post.taken == []
    setattr(post, at, "250 OK")
    server.take(SENDER, READER, CONTENT)
    assert len(post.taken) == 1


def test_what_the_server_says_is_quoted_unless_it_saw_the_mail_or_tells_the_password(
    start: Start,
) -> None:
    post = Postmaster(rcpt="550 5.1.1 no such mailbox here")
    server = start(post)
    assert "no such mailbox" in refused(server, PermanentError)
    post.rcpt = f"550 5.1.1 not with {PASSWORD}"
    refused(server, PermanentError)
    post.rcpt, post.data = "250 OK", "554 5.7.1 We take no Waggle dances"
    refused(server, PermanentError)


def test_a_server_that_breaks_off_before_its_last_word_may_have_taken_it(start: Start) -> None:
    post = Postmaster(data="")
    server = start(post)
    refused(server, Unconfirmed)
    post.data = "250 taken"
    server.take(SENDER, READER, CONTENT)
    # It says itself which it is.
    assert post.taken == [CONTENT, CONTENT]


def test_a_server_that_is_too_slow_with_its_last_word_may_have_taken_it(start: Start) -> None:
    post = Postmaster(pause=2)
    port = start(post).port
    refused(reaching(port, "starttls", last=timedelta(seconds=0.2)), Unconfirmed)


def test_the_last_word_may_take_longer_than_the_others(start: Start) -> None:
    post = Postmaster(pause=0.6)
    port = start(post).port
    reaching(port, "starttls", step=timedelta(seconds=0.5)).take(SENDER, READER, CONTENT)
    assert len(post.taken) == 1


def test_once_taken_it_is_taken_whatever_comes_behind(start: Start) -> None:
    post = Postmaster(quits=False)
    start(post).take(SENDER, READER, CONTENT)
    assert len(post.taken) == 1


@pytest.mark.parametrize(
    ("greeting", "answers", "kind"),
    [
        ("421 too busy", {}, TransientError),
        ("554 nobody may come here", {}, PermanentError),
        ("HTTP/1.1 400 Bad Request", {}, BadResponse),
        ("", {}, TransientError),
        ("220 mail", {"EHLO": ""}, TransientError),
        ("220 mail", {"EHLO": "500 what?"}, PermanentError),
        ("220 " + "x" * 9000, {}, PermanentError),
    ],
)
def test_what_answers_oddly_gets_no_mail(
    greeting: str, answers: Mapping[str, str], kind: type[IntegrationError]
) -> None:
    server = Scripted(greeting, answers)
    with server.serving() as port:
        refused(reaching(port, "starttls", step=timedelta(seconds=0.3)), kind)


def test_where_nothing_answers_it_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for security in BOTH:
        refused(reaching(port, security), TransientError)


def test_where_the_name_is_not_known_it_is_tried_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told = refused(reaching(587, "starttls", host="smtp.example.org"), TransientError)
    assert "smtp.example.org:587" in told


@pytest.mark.parametrize("security", BOTH)
@pytest.mark.parametrize("host", ["a..b", "f" * 100])
def test_what_is_no_servers_name_is_told(host: str, security: Security) -> None:
    told = refused(reaching(587, security, host=host), PermanentError)
    assert told == f"{host} is no server's name; correct mail.host"


def test_a_connection_that_breaks_in_the_handshake_is_tried_again_later() -> None:
    with Scripted(is_deaf=True).serving() as port:
        refused(reaching(port, "tls"), TransientError)


def test_certificates_and_names_are_checked_by_default() -> None:
    context = ssl.create_default_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_server_shows_no_password() -> None:
    assert PASSWORD not in repr(reaching(465, "tls"))
