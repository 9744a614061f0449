"""From the settings to channels: what there can be, and every problem at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.digest.mail import MailChannel, opened
from integrations.digest.mail_providers import PROVIDERS, provider
from recommender import registry
from recommender.config.sections import MailTo
from recommender.errors import ConfigError
from recommender.ports import Access

NOW = datetime(2024, 3, 5, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "digest.md"
MAIL = {
    "to": ("ada@example.org", "bob@example.org"),
    "host": "smtp.example.org",
    "user": "ada@example.org",
    "key": "env:PASSWORD",
}


def channels(keys: Sequence[str] = ("a password",), **settings: Any) -> list[MailChannel]:
    section = MailTo.model_construct(**settings).model_dump()
    found = opened(section, keys=keys, access=Access(now=NOW))
    assert all(isinstance(one, MailChannel) for one in found)
    return [one for one in found if isinstance(one, MailChannel)]


def problems(keys: Sequence[str] = ("a password",), **settings: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        channels(keys, **settings)
    assert all(len(problem.splitlines()) == 1 for problem in caught.value.problems)
    return caught.value.problems


def test_it_is_installed_under_its_name() -> None:
    assert registry.channels("mail") is opened


def test_without_recipients_there_are_no_channels_and_no_problems() -> None:
    assert channels(to=(), key="env:PASSWORD", provider="nobody knows") == []


def test_there_is_a_channel_for_each_recipient_once() -> None:
    found = channels(**{**MAIL, "to": ("ada@example.org", "bob@example.org", "ada@example.org")})
    assert [one.name for one in found] == ["mail to ada@example.org", "mail to bob@example.org"]


@pytest.mark.parametrize(
    ("security", "port", "reached"),
    [("tls", 0, 465), ("starttls", 0, 587), ("tls", 8465, 8465), ("starttls", 25, 25)],
)
def test_a_host_is_reached_as_the_settings_say(security: str, port: int, reached: int) -> None:
    [one, _] = channels(**MAIL, security=security, port=port)
    server = one.server
    assert (server.host, server.port, server.security) == ("smtp.example.org", reached, security)
    assert (server.user, server.password) == ("ada@example.org", "a password")


@pytest.mark.parametrize("host", ["smtp.example.org", "localhost", "127.0.0.1", "::1", "a--b.org"])
def test_a_host_is_a_name_or_a_number(host: str) -> None:
    [one, _] = channels(**{**MAIL, "host": host})
    assert one.server.host == host


def test_a_provider_takes_the_place_of_host_and_security() -> None:
    [one] = channels(to=("ada@example.org",), provider=" Gmail")
    assert (one.server.host, one.server.port, one.server.security) == ("smtp.gmail.com", 465, "tls")
    assert "app password" in one.server.wants


@pytest.mark.parametrize(
    ("sender", "user", "expected"),
    [
        ("list@example.com", "ada@example.com", "list@example.com"),
        ("", "ada@example.com", "ada@example.com"),
        ("", "AKIA123", "reader@example.org"),
    ],
)
def test_the_sender_is_who_is_named_or_the_user_or_the_recipient(
    sender: str, user: str, expected: str
) -> None:
    wanted = {**MAIL, "to": ("reader@example.org",), "sender": sender, "user": user}
    [one] = channels(**wanted)
    assert one.sender == expected


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"host": ""}, "mail.host"),
        ({"host": "a..b"}, "mail.host"),
        ({"host": "f" * 100}, "mail.host"),
        ({"host": "1:2"}, "mail.host"),
        ({"host": "::1%eth0\r\n"}, "mail.host"),
        ({"host": "", "provider": "gmial"}, "mail.provider"),
        ({"provider": "gmail"}, "mail.host"),
        ({"host": "", "provider": "gmail", "port": 25}, "mail.port"),
        ({"host": "smtps://smtp.example.org"}, "mail.host"),
        ({"host": "smtp..org"}, "mail.host"),
        ({"host": "bücher.example"}, "mail.host"),
        ({"user": ""}, "mail.user"),
        ({"key": ""}, "mail.key"),
        ({"user": "müller"}, "mail.user"),
        ({"user": "a\r\nb"}, "mail.user"),
        ({"to": ("müller@example.org",)}, "mail.to"),
        ({"to": ("ada@exämple.org",)}, "mail.to"),
        ({"to": ("ada@example.org,eve@example.org",)}, "mail.to"),
        ({"to": ("<ada@example.org>",)}, "mail.to"),
        ({"to": ("ada@example.org\nBcc: eve@example.org",)}, "mail.to"),
        ({"to": ("a" * 250 + "@example.org",)}, "mail.to"),
        ({"sender": "ada@b@example.org"}, "mail.sender"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(changes: dict[str, Any], key: str) -> None:
    [problem] = problems(**{**MAIL, **changes})
    assert problem.startswith(f"{key}: ")


def test_a_password_that_no_login_takes_is_refused_and_not_told() -> None:
    [problem] = problems(["geheimnisträger"], **MAIL)
    assert problem.startswith("mail.key: ")
    assert "geheim" not in problem


def test_every_problem_comes_at_once() -> None:
    found = problems(to=("here", "there"), sender="me", user="ada", provider="hotmial", port=1)
    assert [problem.partition(":")[0] for problem in found] == [
        "mail.to",
        "mail.to",
        "mail.sender",
        "mail.key",
        "mail.provider",
        "mail.port",
    ]


def test_a_provider_that_is_nearly_right_is_proposed() -> None:
    with pytest.raises(ConfigError, match="did you mean fastmail"):
        provider("fast-mail")
    with pytest.raises(ConfigError, match=r"under mail\.host"):
        provider("university of nowhere")


def test_every_provider_is_in_the_documentation_as_it_is() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    for name, one in PROVIDERS.items():
        [row] = [row for row in rows if f"`{name}`" in row]
        assert f"`{one.host}`" in row
        assert f"{one.port} {'TLS' if one.security == 'tls' else 'STARTTLS'}" in row
