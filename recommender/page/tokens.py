"""The signed addresses by which a mail answers: nobody else can make one."""

import hmac
import secrets
from urllib.parse import quote, urlencode

from recommender.store import Store

OWNER = "page"
"""Whose memory in the store has the secret."""
_SECRET = "secret"  # noqa: S105 - a name in the memory, and no secret
_BYTES = 32


def secret(store: Store) -> bytes:
    """What this reader's addresses are signed with: made once, and kept in the store.

    Raises:
        StoreError: If the store's file cannot be used.
    """
    memory = store.memory(OWNER)
    if _SECRET not in memory:
        memory[_SECRET] = secrets.token_hex(_BYTES)
    # As the file has it: of two that were made at the same time, one stayed.
    return bytes.fromhex(memory[_SECRET])


def answer_url(base: str, secret: bytes, suggestion_id: str, verdict: str) -> str:
    """The address at which a reader says in one click what they think of a suggestion.

    Args:
        base: The page's address, such as ``https://papers.example.org/me``.
        secret: What ``secret`` gave.
        suggestion_id: Of which suggestion.
        verdict: ``good`` or ``bad``.
    """
    token = signature(secret, "answer", suggestion_id, verdict)
    return f"{base.rstrip('/')}/answer/{quote(suggestion_id, safe='')}/{verdict}?token={token}"


def stop_url(base: str, secret: bytes, profile: str, channel: str) -> str:
    """The address at which a reader stops a channel, in one click as RFC 8058 wants it.

    Args:
        base: The page's address.
        secret: What ``secret`` gave.
        profile: The profile's name.
        channel: The channel's name.
    """
    token = signature(secret, "stop", profile, channel)
    asked = urlencode({"profile": profile, "channel": channel, "token": token})
    return f"{base.rstrip('/')}/stop?{asked}"


def signature(secret: bytes, *claim: str) -> str:
    """What only this reader's own addresses have: 64 hexadecimal digits.

    Args:
        secret: What ``secret`` gave.
        claim: ``"answer"``, the suggestion's id and the verdict; or ``"stop"``, the profile and the
            channel.
    """
    # With the lengths in it no two claims are the same text.
    told = "".join(f"{len(part)}:{part}" for part in claim)
    return hmac.digest(secret, told.encode("utf-8", "replace"), "sha256").hex()


def verified(token: str, secret: bytes, *claim: str) -> bool:
    """Whether a token is the signature of this very claim; found out in constant time.

    Args:
        token: As it came, which may be anything.
        secret: What ``secret`` gave.
        claim: As for ``signature``.
    """
    made = signature(secret, *claim)
    return hmac.compare_digest(made.encode(), token.encode("utf-8", "replace"))
