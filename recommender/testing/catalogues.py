"""The contract suite of catalogues, and a catalogue in memory that passes it."""

from collections.abc import Iterable, Iterator, Sequence

import pytest

from recommender.errors import IntegrationError
from recommender.identity import names, title_key
from recommender.papers import Paper
from recommender.ports import Catalogue


class FakeCatalogue:
    """A catalogue in memory.

    Attributes:
        papers: What it knows.
        failure: What it raises instead of an answer; None while it works.
        asked: Every paper that it was asked about, in order.
    """

    def __init__(self, papers: Iterable[Paper] = (), name: str = "a catalogue") -> None:
        self._name = name
        self.papers = list(papers)
        self.failure: IntegrationError | None = None
        self.asked: list[Paper] = []

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self._name

    def entries(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        """What it has of each paper, by id or by title.

        Raises:
            IntegrationError: If it was told to fail.
        """
        for row, paper in enumerate(papers):
            if self.failure:
                raise self.failure
            self.asked.append(paper)
            for known in self.papers:
                shared = set(names(paper)) & set(names(known))
                if shared or title_key(paper.title) == title_key(known.title):
                    yield row, known


class CatalogueContract:
    """What every catalogue keeps to, one test for each sentence of ``ports.Catalogue``.

    Subclass it under pytest and override the three fixtures.
    """

    @pytest.fixture
    def known(self) -> Sequence[Paper]:
        """Two papers as listed that the catalogue knows: one by its id, one by its title alone."""
        raise NotImplementedError

    @pytest.fixture
    def catalogue(self) -> Catalogue:
        """A catalogue that knows these, and no paper called "Xyzzy plugh and what it means"."""
        raise NotImplementedError

    @pytest.fixture
    def failing(self) -> Catalogue:
        """A catalogue that cannot be asked."""
        raise NotImplementedError

    def test_it_has_a_name(self, catalogue: Catalogue) -> None:
        assert catalogue.name
        assert "\n" not in catalogue.name

    def test_what_it_has_comes_with_the_row_it_was_asked_for(
        self, catalogue: Catalogue, known: Sequence[Paper]
    ) -> None:
        strange = Paper(title="Xyzzy plugh and what it means")
        papers = [known[0], strange, known[1]]
        found = list(catalogue.entries(papers))
        assert {row for row, _ in found} == {0, 2}
        titles = {row: paper.title.casefold() for row, paper in found}
        assert titles[2] == known[1].title.casefold()
        assert set(names(known[0])) & {n for row, p in found if not row for n in names(p)}

    def test_of_nothing_it_says_nothing(self, catalogue: Catalogue) -> None:
        assert list(catalogue.entries([])) == []

    def test_nobody_is_asked_before_the_first_entry_is_wanted(
        self, failing: Catalogue, known: Sequence[Paper]
    ) -> None:
        entries = failing.entries(known)
        assert iter(entries) is entries

    def test_every_failure_is_an_integration_error_that_names_the_service(
        self, failing: Catalogue, known: Sequence[Paper]
    ) -> None:
        with pytest.raises(IntegrationError) as raised:
            list(failing.entries(known))
        assert raised.value.service
        assert "\n" not in str(raised.value)
