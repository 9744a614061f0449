"""Which records are one work, and which are two."""

import time
from collections.abc import Sequence

import pytest

from recommender.identifiers import PaperId, unique
from recommender.identity import Works, is_untitled, n_words, names, same_work, title_key
from recommender.papers import Author, Kind, Paper

_TITLE = "Learning to rank papers by what their readers keep"


def _paper(
    title: str = _TITLE,
    author: str = "",
    year: str = "",
    *,
    ids: Sequence[str] = (),
    kind: Kind = Kind.OTHER,
    abstract: str = "",
) -> Paper:
    return Paper(
        title=title,
        authors=tuple(map(Author.of, author.split(" and "))) if author else (),
        published=year,
        ids=unique(map(PaperId.parse, ids)),
        kind=kind,
        abstract=abstract,
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # one id, in any spelling
        (_paper(ids=["doi:10.1000/ABC"]), _paper("Other words", ids=["doi:10.1000/abc"])),
        (_paper(ids=["arxiv:1706.03762v1"]), _paper("A new title", ids=["arxiv:1706.03762v5"])),
        (_paper(ids=["arxiv:1706.03762"]), _paper("X", ids=["doi:10.48550/arXiv.1706.03762"])),
        (
            _paper(ids=["doi:10.1000/a", "arxiv:1706.03762"]),
            _paper(ids=["doi:10.1000/b", "arxiv:1706.03762"]),
        ),
        (
            _paper("Titel auf Deutsch", "Meier, Ada", ids=["doi:10.1000/a"]),
            _paper("A title in English", "Meier, A.", ids=["doi:10.1000/a"]),
        ),
        (
            _paper("First title of two", "Meier and Li", ids=["arxiv:1706.03762"]),
            _paper("Quite another one", "Li and Meier", ids=["arxiv:1706.03762"]),
        ),
        (_paper(ids=["doi:10.21203/rs.3.rs-1/v1"]), _paper("X", ids=["doi:10.21203/rs.3.rs-1/v2"])),
        # an ISBN beside one title, with or without its subtitle
        (
            _paper("On trees", kind=Kind.BOOK, ids=["isbn:9780306406157"]),
            _paper("On Trees: a reader", kind=Kind.BOOK, ids=["isbn:9780306406157"]),
        ),
        # a preprint and its published twin
        (
            _paper(author="Li, Wei", year="2019", ids=["arxiv:1906.00001"]),
            _paper(author="Li, W.", year="2022", ids=["doi:10.1000/a"]),
        ),
        (
            _paper(author="Li, Wei", year="2020", ids=["doi:10.1101/2020.01.02.123456"]),
            _paper(author="Li, Wei", year="2021", ids=["doi:10.1000/a"]),
        ),
        (
            _paper(author="Li", year="1990", ids=["doi:10.2307/2951574"]),
            _paper(author="Li", year="1990", ids=["doi:10.1111/1468-0262.00001"]),
        ),
        # one title, spelt in two ways
        (_paper(author="Li", year="2020"), _paper(_TITLE.upper() + ".", "Li", "2021")),
        (
            _paper("Naïve Bayes & its deep-learning behaviour", "Müller, Jo", "2020"),
            _paper("Naive Bayes and its deep learning behavior", "Mueller, J.", "2020"),
        ),
        (
            _paper("Representation learning of protein structure", "Li", "2020"),
            _paper("Representaton learning of protein structure", "Li", "2020"),
        ),
        (
            _paper("The organization of memory in mice", "García Márquez, Ana", "2020"),
            _paper("Organisation of memory in mice", "García", "2020"),
        ),
        (
            _paper("Attention and memory, part II", "van der Berg, Jan", "2020"),
            _paper("Attention and memory: Part 2", "Berg, Jan", "2020"),
        ),
        # a title alone, as on a pasted page
        (_paper(), _paper(author="Li", year="2020", ids=["doi:10.1000/a"])),
        (_paper(abstract="We rank."), _paper(author="Li", abstract="We rank papers.")),
        (
            _paper("Hyper trees", abstract="We show that trees grow in rows. " * 6),
            _paper("Hyper-trees", "Li", "2020", abstract="We show that trees grow in rows. " * 6),
        ),
        (
            _paper("深度学习在医学图像分析中的应用"),
            _paper("深度学习在医学图像分析中的应用", "王", "2020"),
        ),
        # a work without a title, under its id or with its abstract
        (
            _paper("Untitled, Li 2020 [li2020]", "Li", "2020", ids=["doi:10.1000/a"]),
            _paper(author="Li, Wei", year="2021", ids=["doi:10.1000/a"]),
        ),
        (
            _paper("Untitled [li2020]: We", abstract="We show that trees grow in rows. " * 6),
            _paper(author="Li", year="2020", abstract="We show that trees grow in rows. " * 6),
        ),
        # short titles, with all the rest
        (_paper("Deep learning", "LeCun", "2015"), _paper("Deep Learning", "LeCun, Yann", "2015")),
    ],
)
def test_one_work(a: Paper, b: Paper) -> None:
    assert same_work(a, b)
    assert same_work(b, a)
    assert Works.of([_paper("Something else altogether, really"), a]).match(b) == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # ids that differ
        (_paper(author="Li", ids=["doi:10.1000/a"]), _paper(author="Li", ids=["doi:10.1000/b"])),
        (_paper(ids=["arxiv:1706.00001"]), _paper(ids=["arxiv:1706.00002"])),
        (_paper(ids=["pmid:1001"]), _paper(ids=["pmid:1002"])),
        (_paper(ids=["acl:P19-1001"]), _paper(ids=["acl:P19-1002"])),
        (_paper(ids=["doi:10.1101/1.2"]), _paper(ids=["doi:10.1101/1.3"])),
        (
            _paper(author="Li", year="2020", ids=["doi:10.1101/1.2", "doi:10.1000/a"]),
            _paper(author="Li", year="2020", ids=["doi:10.1000/b"]),
        ),
        # an id that somebody pasted to the wrong record, or a whole volume's
        (
            _paper("Melt water in the Andes", "Buyt", ids=["doi:10.1000/a"]),
            _paper("Changes of a water tower", "Chen", ids=["doi:10.1000/a"]),
        ),
        (
            _paper("Trees", kind=Kind.BOOK, ids=["isbn:9780306406157"]),
            _paper("Tree rings and weather", kind=Kind.BOOK, ids=["isbn:9780306406157"]),
        ),
        # parts, versions, models, compounds
        (_paper("On ranking, Part I", "Li", "2020"), _paper("On ranking, Part II", "Li", "2020")),
        (
            _paper("Scaling up GPT-3 models", "Li", "2020"),
            _paper("Scaling up GPT-4 models", "Li", "2021"),
        ),
        (_paper("Scaling up GPT-3.5 models"), _paper("Scaling up GPT-35 models", "Li", "2021")),
        (_paper("PointNet for large scenes"), _paper("PointNet++ for large scenes", "Li", "2021")),
        (_paper("Rank trees v2", "Li", "2020"), _paper("Rank trees v3", "Li", "2020")),
        (
            _paper("Structure of the nitrate reductase of a plant", "Li", "2020"),
            _paper("Structure of the nitrite reductase of a plant", "Li", "2020"),
        ),
        (
            _paper("Intraspecific competition among forest trees", "Li", "2020"),
            _paper("Interspecific competition among forest trees", "Li", "2020"),
        ),
        (
            _paper("Supervised ranking of very long papers", "Li", "2020"),
            _paper("Unsupervised ranking of very long papers", "Li", "2020"),
        ),
        (
            _paper("On the generation of DSS one-time keys", "Li", "2001"),
            _paper("On the generation of DSA one-time keys", "Li", "2002"),
        ),
        (
            _paper("κ-opioid receptors in mice", "Li", "2001"),
            _paper("μ-opioid receptors in mice", "Li", "2001"),
        ),
        # answers
        *(
            (_paper(author="Li", year="2020"), _paper(f"{mark} {_TITLE}", "Li", "2020"))
            for mark in ("Reply to", "Erratum:", "Correction to:", "Comment on")
        ),
        # other people, other times, other kinds
        (_paper(author="Li", year="2020"), _paper(author="Chen", year="2020")),
        (_paper(author="Li", year="2010"), _paper(author="Li", year="2014")),
        (
            _paper(author="Li", year="2010", kind=Kind.ARTICLE),
            _paper(author="Li", year="2012", kind=Kind.CONFERENCE),
        ),
        (
            _paper(author="Li", year="2010", kind=Kind.THESIS),
            _paper(author="Li", year="2010", kind=Kind.ARTICLE),
        ),
        # titles that say little
        (_paper("Deep learning"), _paper("Deep learning", "LeCun", "2015")),
        (_paper("Deep learning", "LeCun", "2015"), _paper("Deep learning", "Goodfellow", "2016")),
        (_paper("Editorial", "Li", "2020"), _paper("Editorial", "Li", "2020", ids=["pmid:1001"])),
        (_paper("Letter to the editor"), _paper("Letter to the Editor", "Li", "2020")),
        (
            _paper("Untitled, Li 2020 [li_2020]", "Li", "2020"),
            _paper("Untitled, Li 2020 [li2020]", "Li", "2020"),
        ),
        (
            _paper("Untitled [response_1992]: We show", "Li", "2020", abstract="We show trees."),
            _paper("Untitled [response_1992]: We show", "Li", "2020", abstract="We show lists."),
        ),
        # one title, two papers
        (_paper(abstract="First we cut."), _paper(abstract="Later we sewed.")),
        (
            _paper(
                author="Li", year="2020", kind=Kind.ARTICLE, abstract="We rank what people keep."
            ),
            _paper(
                author="Li", year="2019", kind=Kind.CONFERENCE, abstract="A short note on lists."
            ),
        ),
        (_paper("ガラスの研究について今"), _paper("カラスの研究について今")),
    ],
)
def test_two_works(a: Paper, b: Paper) -> None:
    assert not same_work(a, b)
    assert not same_work(b, a)
    assert Works.of([a]).match(b) is None


