"""Whatever a library and a listing hold, a model's scores and reasons keep the laws."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import NothingToLearnFrom
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Collection, Item, Library, Tag
from recommender.model import hybrid
from recommender.model.hybrid import HybridScorer
from recommender.papers import Author, Paper
from recommender.ports import Model
from recommender.suggestions import Dislike
from recommender.testing.models import library_on, listed_on, paper_on
from recommender.testing.strange_worlds import assert_well_told

SUBJECTS = ("bees", "bridges", "verse")
LISTED = listed_on(*SUBJECTS, each=20)
ROOT = Path(__file__).parent.parent.parent

SCRIPTS = {
    "chinese": "深度学习用于蛋白质结构预测的研究，我们提出一种新的神经网络模型。",
    "arabic": "التعلم العميق للتنبؤ ببنية البروتين طريقة جديدة تعتمد على الشبكات العصبية",
    "greek": "Βαθιά μάθηση για την πρόβλεψη της δομής των πρωτεϊνών με νευρωνικά δίκτυα",
    "thai": "การเรียนรู้เชิงลึกเพื่อทำนายโครงสร้างโปรตีนด้วยโครงข่ายประสาทเทียม",
    "hindi": "प्रोटीन संरचना की भविष्यवाणी के लिए गहन शिक्षण की एक नई विधि",
    "korean": "단백질 구조 예측을 위한 심층 학습 방법을 제안한다",
    "accents": "a\u0301e\u0301i\u0301 o\u0308u\u0308 n\u0303 structure des protéines",
    "bidirectional": "\u202eprotein\u202c structure \u2067التعلم\u2069",
    "surrogates": "\ud800protein structure\udfff prediction \ud83d network",
    "control": "protein\0 structure\x07 prediction\x1b[31m network\u2028line\x85next",
    "emoji": "🐝 protein structure 👩‍👩‍👧‍👦 prediction 🧬",
    "markup": r"<b>protein</b> $\alpha$-structure \textbf{prediction} &amp; network",
}
SCRIPTS["mixed"] = " ".join(SCRIPTS.values())


def library_of(*papers: Paper) -> Library:
    return Library(items=tuple(Item(key=f"k{n}", paper=p) for n, p in enumerate(papers)))


def fitted(
    library: Library,
    listed: list[Paper],
    *asked: Paper,
    dislikes: tuple[Dislike, ...] = (),
    guidance: Guidance = NO_GUIDANCE,
) -> Model:
    """A model, whose every score is lawful and told."""
    model = HybridScorer().fit(library, listed, seed=0, dislikes=dislikes, guidance=guidance)
    own = [item.paper for item in library.items]
    assert_well_told(model, [*listed, *asked, *own], {item.key for item in library.items})
    assert 0 <= model.summary["threshold"] <= 1
    assert len(set(model.interest_names)) == len(model.interest_names)
    assert all(0 < len(name) <= 250 for name in model.interest_names)
    return model


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_read_and_told_apart(script: str) -> None:
    text = SCRIPTS[script]
    said = [Paper(title=f"{text} {n}", abstract=f"{text} " * (n + 1)) for n in range(6)]
    model = fitted(library_of(*said[:3]), [*said[3:5], *LISTED], said[5])
    scores = model.score([*said[3:], *LISTED])
    assert scores[:3].min() > np.nan_to_num(scores[3:]).max()


def test_titles_alone_are_enough() -> None:
    titles = library_of(*(Paper(title=paper_on("bees", n).title) for n in range(10)))
    model = fitted(titles, [Paper(title=paper.title) for paper in LISTED])
    by_subject = np.nan_to_num(model.score([Paper(title=p.title) for p in LISTED])).reshape(-1, 3)
    assert (by_subject[:, 0] > by_subject[:, 1:].max(axis=1)).mean() > 0.9


def test_texts_of_nothing_are_no_opinion_beside_others() -> None:
    silent = [Paper(title="???"), Paper(title="🐝"), Paper(title="\u200b"), Paper(title="\ud800")]
    model = fitted(library_of(*silent, paper_on("bees", 1)), [*silent, *LISTED])
    assert np.isnan(model.score(silent)).all()
    assert np.nan_to_num(model.score(LISTED[:1])) > 0


@pytest.mark.parametrize("n_listed", [0, 1, 2, 19, 20, 60])
def test_one_paper_is_a_library_whatever_is_listed(n_listed: int) -> None:
    fitted(library_on("verse", each=1), LISTED[:n_listed], *LISTED)


def test_abstracts_of_a_hundred_thousand_characters_are_read() -> None:
    books = [
        Paper(
            title=f"All of {subject}",
            abstract=" ".join(
                f"{word} {subject}{n % 997}"
                for n, word in enumerate(
                    islice(cycle(paper_on(subject, 0).abstract.split()), 7_000)
                )
            ),
        )
        for subject in SUBJECTS
    ]
    assert min(len(book.abstract) for book in books) > 80_000
    model = fitted(library_of(books[0], books[2]), [*LISTED, books[1]])
    bees, bridges, verse = np.nan_to_num(model.score(LISTED[:3]))
    assert min(bees, verse) > bridges


def test_words_without_end_name_nothing() -> None:
    endless = Paper(title="ac" * 25_000, abstract=f"{'gt' * 25_000} of bees")
    fitted(library_of(endless, replace(endless, title="gt" * 25_000)), [*LISTED, endless])


def test_papers_may_all_be_one() -> None:
    one = Paper(title="The same hive", abstract="Bees swarm. Pollen, nectar and honey.")
    for listed in ([], [one], [one] * 40, LISTED, [one] * 40 + LISTED):
        model = fitted(library_of(*[one] * 30), listed, *LISTED)
        assert len(set(np.nan_to_num(model.score([one] * 3)).tolist())) == 1


def test_where_all_is_muted_there_is_no_opinion() -> None:
    library = library_on(*SUBJECTS, each=8)
    names = fitted(library, LISTED).interest_names
    model = fitted(library, LISTED, guidance=Guidance(muted=tuple(names)))
    assert np.isnan(model.score(LISTED)).all()


def test_boosts_of_any_size_keep_the_laws() -> None:
    library = library_on(*SUBJECTS, each=8)
    names = fitted(library, LISTED).interest_names
    boosts = tuple(zip(names, (10.0, 1e-30, 1.0), strict=True))
    fitted(library, LISTED, guidance=Guidance(boosts=boosts))


@pytest.mark.parametrize("weight", [1e-9, 0.5, 1.0])
def test_everything_may_be_disliked(weight: float) -> None:
    library = library_on(*SUBJECTS, each=8)
    papers = [*LISTED, *(item.paper for item in library.items), *listed_on("glass", each=50)]
    dislikes = tuple(Dislike(paper, weight) for paper in papers * 3)
    before = np.nan_to_num(fitted(library, LISTED).score(LISTED))
    after = np.nan_to_num(fitted(library, LISTED, dislikes=dislikes).score(LISTED))
    assert (after <= before + 1e-6).all()


def test_a_group_of_any_names_with_any_tags_is_read() -> None:
    names = ("Ann", "Bob", "\n", "group member", "🐝", "\ud800", "x" * 10_000)
    items = tuple(
        replace(
            item,
            added_by=names[n % len(names)],
            added_at=datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=n * 30_000),
            collections=("a", "b", "unknown", "a"),
            tags=tuple(Tag(f"{k} {'z' * 4_000}", automatic=k % 2 == 0) for k in range(n)),
        )
        for n, item in enumerate(library_on(*SUBJECTS, each=8).items)
    )
    odd = (Collection("a", "A\nB", "b"), Collection("b", " ", "a"))
    fitted(Library(items=items, collections=odd), LISTED)


@pytest.mark.parametrize("disliked", [0, 7])
def test_with_the_tastes_of_others_the_laws_are_the_same(
    disliked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hybrid, "tastes_help", lambda *_: True)
    readers = cycle(("Ann", "Bob", "Eve"))
    library = library_on(*SUBJECTS, each=8)
    group = replace(
        library, items=tuple(replace(i, added_by=next(readers)) for i in library.items[:20])
    )
    dislikes = tuple(Dislike(paper, 1.0) for paper in LISTED[:disliked])
    silent = Paper(title="???")
    for has in (library, group, library_of(paper_on("bees", 1), silent)):
        for listed in ([], LISTED[:1], [*LISTED, silent]):
            model = fitted(has, listed, *listed_on("glass"), dislikes=dislikes)
            assert np.isnan(model.score([silent]))


_WORDS = st.sampled_from(
    [
        *("bee", "hive", "nectar", "pollen", "truss", "girder", "deep-learning", "C++", "the"),
        *("ö", "蛋白质结构", "σύστημα", "\ud800", "\0", "🐝", "", "-", "10.1000/x", "\n", "$x$"),
    ]
)
_TEXTS = st.lists(_WORDS, max_size=12).map(" ".join)
_PAPERS = st.builds(
    Paper,
    title=_TEXTS.map(lambda text: f"{text} ." if not text.strip() else text),
    abstract=_TEXTS,
    authors=st.lists(st.builds(Author, _WORDS, _WORDS), max_size=2).map(tuple),
    venue=_WORDS,
)


@settings(max_examples=40)
@given(
    own=st.lists(_PAPERS, max_size=8),
    listed=st.lists(_PAPERS, max_size=25),
    asked=st.lists(_PAPERS, max_size=5),
    disliked=st.lists(st.tuples(_PAPERS, st.floats(0.01, 1.0)), max_size=3),
    goals=st.lists(_TEXTS.filter(str.strip), max_size=2),
)
def test_any_world_keeps_the_laws(
    own: list[Paper],
    listed: list[Paper],
    asked: list[Paper],
    disliked: list[tuple[Paper, float]],
    goals: list[str],
) -> None:
    dislikes = tuple(Dislike(paper, weight) for paper, weight in disliked)
    guidance = Guidance(goals=tuple(goals))
    library = library_of(*own)
    try:
        model = fitted(library, listed, *asked, dislikes=dislikes, guidance=guidance)
    except NothingToLearnFrom:
        assert not any("bee" in p.title + p.abstract for p in own)
        return
    papers = [*listed, *asked]
    backwards = model.score(papers[::-1])[::-1]
    np.testing.assert_allclose(backwards, model.score(papers), atol=1e-5)


_LARGE = """
import resource, time
import numpy as np
from recommender.library import Collection, Item, Library
from recommender.model.hybrid import HybridScorer
from recommender.papers import Paper

