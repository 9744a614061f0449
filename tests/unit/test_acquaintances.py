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
    bees = "Proceedings of the Conference on Bees"
    assert known.place_of(Paper(title="c", venue=bees)) == (bees, 1)
    assert known.place_of(Paper(title="c", venue="arXiv")) == ("", 0)
    assert known.place_of(Paper(title="c")) == ("", 0)


def test_a_category_is_a_place_beside_the_venue_and_the_best_known_place_counts() -> None:
    known = Acquaintances.of(
        [
            Paper(title="a", categories=("cs.CL", "cs.LG", "cs.cl")),
            Paper(title="b", categories=("cs.CL",), venue="Engines"),
            Paper(title="c", venue="Bees"),
        ]
    )
    both = Paper(title="d", venue="Engines", categories=("cs.LG", "CS.CL"))
    assert known.place_of(both) == ("CS.CL", 2)
    assert known.place_of(Paper(title="e", categories=("Bees", "?"))) == ("", 0)


def test_without_categories_only_authors_and_venues_count() -> None:
    known = Acquaintances.of([Paper(title="a", venue="Bees", categories=("Entomology",))])
    _, places = known.familiarity([Paper(title="b"), Paper(title="c", venue="Bees")])
    assert places[0] == 0 < places[1]


def test_familiarity_grows_with_the_number_of_papers() -> None:
    paper = Paper(title="p", authors=(ADA,), venue="Engines")
    few, many = Acquaintances.of([paper]), Acquaintances.of([paper] * 9)
    for once, often in zip(few.familiarity([paper]), many.familiarity([paper]), strict=True):
        assert 0 < once[0] < often[0] < 1
    strange = many.familiarity([Paper(title="q")])
    assert [float(s[0]) for s in strange] == [0, 0]
