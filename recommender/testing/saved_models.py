"""The contract of what a scorer saves, and of the models that it restores."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.library import Item, Library
from recommender.papers import Paper
from recommender.ports import Scorer
from recommender.suggestions import Dislike
from recommender.testing.models import library_on, listed_on, paper_on

_SUBJECTS = ("bees", "bridges", "verse")


class SavedModelsContract:
    """What every scorer must do that saves models; subclass it with a ``scorer`` fixture."""

    @pytest.fixture
    def scorer(self) -> Scorer:
        """The scorer under test."""
        raise NotImplementedError

    def test_a_restored_model_is_the_one_that_was_saved(self, scorer: Scorer) -> None:
        for library, guidance, papers in _saved_worlds():
            listed, dislikes = papers[::2], [Dislike(papers[0], 1.0)]
            model = scorer.fit(library, listed, seed=0, dislikes=dislikes, guidance=guidance)
            again = scorer.restored(scorer.saved(model), library, guidance)
            asked = [*papers, *(item.paper for item in library.items), Paper(title="???")]
            assert again.score(asked).tobytes() == model.score(asked).tobytes()
            assert again.vectors(asked).tobytes() == model.vectors(asked).tobytes()
            assert again.judged(asked)[1].tolist() == model.judged(asked)[1].tolist()
            assert again.reasons(asked) == model.reasons(asked)
            assert again.interest_names == model.interest_names
            assert again.summary == model.summary
            assert scorer.saved(again) == scorer.saved(model)

    def test_a_saved_model_that_is_damaged_is_refused(self, scorer: Scorer) -> None:
        library = library_on("bees", "verse")
        whole = scorer.saved(scorer.fit(library, listed_on("bees", "verse"), seed=0))
        draw = random.Random(0)  # noqa: S311 -- no secret
        for place in [0, len(whole) - 1, *draw.choices(range(len(whole)), k=40)]:
            flipped = bytearray(whole)
            flipped[place] ^= 1 << draw.randrange(8)
            for damaged in (bytes(flipped), whole[:place]):
                with pytest.raises(ValueError, match=" "):
                    scorer.restored(damaged, library)
        for foreign in (b"", b"not a model", whole + b"more", b"\x80\x04N."):
            with pytest.raises(ValueError, match=" "):
                scorer.restored(foreign, library)

    def test_a_saved_model_is_refused_for_another_library(self, scorer: Scorer) -> None:
        library = library_on("bees", "verse")
        payload = scorer.saved(scorer.fit(library, listed_on("bees"), seed=0))
        fewer = Library(items=library.items[:-1], collections=library.collections)
        for other in (Library(), library_on("verse"), fewer):
            with pytest.raises(ValueError, match="library"):
                scorer.restored(payload, other)
        with pytest.raises(ValueError, match="library"):
            scorer.restored(payload, library, Guidance(goals=("how bees dance",)))

    def test_the_name_is_one_line_and_stays(self, scorer: Scorer) -> None:
        name = scorer.name
        scorer.fit(library_on("bees"), listed_on("bees"), seed=0)
        assert scorer.name == name
        assert name.strip() == name
        assert len(name.splitlines()) == 1


def _saved_worlds() -> Iterator[tuple[Library, Guidance, list[Paper]]]:
    """Libraries, what their readers ask for, and what is listed."""
    yield library_on("verse", each=1), NO_GUIDANCE, listed_on(*_SUBJECTS)
    yield Library(), Guidance(goals=("how bees dance",)), listed_on(*_SUBJECTS, each=20)
    ids = [PaperId.of(Scheme.ARXIV, f"2601.{number:05}") for number in range(60)]
    listed = [
        replace(paper, ids=(own,), references=tuple(ids[:3]))
        for paper, own in zip(listed_on(*_SUBJECTS, each=20), ids, strict=True)
    ]
    bees, verse = library_on("bees", each=20), library_on("verse", each=20)
    cited = replace(bees.items[0], paper=replace(bees.items[0].paper, ids=tuple(ids[:1])))
    kept = (cited, *bees.items[1:], Item(key="mute", paper=Paper(title="???")), *verse.items)
    thrown = Item(key="thrown", paper=paper_on("bridges", 1), trashed=True)
    library = Library(
        items=(thrown, *(replace(item, added_by=f"Ada {i % 5}") for i, item in enumerate(kept))),
        collections=(*bees.collections, *verse.collections),
    )
    yield library, Guidance(seeds=(paper_on("glass", 1),), boosts=(("Bees", 2.0),)), listed