N, LISTED, TOPICS = 20_000, 500, 100
draw = np.random.default_rng(0)
words = np.array(["".join(draw.choice(list("bdfgklmnprtvz")) + draw.choice(list("aeiou"))
                          for _ in range(4)) for _ in range(8_000)])
common = 1 / np.arange(1, len(words) + 1)
topics = [draw.permutation(len(words))[:200] for _ in range(TOPICS)]

def paper(n):
    own = topics[n % TOPICS][np.minimum(draw.pareto(1.0, 40) * 10, 199).astype(int)]
    said = np.concatenate([own, draw.choice(len(words), 40, p=common / common.sum())])
    draw.shuffle(said)
    return Paper(title=" ".join(words[said[:8]]), abstract=". ".join(words[said[8:]]))

items = tuple(Item(key=str(n), paper=paper(n), collections=(str(n % TOPICS),)) for n in range(N))
library = Library(items=items, collections=tuple(Collection(str(k), str(k)) for k in range(TOPICS)))
listed = [paper(n) for n in range(LISTED)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.thread_time()
model = HybridScorer().fit(library, listed, seed=0)
scores, told = model.score(listed), model.reasons(listed[:20])
took = time.thread_time() - started
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
assert np.isfinite(scores).all()
for score, why in zip(scores, told):
    assert abs(sum(reason.share for reason in why) - score) < 1e-4
print(took, grown)
"""


@pytest.mark.slow
def test_a_library_of_twenty_thousand_papers_fits() -> None:
    # A process of its own, for the most memory that this one ever had says nothing.
    ran = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-W", "error", "-c", _LARGE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    seconds, megabytes = map(float, ran.stdout.split())
    assert seconds < 60
    # A number for each pair of papers would be 1,600 MB.
    assert megabytes < 1_200
