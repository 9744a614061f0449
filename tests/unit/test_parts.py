import numpy as np
import pytest

from recommender.arrays import Vectors
from recommender.model.content import Placed, Space
from recommender.model.contrast import Contrast, Disliked, held_out
from recommender.model.parts import (
    Acquaintances,
    Parts,
    Weights,
    familiarity,
    nearest,
    pooled,
)
from recommender.papers import Author, Paper
from recommender.testing.models import listed_on, paper_on


def placed(*papers: Paper) -> Placed:
    return Space.spanned_by([*papers, *listed_on("bees", "verse")], seed=0)[1][
        np.arange(len(papers))
    ]


@pytest.mark.parametrize("collaborative", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("contrast", [True, False])
def test_weights_are_shares_of_one(collaborative: float, contrast: bool) -> None:
    w = Weights.sharing(collaborative, contrast=contrast)
    parts = [w.topics, w.contrast, w.terms, w.authors, w.venue, w.collaborative]
    assert sum(parts) == pytest.approx(1)
    assert min(parts) >= 0
    assert (w.contrast > 0) == (contrast and collaborative < 1)


def test_the_nearest_papers_speak_with_voices_that_sum_to_1() -> None:
    here = placed(
        *(paper_on("bees", n) for n in range(3)), *(paper_on("verse", n) for n in range(3))
    )
    near = nearest(here, here, leave_out_same=True)
    assert near.voices.sum(axis=1).tolist() == pytest.approx([1] * 6, abs=1e-5)
    assert (np.diff(near.topics, axis=1) <= 0).all()
    assert all(int(near.rows[row, 0]) != row for row in range(6))
    assert all((row < 3) == (int(near.rows[row, 0]) < 3) for row in range(6))


def test_a_paper_is_its_own_neighbour_unless_it_is_left_out() -> None:
    here = placed(*(paper_on("bees", n) for n in range(3)))
    assert nearest(here, here).rows[:, 0].tolist() == [0, 1, 2]


def test_nobody_speaks_for_a_paper_that_lies_nowhere() -> None:
    here = placed(paper_on("bees", 1), Paper(title="???"))
    near = nearest(here, here[np.array([0])])
    assert near.voices[1].tolist() == [0]
    nothing = np.zeros(2, np.float32)
    parts = Parts(near, nothing, nothing, nothing, np.zeros((2, 0), np.float32))
    assert np.isnan(parts.total(Weights.sharing(0, contrast=False))).tolist() == [False, True]


def test_pooling_is_the_topics_part_alone() -> None:
    here = placed(*(paper_on("bees", n) for n in range(4)))
    near = nearest(here, here)
    expected = (near.voices * near.topics).sum(axis=1)
    np.testing.assert_allclose(pooled(here.topics, here.topics), expected, rtol=1e-6)


def test_an_author_is_known_by_family_and_given_name() -> None:
    known = Acquaintances.of(
        [Paper(title="a", authors=(Author("Müller", "Jürgen"), Author("Wang", "Y.")))]
    )

    def found(*authors: Author) -> list[str]:
        return [str(a) for a, _ in known.authors_of(Paper(title="b", authors=authors))]

    assert found(Author("Muller", "Jurgen K.")) == ["Jurgen K. Muller"]
    assert found(Author("Müller", "Johanna"), Author("Wang", "Yan")) == []
    assert found(Author("Wang", "Y.")) == ["Y. Wang"]


def test_a_venue_is_known_whatever_the_year_and_a_preprint_server_is_none() -> None:
    known = Acquaintances.of(
        [
            Paper(title="a", venue="Proceedings of the 31st Conference on Bees (BEE 2019)"),
            Paper(title="b", venue="arXiv"),
        ]
    )
    assert known.venue_of(Paper(title="c", venue="Proceedings of the Conference on Bees")) == 1
    assert known.venue_of(Paper(title="c", venue="arXiv")) == 0
    assert known.venue_of(Paper(title="c")) == 0


def test_familiarity_grows_with_the_number_of_papers() -> None:
    ada = Author("Lovelace", "Ada")
    paper = Paper(title="p", authors=(ada,), venue="Engines")
    few, many = Acquaintances.of([paper]), Acquaintances.of([paper] * 9)
    for once, often in zip(familiarity([paper], few), familiarity([paper], many), strict=True):
        assert 0 < once[0] < often[0] < 1
    strange = familiarity([Paper(title="q")], many)
    assert [float(s[0]) for s in strange] == [0, 0]


def around(axis: int, n: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).normal(0, 0.1, (n, 6))
    rows[:, axis] += 1
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_a_contrast_tells_own_papers_from_others() -> None:
    contrast = Contrast.fit(around(0, 8, seed=1), around(1, 60, seed=2))
    assert contrast is not None
    assert (
        contrast.said(around(0, 20, seed=3)).min()
        > 0.5
        > contrast.said(around(1, 20, seed=4)).max()
    )


def test_a_few_wanted_papers_among_the_others_do_not_turn_it_round() -> None:
    others = np.vstack([around(1, 57, seed=2), around(0, 3, seed=5)])
    contrast = Contrast.fit(around(0, 8, seed=1), others)
    assert contrast is not None
    assert contrast.said(others[-3:]).min() > 0.5


def test_a_contrast_needs_enough_others_and_says_nothing_of_nothing() -> None:
    assert Contrast.fit(around(0, 8, seed=1), around(1, 19, seed=2)) is None
    contrast = Contrast.fit(around(0, 8, seed=1), around(1, 60, seed=2))
    assert contrast is not None
    assert contrast.said(np.zeros((1, 6), np.float32)).tolist() == [0]


def test_a_held_out_paper_is_judged_without_itself() -> None:
    own = np.vstack([around(0, 6, seed=1), around(3, 1, seed=7)])
    said = held_out(own, around(1, 60, seed=2))
    assert said[:6].min() > said[6]


def test_a_disliked_paper_counts_however_near_it_lies() -> None:
    own, others = around(0, 8, seed=1), around(1, 60, seed=2)
    disliked = Disliked(own[:1], np.ones(1))
    without, given = Contrast.fit(own, others), Contrast.fit(own, others, disliked)
    assert without is not None
    assert given is not None
    assert given.said(own[:1]) < without.said(own[:1])


def test_a_dislike_lifts_nothing() -> None:
    own, others, judged = around(0, 8, seed=1), around(1, 60, seed=2), around(2, 50, seed=3)
    without = Contrast.fit(own, others)
    assert without is not None
    for at in range(3):
        given = Contrast.fit(own, others, Disliked(around(at, 5, seed=4), np.full(5, 0.5)))
        assert given is not None
        for topics in (own, others, judged):
            assert (given.said(topics) <= without.said(topics)).all()


def test_any_number_of_dislikes_leaves_what_is_listed_half_of_its_side() -> None:
    own, others = around(0, 8, seed=1), around(1, 60, seed=2)
    many = [Disliked(np.repeat(own[:1], n, axis=0), np.ones(n)) for n in (8, 800)]
    given = [Contrast.fit(own, others, disliked) for disliked in many]
    assert given[0] is not None
    assert given[1] is not None
    np.testing.assert_allclose(given[1].said(own), given[0].said(own), atol=1e-3)
    assert given[1].said(own).min() > given[1].said(others).max()


def test_a_disliked_paper_of_which_nothing_is_known_says_nothing() -> None:
    own, others = around(0, 8, seed=1), around(1, 60, seed=2)
    silent = Disliked(np.zeros((1, own.shape[1]), np.float32), np.ones(1))
    without, given = Contrast.fit(own, others), Contrast.fit(own, others, silent)
    assert without is not None
    assert given is not None
    assert given.said(own).tobytes() == without.said(own).tobytes()


def test_a_held_out_paper_is_judged_with_the_dislikes() -> None:
    own, others = around(0, 8, seed=1), around(1, 60, seed=2)
    disliked = Disliked(own[:1], np.ones(1))
    assert held_out(own, others, disliked).mean() < held_out(own, others).mean()
