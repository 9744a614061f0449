"""The contract suite of encoders, and an encoder of words alone that passes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pytest

from recommender.arrays import Vectors
from recommender.errors import IntegrationError
from recommender.model.meanings import text_of
from recommender.papers import Paper
from recommender.ports import Encoder


class FakeEncoder:
    """An encoder whose texts lie close together when they share words.

    Each word has a random direction that is drawn from the word itself, a text the sum of its
    words' (a random projection of the bag of words: Johnson and Lindenstrauss 1984), so the vectors
    are the same everywhere and at any time.

    Args:
        width: How many numbers a row has.

    Attributes:
        failure: What it raises instead of vectors; None while it works.
        asked: Every text that it was given, in order.
    """

    def __init__(self, width: int = 32) -> None:
        self._width = width
        self.failure: IntegrationError | None = None
        self.asked: list[str] = []

    @property
    def name(self) -> str:
        """Says how wide its rows are."""
        return f"fake {self._width}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, in their order: ``(n, width)`` float32.

        Raises:
            IntegrationError: If it was told to fail.
        """
        if self.failure:
            raise self.failure
        self.asked += texts
        rows = np.zeros((len(texts), self._width))
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row += self._direction(word)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)

    def _direction(self, word: str) -> Vectors:
        digest = sha256(word.encode("utf-8", "replace")).digest()
        drawn = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        return drawn.standard_normal(self._width, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder says whenever it is asked; nothing is kept."""

    encoder: Encoder

    @property
    def name(self) -> str:
        """The encoder's."""
        return self.encoder.name

    def __call__(self, papers: Sequence[Paper], /) -> Vectors:
        """A row for each paper, as ``Meanings`` says."""
        return self.encoder.encode([text_of(paper) for paper in papers])


_WORDS = ("bee", "hive", "nectar", "bridge", "girder", "truss", "poem", "verse", "glass", "kiln")
TEXTS = tuple(
    f"On the {one} and the {other}. {' '.join(_WORDS[: 1 + (3 * i + j) % 10])}"
    for i, one in enumerate(_WORDS)
    for j, other in enumerate(_WORDS)
    if one != other
)
"""Texts on different things and of different lengths, more than go into most batches."""

ODD = {
    "one letter": "a",
    "endless": "waggle dance " * 20_000,
    "one endless word": "w" * 50_000,
    "another script": "ミツバチの巣と橋 пчёлы и мосты 蜜蜂",
    "joined characters": "👩🏽‍🔬 e\u0301\u200d",
    "half a character": "a hive \ud83d of bees",
    "a zero": "bees\0hives",
    "lines": "bees\r\n\thives\u2028combs",
    "marks": '"], "input": [<|endoftext|> [MASK] </s>',
}
"""Texts that a listing can hold, if only by mistake."""


class EncoderContract:
    """What every encoder keeps to; subclass it under pytest and override the fixtures."""

    @pytest.fixture
    def encoder(self) -> Encoder:
        """An encoder that tells letters and words apart."""
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Encoder:
        """An encoder with another model or other settings."""
        raise NotImplementedError

    @pytest.fixture
    def failing(self) -> Encoder:
        """An encoder that was opened, and fails on every text with a word."""
        raise NotImplementedError

    def test_it_has_a_name_in_one_line_that_stays(self, encoder: Encoder) -> None:
        name = encoder.name
        encoder.encode(TEXTS[:2])
        assert name.strip()
        assert name.isprintable()
        assert encoder.name == name

    def test_another_model_or_setting_has_another_name(
        self, encoder: Encoder, other: Encoder
    ) -> None:
        assert encoder.name != other.name

    def test_each_text_has_a_row_of_length_1(self, encoder: Encoder) -> None:
        rows = encoder.encode(TEXTS)
        assert rows.dtype == np.float32
        assert rows.ndim == 2
        assert len(rows) == len(TEXTS)
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)

    def test_rows_are_always_as_long(self, encoder: Encoder) -> None:
        widths = {encoder.encode(texts).shape[1] for texts in (TEXTS[:1], TEXTS[5:9], ["", " "])}
        assert len(widths) == 1

    def test_no_texts_have_no_rows(self, encoder: Encoder) -> None:
        rows = encoder.encode([])
        assert rows.dtype == np.float32
        assert rows.ndim == 2
        assert len(rows) == 0

    def test_the_same_text_has_the_same_row_whatever_else_is_asked(self, encoder: Encoder) -> None:
        together = encoder.encode(TEXTS)
        for place in (0, 7, 64, len(TEXTS) - 1):
            alone = encoder.encode([TEXTS[place]])
            np.testing.assert_allclose(together[place], alone[0], atol=1e-3)
        beside_long = encoder.encode([ODD["endless"], TEXTS[0]])
        np.testing.assert_allclose(together[0], beside_long[1], atol=1e-3)

    def test_rows_are_in_the_texts_order(self, encoder: Encoder) -> None:
        forwards, backwards = encoder.encode(TEXTS), encoder.encode(TEXTS[::-1])
        np.testing.assert_allclose(forwards, backwards[::-1], atol=1e-3)

    def test_a_text_that_comes_twice_has_its_row_twice(self, encoder: Encoder) -> None:
        rows = encoder.encode([TEXTS[0], TEXTS[1], TEXTS[0]])
        np.testing.assert_allclose(rows[0], rows[2], atol=1e-3)

    def test_different_texts_have_different_rows(self, encoder: Encoder) -> None:
        rows = encoder.encode(["bees and hives", "girder, truss, load", "a poem in verse"])
        closeness = rows @ rows.T - np.eye(3)
        assert closeness.max() < 0.999

    @pytest.mark.parametrize("blank", ["", " ", "\n\t\u00a0"])
    def test_a_blank_text_has_a_row_of_0(self, encoder: Encoder, blank: str) -> None:
        rows = encoder.encode([TEXTS[0], blank])
        assert not rows[1].any()
        assert rows[0].any()
        assert not encoder.encode([blank]).any()

    @pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
    def test_an_odd_text_spoils_nothing(self, encoder: Encoder, text: str) -> None:
        rows = encoder.encode([TEXTS[0], text, TEXTS[1]])
        length = float(np.linalg.norm(rows[1]))
        assert length == pytest.approx(1, abs=1e-5) or length == 0
        np.testing.assert_allclose(rows[::2], encoder.encode(TEXTS[:2]), atol=1e-3)

    def test_every_failure_is_an_integration_error_that_names_the_service(
        self, failing: Encoder
    ) -> None:
        with pytest.raises(IntegrationError) as raised:
            failing.encode(TEXTS[:2])
        assert raised.value.service
        assert str(raised.value)
        assert "\n" not in str(raised.value)
        assert TEXTS[0] not in str(raised.value)
