from recommender.model.acquaintances import Acquaintances
from recommender.papers import Author, Paper

ADA = Author("Lovelace", "Ada")


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
    paper = Paper(title="p", authors=(ADA,), venue="Engines")
    few, many = Acquaintances.of([paper]), Acquaintances.of([paper] * 9)
    for once, often in zip(few.familiarity([paper]), many.familiarity([paper]), strict=True):
        assert 0 < once[0] < often[0] < 1
    strange = many.familiarity([Paper(title="q")])
    assert [float(s[0]) for s in strange] == [0, 0]
