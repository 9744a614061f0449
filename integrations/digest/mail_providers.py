"""The servers of well-known providers of mail, and what each wants for a password.

From the providers' own pages of help; docs/digest.md has them as a table.
"""

import difflib
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from recommender.errors import ConfigError

Security = Literal["tls", "starttls"]
"""TLS from the beginning, or before anything is told (RFC 8314, RFC 3207)."""

PORTS: Final = MappingProxyType[Security, int]({"tls": 465, "starttls": 587})
"""The usual ports."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider takes mail.

    Attributes:
        wants: What the reader needs for a password, a sentence's end: ``it wants an app password``.
    """

    host: str
    security: Security
    wants: str

    @property
    def port(self) -> int:
        """The usual one."""
        return PORTS[self.security]


def provider(name: str) -> Provider:
    """The provider that a reader calls by a name, in any case.

    Raises:
        ConfigError: If none is known by it.
    """
    known = name.strip().lower()
    if known in PROVIDERS:
        return PROVIDERS[known]
    near = difflib.get_close_matches(known, PROVIDERS, n=1)
    instead = f"did you mean {near[0]}?" if near else "name its server under mail.host"
    raise ConfigError(f"mail.provider: {name!r} is not known; {instead}")


_APP = "it wants an app password, made in the account's settings"
_CODE = "it wants an authorization code, made in the settings of the web mail where SMTP is allowed"
_OWN = "it wants the account's password, or an app password where the login has two steps"
_ALLOWED = (
    "it wants SMTP allowed in the web mail, and an app password where the login has two steps"
)
_OAUTH = "Microsoft takes passwords of few accounts by now; use another provider's server"

_GMAIL = Provider(
    "smtp.gmail.com",
    "tls",
    "it wants an app password: https://myaccount.google.com/apppasswords",
)
_OFFICE = Provider("smtp.office365.com", "starttls", _OAUTH)
_GMX = Provider("mail.gmx.net", "tls", _ALLOWED)

PROVIDERS: Final = MappingProxyType(
    {
        "126": Provider("smtp.126.com", "tls", _CODE),
        "163": Provider("smtp.163.com", "tls", _CODE),
        "aol": Provider("smtp.aol.com", "tls", _APP),
        "fastmail": Provider("smtp.fastmail.com", "tls", _APP),
        "gmail": _GMAIL,
        "google": _GMAIL,
        "gmx": _GMX,
        "gmx.com": Provider("mail.gmx.com", "tls", _ALLOWED),
        "gmx.net": _GMX,
        "icloud": Provider(
            "smtp.mail.me.com",
            "starttls",
            "it wants an app-specific password: https://account.apple.com",
        ),
        "mailbox.org": Provider("smtp.mailbox.org", "tls", _OWN),
        "microsoft365": _OFFICE,
        "office365": _OFFICE,
        "outlook": Provider("smtp-mail.outlook.com", "starttls", _OAUTH),
        "posteo": Provider("posteo.de", "tls", _OWN),
        "proton": Provider(
            "smtp.protonmail.ch",
            "starttls",
            "it wants a token for SMTP, which it gives for addresses of a domain of your own",
        ),
        "qq": Provider("smtp.qq.com", "tls", _CODE),
        "runbox": Provider("smtp.runbox.com", "tls", _OWN),
        "web.de": Provider("smtp.web.de", "starttls", _ALLOWED),
        "yahoo": Provider("smtp.mail.yahoo.com", "tls", _APP),
        "yandex": Provider("smtp.yandex.com", "tls", _APP),
        "zoho": Provider("smtp.zoho.com", "tls", _OWN),
        "zoho.eu": Provider("smtp.zoho.eu", "tls", _OWN),
    }
)
"""By the names that readers call them."""
