"""Signed addresses: only their maker's are taken, each for what it says."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hypothesis import assume, given
from hypothesis import strategies as st

from recommender.page import tokens
from recommender.store import Store

_TEXT = st.text(max_size=12)
_CLAIMS = st.lists(_TEXT, min_size=1, max_size=4)
_SECRETS = st.binary(min_size=32, max_size=32)


@given(_SECRETS, _CLAIMS)
def test_what_was_signed_is_verified(secret: bytes, claim: list[str]) -> None:
    assert tokens.verified(tokens.signature(secret, *claim), secret, *claim)


@given(_SECRETS, _SECRETS, _CLAIMS, _CLAIMS)
def test_a_signature_is_good_for_one_claim_and_one_secret(
    secret: bytes, other: bytes, claim: list[str], another: list[str]
) -> None:
    assume((secret, claim) != (other, another))
    assert not tokens.verified(tokens.signature(secret, *claim), other, *another)


@given(_SECRETS, st.text())
def test_no_text_that_comes_is_a_mistake(secret: bytes, token: str) -> None:
    assert not tokens.verified(token, secret, "answer", "one", "good")


def test_parts_of_a_claim_are_not_taken_for_one_another() -> None:
    secret = bytes(32)
    assert not tokens.verified(tokens.signature(secret, "a", "bc"), secret, "ab", "c")


def test_the_secret_stays_the_same_and_is_no_other_readers(tmp_path: Path) -> None:
    with Store.open(tmp_path / "mine.db") as store:
        mine = tokens.secret(store)
    with Store.open(tmp_path / "mine.db") as store:
        assert tokens.secret(store) == mine
    with Store.open(None) as store:
        assert tokens.secret(store) != mine
    assert len(mine) == 32


def test_addresses_say_what_they_are_for() -> None:
    secret = bytes(32)
    answer = urlsplit(tokens.answer_url("https://papers.example.org/me/", secret, "a/b", "good"))
    assert (answer.netloc, answer.path) == ("papers.example.org", "/me/answer/a%2Fb/good")
    [token] = parse_qs(answer.query)["token"]
    assert tokens.verified(token, secret, "answer", "a/b", "good")
    stop = urlsplit(tokens.stop_url("http://127.0.0.1:8765", secret, "thesis", "mail & more"))
    told = {name: value for name, [value] in parse_qs(stop.query).items()}
    assert (stop.path, told["profile"], told["channel"]) == ("/stop", "thesis", "mail & more")
    assert tokens.verified(told["token"], secret, "stop", "thesis", "mail & more")
