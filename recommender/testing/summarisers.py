"""The contract of every summariser, and one that needs no model."""

from dataclasses import replace

import pytest

from recommender.errors import IntegrationError
from recommender.papers import Paper
from recommender.ports import Summariser
from recommender.testing.editions import HOSTILE
from recommender.testing.publishers import suggestion_on

PAPER = suggestion_on(1).paper


class FakeSummariser:
    """Says the beginning of the abstract, and in which language.

    Args:
        name: What it is called.

    Attributes:
        failure: What it raises instead; None while it works.
        asked: The titles of the papers that it was asked about, in order.
    """

    def __init__(self, name: str = "a-model") -> None:
        self._name = name
        self.failure: Exception | None = None
        self.asked: list[str] = []

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    def summary(self, paper: Paper, language: str) -> str:
        """A sentence on the paper; empty without an abstract.

        Raises:
            Exception: If it was told to fail.
        """
        self.asked.append(paper.title)
        if self.failure:
            raise self.failure
        words, called = _plain(paper.abstract)[:80], _plain(language)[:20]
        return f"{words.strip()} (in {called or 'its own language'})" if words else ""


class SummariserContract:
    """What every summariser keeps to; subclass it under pytest and override the fixtures."""

    @pytest.fixture
    def summariser(self) -> Summariser:
        """A summariser that works."""
        raise NotImplementedError

    @pytest.fixture
    def failing(self) -> Summariser:
        """A summariser that was opened, and fails whenever it is asked."""
        raise NotImplementedError

    def test_it_has_a_name_in_one_line_that_stays(self, summariser: Summariser) -> None:
        name = summariser.name
        summariser.summary(PAPER, "")
        assert name.strip()
        assert name.isprintable()
        assert summariser.name == name

    @pytest.mark.parametrize("language", ["", "German", "中文", "a\nb\u202e"])
    def test_it_says_a_sentence_in_any_language(
        self, summariser: Summariser, language: str
    ) -> None:
        _check(summariser.summary(PAPER, language))

    def test_of_a_paper_that_says_nothing_it_says_nothing(self, summariser: Summariser) -> None:
        assert summariser.summary(replace(PAPER, abstract=""), "") == ""

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_whatever_a_paper_says_it_is_one_plain_line(
        self, summariser: Summariser, text: str
    ) -> None:
        said = summariser.summary(replace(PAPER, title=f"On {text}", abstract=text), "")
        if said:
            _check(said)

    def test_every_failure_is_an_integration_error_that_quotes_nothing(
        self, failing: Summariser
    ) -> None:
        with pytest.raises(IntegrationError) as caught:
            failing.summary(PAPER, "")
        assert caught.value.service
        assert len(str(caught.value).splitlines()) == 1
        assert PAPER.title not in str(caught.value)


def _plain(text: str) -> str:
    return " ".join("".join(c for c in text if c.isprintable()).split())


def _check(said: str) -> None:
    assert said.strip() == said != ""
    assert len(said) <= 300
    assert len(said.splitlines()) == 1
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(said)
    said.encode()
