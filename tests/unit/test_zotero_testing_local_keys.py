from datetime import UTC, datetime, timedelta

import pytest

from integrations.zotero.testing.local_errors import Refused
from integrations.zotero.testing.local_keys import Authorisations, WriteTokens


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_the_sixth_question_within_a_minute_has_to_wait() -> None:
    clock = _Clock()
    authorisations = Authorisations(clock, lambda: "key")
    for _ in range(5):
        assert authorisations.wait() == 0
        assert authorisations.ask("A") is None
        clock.now += timedelta(seconds=1)
    assert authorisations.wait() == 55
    clock.now += timedelta(seconds=54.5)
    assert authorisations.wait() == 1
    clock.now += timedelta(seconds=0.5)
    assert authorisations.wait() == 0


def test_a_key_that_is_always_allowed_is_not_used_up() -> None:
    authorisations = Authorisations(_Clock(), lambda: "key")
    authorisations.answer = "always allow"
    assert authorisations.ask("A") == ("key", True)
    assert [authorisations.use("key") for _ in range(2)] == [True, True]


def test_a_write_token_is_forgotten_after_half_a_day() -> None:
    clock = _Clock()
    tokens = WriteTokens(clock)
    tokens.record("abcdef")
    clock.now += timedelta(hours=12, seconds=-1)
    with pytest.raises(Refused, match="already used"):
        tokens.check("abcdef")
    clock.now += timedelta(seconds=1)
    tokens.check("abcdef")
    tokens.record("")
    tokens.check("")


@pytest.mark.parametrize("token", ["abcd", "a" * 33])
def test_a_write_token_has_a_length(token: str) -> None:
    with pytest.raises(Refused, match="5-32"):
        WriteTokens(_Clock()).check(token)