def test_a_title_key_keeps_letters_and_digits_of_every_script() -> None:
    assert title_key("Naïve Bayes: β-VAE, 2nd ed.!") == "naivebayesβvae2nded"
    assert title_key("ﬁne Straße Łódź") == "finestrasselodz"
    assert title_key("हिन्दी") != title_key("हन्द")
    assert title_key("!?") == "!?"


@pytest.mark.parametrize(
    ("title", "n"),
    [("", 0), ("Hyper-Connections", 2), ("Parkinson’s disease", 2), ("深度学习", 2), ("R & D", 3)],
)
def test_words_are_counted(title: str, n: int) -> None:
    assert n_words(title) == n


def test_names_stand_best_first_and_end_with_the_text() -> None:
    paper = _paper(ids=["arxiv:1706.03762", "doi:10.1000/a"], abstract="We rank.")
    assert names(paper)[:2] == ("doi:10.1000/a", "arxiv:1706.03762")
    assert names(paper)[2] == names(_paper(_TITLE.upper(), abstract="We  rank!"))[0]


@pytest.mark.parametrize(
    ("title", "made_up"),
    [
        ("Untitled [a]", True),
        ("Untitled, Li 2020, in Trees [a]: We show", True),
        ("Untitled", False),
        ("Untitled trees [sic]", False),
    ],
)
def test_a_made_up_title_is_told_from_a_real_one(title: str, made_up: bool) -> None:
    assert is_untitled(title) is made_up


