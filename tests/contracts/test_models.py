import pytest

from recommender.model.hybrid import HybridScorer
from recommender.ports import Scorer
from recommender.testing.models import ScorerContract


class TestHybridScorer(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return HybridScorer()
