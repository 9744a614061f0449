"""A mail handed to a server: under TLS with a checked certificate, or not at all.

RFC 6409 and RFC 8314 (submission), RFC 3207 (STARTTLS), RFC 4954 (login), RFC 5321 (answers).
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from integrations.digest.lines import line
from integrations.digest.mail_providers import Security
from recommender.errors import (
    BadResponse,
    IntegrationError,
    NotAuthorized,
    PermanentError,
    TransientError,
    Unconfirmed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail to pass it on.

    Attributes:
        user: The name to log in by; empty for none.
        wants: What the provider wants for a password, the end of a sentence.
        step: How long an answer may take.
        last: How long the answer may take that says whether the mail was taken; if it were given
            up too early, the mail would come twice (RFC 5321, 4.5.3.2.6).
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    wants: str = "look up what it wants for a password"
    step: timedelta = timedelta(seconds=30)
    last: timedelta = timedelta(minutes=5)

    def take(self, sender: str, recipient: str, content: bytes) -> None:
        """Have a mail taken.

        Args:
            sender: An address in ASCII, which hears of it if the mail cannot be delivered.
            recipient: An address in ASCII.
            content: In ASCII; lines end with CR and LF, and have 998 bytes at the most.

        Raises:
            Unconfirmed: If the connection broke before it said whether it took the mail.
            NotAuthorized: If it refuses the login, or wants one.
            TransientError: If it cannot be reached, or does not take the mail now.
            PermanentError: If it has no good certificate or no TLS, or refuses the mail.
        """
        with self._connection() as smtp:
            self._log_in(smtp)
            code, told = smtp.mail(sender)
            self._check(code, told, f"mail from {sender}", "correct mail.sender")
            code, told = smtp.rcpt(recipient)
            self._check(code, told, f"mail to {recipient}", "correct mail.to")
            self._hand_over(smtp, content)
            # It was taken, whatever comes now.
            with suppress(OSError):
                smtp.quit()

    def greet(self) -> None:
        """Go as far as to the login, and say goodbye.

        Raises:
            NotAuthorized: If it refuses the login.
            TransientError: If it cannot be reached.
            PermanentError: If it has no good certificate or no TLS.
        """
        with self._connection() as smtp:
            self._log_in(smtp)
            with suppress(OSError):
                smtp.quit()

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A connection that nobody else can read; what is the matter with it comes as our error."""
        try:
            with closing(self._connected()) as smtp:
                if self.security == "starttls":
                    self._encrypt(smtp)
                code, told = smtp.ehlo()
                self._check(code, told, "a connection", _ELSEWHERE)
                yield smtp
        except ssl.SSLCertVerificationError as error:
            message = f"the certificate of {self._place} is not good ({error.verify_message})"
            todo = "check mail.host; SSL_CERT_FILE can name an authority of your own"
            raise PermanentError(self.host, f"{message}; {todo}") from error
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise self._broken() from error
        except ssl.SSLError as error:
            message = f"there is no TLS with {self._place} ({error.reason})"
            todo = "correct mail.port, or mail.security: tls or starttls"
            raise PermanentError(self.host, f"{message}; {todo}") from error
        except smtplib.SMTPResponseException as error:
            found = self._refusal(error.smtp_code, error.smtp_error, "a connection", _ELSEWHERE)
            raise found from error
        except OSError as error:
            raise self._broken() from error

    def _connected(self) -> smtplib.SMTP:
        # Not this computer's name, which every mail would tell; it is what smtplib says without.
        own, seconds = "[127.0.0.1]", self.step.total_seconds()
        try:
            if self.security == "starttls":
                return smtplib.SMTP(self.host, self.port, own, seconds)
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, own, timeout=seconds, context=context)
        except UnicodeError as error:
            # Names are looked up in IDNA's letters, which has no empty part and none of 64 letters.
            message = f"{line(self.host, _QUOTED)} is no server's name; correct mail.host"
            raise PermanentError(self.host, message) from error

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo()
        if not smtp.has_extn("starttls"):
            message = f"{self._place} offers no STARTTLS, and no mail goes over an open line"
            raise PermanentError(self.host, f"{message}; correct mail.port and mail.security")
        smtp.starttls(context=ssl.create_default_context())

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        if not self.user:
            return
        refused = 0
        try:
            smtp.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            refused = error.smtp_code
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            message = f"{self.host} offers no login with a password; use another server, or leave"
            # Its own text may quote what was answered.
            raise NotAuthorized(
                self.host, f"{message} mail.user and mail.key empty if it needs none"
            ) from None
        # Out of the reach of smtplib's error, for the same reason.
        if refused:
            raise self._refusal(refused, b"", "the login", f"check mail.user; {self.wants}")

    def _hand_over(self, smtp: smtplib.SMTP, content: bytes) -> None:
        if smtp.sock:
            smtp.sock.settimeout(self.last.total_seconds())
        try:
            code, _ = smtp.data(content)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except OSError as error:
            message = f"{self.host} broke off before it said whether it took the mail"
            raise Unconfirmed(self.host, f"{message}; the next run sends it again") from error
        # The answer may quote what the mail says, which no log is to show.
        self._check(code, b"", "the mail", "ask the provider why; it may look like spam there")

    def _check(self, code: int, told: bytes, what: str, todo: str) -> None:
        if code // 100 != _DONE:
            raise self._refusal(code, told, what, todo)

    def _refusal(self, code: int, told: bytes | str, what: str, todo: str) -> IntegrationError:
        text = told if isinstance(told, str) else told.decode("utf-8", "replace")
        if self.password and self.password in text:
            text = ""
        why = line(f"{code} {text}", _QUOTED)
        if code // 100 == _LATER:
            message = f"{self.host} does not take {what} now ({why}); the next run tries again"
            return TransientError(self.host, message)
        if code in _LOGIN:
            todo = todo if what == "the login" else f"set mail.user and mail.key; {self.wants}"
            return NotAuthorized(self.host, f"{self.host} refuses {what} ({why}); {todo}")
        if code // 100 == _NEVER:
            return PermanentError(self.host, f"{self.host} refuses {what} ({why}); {todo}")
        message = f"{self._place} does not answer like a server of mail ({why})"
        return BadResponse(self.host, f"{message}; correct mail.host and mail.port")

    def _broken(self) -> TransientError:
        message = f"{self._place} cannot be reached, or broke off; the next run tries again"
        return TransientError(
            self.host, f"{message} (if it lasts, correct mail.host and mail.port)"
        )

    @property
    def _place(self) -> str:
        return f"{self.host}:{self.port}"


_DONE, _LATER, _NEVER = 2, 4, 5  # the first digit of an answer
_LOGIN = frozenset({530, 534, 535, 538})
_QUOTED = 200  # characters
_ELSEWHERE = "correct mail.host and mail.port"
