"""The catalogue in memory keeps the contract."""

from collections.abc import Sequence

import pytest

from recommender.errors import TransientError
from recommender.identifiers import PaperId
from recommender.papers import Paper
from recommender.ports import Catalogue
from recommender.testing.catalogues import CatalogueContract, FakeCatalogue

NAMED = Paper(title="How bees dance", ids=(PaperId.parse("doi:10.1234/waggle"),))
BARE = Paper(title="On the building of bridges over wide rivers")


class TestFakeCatalogue(CatalogueContract):
    @pytest.fixture
    def known(self) -> Sequence[Paper]:
        return [NAMED, BARE]

    @pytest.fixture
    def catalogue(self) -> Catalogue:
        return FakeCatalogue([NAMED, BARE])

    @pytest.fixture
    def failing(self) -> Catalogue:
        catalogue = FakeCatalogue([NAMED, BARE])
        catalogue.failure = TransientError("a catalogue", "a catalogue cannot be reached")
        return catalogue
