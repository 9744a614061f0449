from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.guidance import Guidance
from recommender.identifiers import PaperId, Scheme
from recommender.library import Collection, Item, Library, Tag
from recommender.model.hybrid import HybridScorer
from recommender.model.interests import Interests
from recommender.model.origins import Origins
from recommender.model.own import Own
from recommender.model.readers import Readers
from recommender.model.text import Weighting, count_matrix, shared_terms, telling_terms
from recommender.papers import Paper
from recommender.suggestions import Reason, ReasonKind
from recommender.testing.models import library_on, listed_on, paper_on

SUBJECTS = ("bees", "bridges", "verse", "glass")
EACH = 6
LIBRARY = library_on(*SUBJECTS, each=EACH)
NEW = paper_on("bees", 1000)


def doi(name: str) -> PaperId:
    return PaperId.of(Scheme.DOI, f"10.1000/{name}")


def origins(library: Library = LIBRARY, guidance: Guidance | None = None) -> Origins:
    """The origins in a library whose interests are its subjects, in their order."""
    own = Own.of(library, guidance or Guidance())
    papers = [item.paper for item in own.items]
    members = np.array([min(n // EACH, len(SUBJECTS) - 1) for n in range(len(papers))])
    return Origins.of(
        library,
        own,
        Interests(tuple(s.title() for s in SUBJECTS), members),
        Weighting.learnt(count_matrix([*papers, *listed_on(*SUBJECTS)])),
        Readers.of(library, own.items).names,
    )


def told(
    found: Origins, own: list[float], *, paper: Paper = NEW, cited: tuple[int, ...] = ()
) -> list[Reason]:
    return list(found.told(paper, np.array(own), np.isin(np.arange(len(own)), cited)))


def shares(*by_interest: float) -> list[float]:
    """What came from each paper, by interest, the first of each slightly more."""
    return [share * (1.2 if k == 0 else 1) for share in by_interest for k in range(EACH)]


def test_the_three_strongest_are_named_and_the_rest_told_by_interest() -> None:
    why = told(origins(), shares(0.1, 0.02, 0.01, 0.01))
    assert [reason.kind for reason in why[:3]] == [ReasonKind.PAPER] * 3
    assert [reason.item for reason in why[:3]] == ["bees0", "bees1", "bees2"]
    bees, bridges, others = why[3:]
    assert bees.text.startswith("close to 3 more of your papers on Bees (")
    assert bees.share == pytest.approx(0.3)
    assert bridges.text == "close to 6 more of your papers on Bridges"
    assert bridges.share == pytest.approx(0.02 * 6.2)
    assert others.text == "more loosely tied to 12 other papers of yours"
    assert others.share == pytest.approx(0.02 * 6.2)


def test_the_terms_of_an_interest_are_shared_and_are_not_in_its_name() -> None:
    found = origins()
    text = told(found, shares(0.1, 0, 0, 0))[3].text
    named = text[text.index("(") + 1 : -1].split(", ")
    words = f"{NEW.title} {NEW.abstract}".casefold()
    assert len(named) == 3
    assert all(part in words for term in named for part in term.split())
    renamed = replace(found, interests=replace(found.interests, names=(", ".join(named), *"abc")))
    assert not any(f"({term}" in told(renamed, shares(0.1, 0, 0, 0))[3].text for term in named)


def test_an_interest_that_says_next_to_nothing_is_not_told_by_itself() -> None:
    why = told(origins(), shares(0.1, 0.001, 0, 0))
    assert why[-1].text == "more loosely tied to 6 other papers of yours"


def test_one_paper_is_spoken_of_as_one() -> None:
    own = [0.0] * EACH * 4
    for at, share in zip((0, 1, 2, 3, EACH), (0.4, 0.3, 0.2, 0.1, 0.01), strict=True):
        own[at] = share
    texts = [reason.text for reason in told(origins(), own)[3:]]
    assert texts[0].startswith("close to one more of your papers on Bees")
    assert texts[1] == "more loosely tied to another paper of yours"


def test_goals_and_seeds_are_no_papers_of_the_readers() -> None:
    seeds = tuple(paper_on("verse", 50 + n) for n in range(3))
    found = origins(Library(), Guidance(goals=("bees and hives",), seeds=seeds))
    why = told(found, [0.1, 0.2, 0.3, 0.4])
    assert {reason.kind for reason in why} == {ReasonKind.GOAL}
    assert why[0].text == "close to your goal “bees and hives”"
    assert why[1].text == f"close to “{seeds[2].title}”, which your settings name"
    assert why[3].text == "close to what else your settings name"


def cited_library() -> Library:
    items = tuple(
        replace(item, paper=replace(item.paper, ids=(doi(item.key),))) for item in LIBRARY.items
    )
    newer = replace(items[5].paper, references=(doi("new"),))
    return replace(LIBRARY, items=(*items[:5], replace(items[5], paper=newer), *items[6:]))


def test_citations_are_told_by_the_way_they_go() -> None:
    refers = tuple(doi(f"bees{n}") for n in range(4))
    paper = replace(NEW, ids=(doi("new"),), references=refers)
    found = origins(cited_library())
    why = told(found, shares(0.1, 0.05, 0, 0), paper=paper, cited=(0, 1, 2, 3, 5, 7))
    ties = [reason for reason in why if reason.kind is ReasonKind.CITATIONS]
    titles = [item.paper.title for item in LIBRARY.items]
    assert ties[0].text == (f"cites 4 of your papers: “{titles[0]}”, “{titles[1]}”, “{titles[2]}”")
    assert ties[0].share == pytest.approx(0.42)
    assert ties[0].item == ""
    # Of the last, one knows and the other was told by records that are not here any more.
    assert [r.text for r in ties[1:]] == [
        f"cited by “{titles[5]}”",
        f"tied by a citation to “{titles[7]}”",
    ]
    assert [r.item for r in ties[1:]] == ["bees5", "bridges1"]
    assert not {reason.item for reason in why if reason.kind is ReasonKind.PAPER} & {"bees0"}


def test_versions_of_a_preprint_are_one_work_to_cite() -> None:
    library = cited_library()
    first = PaperId.of(Scheme.DOI, "10.21203/rs.3.rs-7/v1")
    item = replace(library.items[0], paper=replace(library.items[0].paper, ids=(first,)))
    paper = replace(NEW, references=(PaperId.of(Scheme.DOI, "10.21203/rs.3.rs-7/v2"),))
    found = origins(replace(library, items=(item, *library.items[1:])))
    why = told(found, shares(0.1, 0, 0, 0), paper=paper, cited=(0,))
    assert why[0].text == f"cites “{item.paper.title}”"


def test_cited_seeds_are_told_as_the_settings() -> None:
    seeds = tuple(replace(paper_on("bees", n), ids=(doi(f"s{n}"),)) for n in range(2))
    paper = replace(NEW, references=(doi("s0"), doi("s1")))
    (why,) = told(origins(Library(), Guidance(seeds=seeds)), [0.1, 0.2], paper=paper, cited=(0, 1))
    assert why.text.startswith("cites 2 of the papers that your settings name: “")


def group() -> Library:
    names = ("Ann", "Bob", "Eve", "Kim")
    return replace(
        LIBRARY,
        items=tuple(
            replace(item, added_by=names[n % 4], tags=(Tag("group member"),))
            for n, item in enumerate(LIBRARY.items)
        ),
    )


def test_readers_are_told_by_where_and_by_whom_they_keep_papers() -> None:
    found = origins(group())
    weights = {"group member Ann": 3.0, "collection “Bees”": 2.0, "group member Eve": 1.0}

    def kept(**more: float) -> str:
        by = {**weights, **more}
        return found.kept(np.array([by.get(name, 0.0) for name in found.readers.names]))

    assert kept() == "in collection “Bees” and by Ann, Eve"
    assert kept(**{"group member Kim": 9.0, "group member Bob": 9.0}) == "by Bob, Kim, Ann"
    assert kept(**dict.fromkeys(weights, 0.0)) == ""


_SHARES = st.floats(0, 1) | st.sampled_from([0.0, 1e-12])


@given(
    own=st.lists(_SHARES, min_size=4 * EACH, max_size=4 * EACH),
    cited=st.sets(st.integers(0, 4 * EACH - 1)),
)
def test_what_is_told_is_all_there_is(own: list[float], cited: set[int]) -> None:
    why = told(origins(), own, cited=tuple(cited))
    assert sum(reason.share for reason in why) == pytest.approx(sum(own))
    assert all(reason.share >= 0 and reason.text for reason in why)
    assert sum(reason.kind is ReasonKind.PAPER for reason in why) <= 3
    assert sum(reason.kind is ReasonKind.LIBRARY for reason in why) <= 3


def test_what_a_book_says_on_later_pages_names_nothing() -> None:
    book = Paper(title="Hive", abstract="pollen nectar. " + "of " * 2_000 + "swarm queen")
    weighting = Weighting.learnt(count_matrix([book, NEW]))
    assert shared_terms(weighting, book, [book], 9) == ("pollen nectar", "hive")


def test_the_terms_that_bring_most_are_named_without_saying_a_word_twice() -> None:
    paper = Paper(title="Waggle dance", abstract="Pollen. Nectar. Comb.")
    columns = {term: int(count_matrix([Paper(title=term)]).indices[0]) for term in ("pollen",)}
    both = count_matrix([Paper(title="waggle dance")])
    brought = dict.fromkeys(both.indices.tolist(), 1.0) | {columns["pollen"]: 0.5}
    assert telling_terms(paper, brought, 4) == ("waggle dance", "pollen")
    assert telling_terms(paper, brought, 1) == ("waggle dance",)
    assert telling_terms(paper, {}, 4) == ()


def test_a_paper_that_the_reader_has_is_told_by_those_filed_with_it_too() -> None:
    library = library_on("bees", "bridges", "verse", each=8)
    # It shares no word with what is filed beside it, nor a citation.
    stray = Item(key="stray", paper=paper_on("glass", 500), collections=("bees",))
    library = replace(library, items=(stray, *library.items))
    model = HybridScorer().fit(library, listed_on("glass", "verse", each=15), seed=0)
    (why,), (score,) = model.reasons([stray.paper]), model.score([stray.paper])
    assert sum(reason.share for reason in why) == pytest.approx(float(score), abs=1e-4)
    papers = {reason.item for reason in why if reason.kind is ReasonKind.PAPER}
    assert "stray" in papers
    assert any(key.startswith("bees") for key in papers)
    assert not any(key.startswith(("bridges", "verse")) for key in papers)


def test_names_of_collections_may_break_lines() -> None:
    odd = (Collection("bees", "My\nbees"),)
    library = Library(
        items=tuple(
            Item(key=str(n), paper=paper_on("bees", n), collections=("bees",)) for n in range(4)
        ),
        collections=odd,
    )
    model = HybridScorer().fit(library, listed_on("bees", "glass", each=15), seed=0)
    (why,) = model.reasons([NEW])
    assert any("which you filed under My bees" in reason.text for reason in why)
