"""What the reader makes of an interest stays with it, whatever the next model calls it."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.cycle.remembering import Lesson
from recommender.guidance import NO_EFFECT, NO_GUIDANCE, Guidance, Pinned
from recommender.library import Item, Library
from recommender.model.hybrid import HybridScorer
from recommender.model.interests import Interests
from recommender.papers import Paper
from recommender.testing.models import library_on, listed_on, paper_on

NAMES = ("Bees", "Verse", "Glass")
LIBRARY = library_on("bees", "verse", each=8)
BEES = tuple(f"bees{n}" for n in range(8))
VERSE = tuple(f"verse{n}" for n in range(8))
LISTED = listed_on("bees", "bridges", "verse", each=10)


def pinning(*pins: Pinned, **more: Any) -> Guidance:
    return replace(NO_GUIDANCE, pinned=pins, **more)


def keyed(keys: Sequence[str]) -> list[Item]:
    return [Item(key=key, paper=Paper(title=f"Paper {key}")) for key in keys]


def test_an_interest_with_most_of_a_pins_papers_is_called_by_it() -> None:
    interests = Interests(NAMES, np.array([0, 0, 0, 1, 1, 2]))
    items = keyed("abcdef")
    asked = pinning(Pinned("Dances", ("a", "b", "d")))
    assert interests.called(items, asked).names == ("Dances", "Verse", "Glass")
    # Half of them is not most; papers that are gone do not count.
    assert interests.called(items, pinning(Pinned("Dances", ("a", "d")))) is interests
    gone = pinning(Pinned("Dances", ("a", "x", "y", "z")))
    assert interests.called(items, gone).names == ("Dances", "Verse", "Glass")
    assert interests.called(items, pinning(Pinned("Dances", ("x", "y")))) is interests
    assert interests.called(items, pinning(Pinned("Dances", ()))) is interests


def test_of_several_pins_an_interest_takes_one() -> None:
    interests = Interests(NAMES, np.array([0, 0, 0, 1, 1, 2]))
    items, one, two = keyed("abcdef"), Pinned("One", ("a",)), Pinned("Two", ("b", "c"))
    assert interests.pins(items, pinning(one, two)) == (two, None, None)
    # What has an effect counts before what is a mere name.
    weighed = replace(one, factor=2.0)
    assert interests.pins(items, pinning(weighed, two)) == (weighed, None, None)


def test_a_name_that_the_model_gives_too_is_not_there_twice() -> None:
    interests = Interests(NAMES, np.array([0, 1, 2]))
    asked = pinning(Pinned("Verse", ("c",)))
    assert interests.called(keyed("abc"), asked).names == ("Bees", "Verse (2)", "Verse")


def test_an_excluded_interest_keeps_its_own_name() -> None:
    interests = Interests(NAMES, np.array([0, 1, 2]))
    asked = pinning(Pinned("Dances", ("a",)), excluded=("bees",))
    named = interests.called(keyed("abc"), asked)
    assert named.names == NAMES
    assert asked.excludes([named.names[0]])


def test_a_pin_counts_beside_the_config_which_knows_both_names() -> None:
    interests = Interests(NAMES, np.array([0, 1, 2]))
    pins = (Pinned("Dances", ("a",), 2.0), Pinned("Poems", ("b",), 0.5))
    boosting = pinning(*pins, boosts=(("bees", 3.0), ("poems", 4.0), ("glass", 5.0)))
    assert interests.factors(keyed("abc"), boosting).tolist() == [6, 2, 5]
    assert interests.factors(keyed("abc"), pinning(*pins, muted=("dances",))).tolist() == [
        0,
        0.5,
        1,
    ]
    assert interests.factors(keyed("abc"), NO_GUIDANCE).tolist() == [1, 1, 1]


@st.composite
def grouped(draw: st.DrawFn) -> tuple[Interests, list[Item]]:
    members = draw(st.lists(st.integers(0, 3), min_size=1, max_size=12))
    groups = np.unique(np.array(members), return_inverse=True)[1].astype(np.int64)
    names = tuple(f"Interest {n}" for n in range(int(groups.max()) + 1))
    return Interests(names, groups), keyed([f"k{n}" for n in range(len(members))])


PINS = st.lists(
    st.builds(
        Pinned,
        st.sampled_from(["One", "Two", "Interest 1", "Three"]),
        st.lists(st.sampled_from([f"k{n}" for n in range(14)]), max_size=8).map(tuple),
        st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    ),
    max_size=5,
    unique_by=lambda pin: pin.called,
)


@given(grouped(), PINS, st.randoms(use_true_random=False))
def test_each_pin_goes_to_one_interest_and_each_interest_takes_one(
    found: tuple[Interests, list[Item]], pins: list[Pinned], random: Random
) -> None:
    interests, items = found
    given_to = interests.pins(items, pinning(*pins))
    taken = [pin for pin in given_to if pin]
    assert len(given_to) == len(interests.names)
    assert len(set(taken)) == len(taken)
    assert set(taken) <= set(pins)
    named = interests.called(items, pinning(*pins))
    assert len(set(named.names)) == len(named.names)
    shuffled = list(pins)
    random.shuffle(shuffled)
    assert interests.pins(items, pinning(*shuffled)) == given_to


@given(grouped(), PINS, st.text(min_size=1, max_size=5))
def test_a_name_alone_changes_no_score(
    found: tuple[Interests, list[Item]], pins: list[Pinned], name: str
) -> None:
    interests, items = found
    asked = pinning(*pins)
    renamed = [replace(pin, called=f"{pin.called} {name}") for pin in pins]
    before, after = (interests.factors(items, one) for one in (asked, pinning(*renamed)))
    assert after.tolist() == before.tolist()
    assert lesson(pinning(*renamed)) == lesson(asked)


def lesson(guidance: Guidance) -> str:
    return Lesson(LIBRARY, guidance, (), 0).fingerprint("hybrid")


def test_only_what_changes_a_score_has_to_be_learnt_anew() -> None:
    named = Pinned("Dances", BEES)
    assert pinning(named).effect(named) == NO_EFFECT
    assert lesson(pinning(named)) == lesson(NO_GUIDANCE)
    assert lesson(pinning(replace(named, called="Waggling"))) == lesson(NO_GUIDANCE)
    louder = lesson(pinning(replace(named, factor=2.0)))
    assert louder != lesson(NO_GUIDANCE)
    assert lesson(pinning(replace(named, factor=2.0, called="Waggling"))) == louder
    assert lesson(pinning(replace(named, factor=2.0, keys=BEES[1:]))) != louder
    # A pattern of the config may mean the new name.
    boosts = (("dances", 3.0),)
    assert lesson(pinning(named, boosts=boosts)) != lesson(Guidance(boosts=boosts))


def test_a_pinned_model_says_the_names_and_scores_the_same() -> None:
    plain = HybridScorer().fit(LIBRARY, LISTED, seed=0)
    asked = pinning(Pinned("Dances <b>", BEES[:5]), Pinned("Gone", ("nobody",)))
    pinned = HybridScorer().fit(LIBRARY, LISTED, seed=0, guidance=asked)
    assert set(plain.interest_names) == {"Bees", "Verse"}
    assert set(pinned.interest_names) == {"Dances <b>", "Verse"}
    assert pinned.score(LISTED).tobytes() == plain.score(LISTED).tobytes()
    told = " ".join(r.text for why in pinned.reasons(LISTED) for r in why)
    assert "on Dances <b>" in told
    assert "on Bees" not in told


def test_a_saved_model_takes_the_names_of_the_day() -> None:
    scorer = HybridScorer()
    payload = scorer.saved(scorer.fit(LIBRARY, LISTED, seed=0))
    asked = pinning(Pinned("Dances", BEES))
    renamed = scorer.restored(payload, LIBRARY, asked)
    assert set(renamed.interest_names) == {"Dances", "Verse"}
    # The name that the model gives is not lost by it.
    again = scorer.restored(scorer.saved(renamed), LIBRARY)
    assert set(again.interest_names) == {"Bees", "Verse"}
    assert scorer.saved(scorer.fit(LIBRARY, LISTED, seed=0, guidance=asked)) == payload


@pytest.mark.parametrize("factor", [0.0, 2.0])
def test_a_pin_counts_like_the_config_does(factor: float) -> None:
    pins = pinning(Pinned("Poems", VERSE[:3], factor))
    config = Guidance(boosts=(("Verse", factor),)) if factor else Guidance(muted=("Verse",))
    by_pin, by_config = (
        HybridScorer().fit(LIBRARY, LISTED, seed=0, guidance=one) for one in (pins, config)
    )
    assert by_pin.score(LISTED).tobytes() == by_config.score(LISTED).tobytes()


def test_pins_outlive_new_models_of_a_growing_library() -> None:
    asked = pinning(Pinned("Dances", BEES[:8]), Pinned("Poems", VERSE[:8], 0.0))
    library = LIBRARY
    for n in (20, 40, 60):
        more = [
            Item(key=f"{subject}{n}{k}", paper=paper_on(subject, 100 + n + k))
            for subject in ("glass", "bees", "bridges")
            for k in range(n // 4)
        ]
        # Some of the papers that it was known by are thrown away meanwhile.
        kept = [item for item in library.items if item.key not in {"bees0", "bees3", "verse1"}]
        library = Library(items=(*kept, *more), collections=library.collections)
        model = HybridScorer().fit(library, LISTED, seed=0, guidance=asked)
        assert {"Dances", "Poems"} <= set(model.interest_names)
        serves = model.judged([paper_on("bees", 9)])[1]
        assert model.interest_names[int(serves[0])] == "Dances"
        verse = model.interest_names.index("Poems")
        assert verse not in model.judged(LISTED)[1]