def test_a_text_name_is_the_same_for_ever() -> None:
    assert names(_paper("Hyper-Trees", abstract="We rank.")) == ("text:8b0ced6e4215a194",)


def test_one_title_with_two_abstracts_has_two_names() -> None:
    assert names(_paper(abstract="First.")) != names(_paper(abstract="Second."))
    long = "One start of some length. " * 8
    assert names(_paper(abstract=long + "An end.")) == names(_paper(abstract=long + "Another."))


def test_a_title_that_says_little_is_no_name_beside_an_id() -> None:
    assert names(_paper("Editorial", ids=["doi:10.1000/a"])) == ("doi:10.1000/a",)
    assert names(_paper("Editorial"))[0].startswith("text:")


def test_an_isbn_is_no_name_since_chapters_carry_their_books() -> None:
    one, two = (_paper(title, ids=["isbn:9780306406157"]) for title in ("Roots", "Leaves"))
    assert not set(names(one)) & set(names(two))
    assert len(names(one)) == 1


def test_a_paper_is_entered_once() -> None:
    works = Works.of()
    papers = [_paper(), _paper("Quite something else, really"), _paper(author="Li"), _paper()]
    assert [works.entered(paper) for paper in papers] == [0, 1, 0, 0]
    assert not works.same(0, 1)
    assert works.same(1, 1)


def test_versions_of_a_preprint_have_one_name() -> None:
    one, two = (_paper("X", ids=[f"doi:10.20944/preprints202001.0001.v{n}"]) for n in (1, 2))
    assert names(one) == names(two)


def test_the_first_known_of_several_is_found() -> None:
    known = [_paper("Something else altogether, really"), _paper(), _paper(author="Li")]
    works = Works.of(known)
    assert works.match(_paper()) == 1
    assert works.match(_paper("Nobody knows this title here")) is None
    assert Works.of([]).match(_paper()) is None


def test_five_thousand_papers_are_looked_up_in_five_thousand_at_once() -> None:
    def numbered(start: int) -> list[Paper]:
        return [
            _paper(f"Ranking of the {n}th tree by what its readers keep", "Li, Wei", "2020")
            for n in range(start, start + 5000)
        ]

    known, listed = numbered(0), numbered(2500)
    began = time.perf_counter()
    works = Works.of(known)
    found = [works.match(paper) for paper in listed]
    assert time.perf_counter() - began < 4  # 2 s where nothing else runs
    assert found == [*range(2500, 5000), *[None] * 2500]
