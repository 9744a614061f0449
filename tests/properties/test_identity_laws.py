"""Laws of identity: what holds for any two papers."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recommender.identifiers import PaperId, Scheme, unique
from recommender.identity import Works, n_words, names, same_work, title_key
from recommender.papers import Paper
from recommender.testing.strategies import paper_ids, papers

# An ISBN is a book's, and no name of what is in it.
NAMES = paper_ids(*(scheme for scheme in Scheme if scheme is not Scheme.ISBN))


@given(papers(), papers())
def test_being_one_work_goes_both_ways(a: Paper, b: Paper) -> None:
    assert same_work(a, b) == same_work(b, a)


@given(papers())
def test_a_paper_is_the_same_work_as_itself(paper: Paper) -> None:
    assert same_work(paper, paper)


@given(papers(), papers(), st.lists(paper_ids(), max_size=2).map(unique))
def test_what_a_paper_cites_does_not_tell_which_it_is(
    a: Paper, b: Paper, cited: tuple[PaperId, ...]
) -> None:
    citing = replace(a, references=cited)
    assert same_work(citing, b) == same_work(a, b)
    assert same_work(citing, a)
    assert names(citing) == names(a)
    assert Works.of([a]).match(citing) == 0


@given(st.lists(papers(), max_size=12), papers())
def test_looking_up_finds_what_reading_everything_finds(known: list[Paper], paper: Paper) -> None:
    naive = next((i for i, other in enumerate(known) if same_work(other, paper)), None)
    assert Works.of(known).match(paper) == naive


@given(st.lists(papers(), min_size=1, max_size=8))
def test_every_known_paper_is_found_at_or_before_its_place(known: list[Paper]) -> None:
    works = Works.of(known)
    for place, paper in enumerate(known):
        found = works.match(paper)
        assert found is not None
        assert found <= place


@given(papers())
def test_a_paper_always_has_a_name_and_none_twice(paper: Paper) -> None:
    found = names(paper)
    assert found
    assert len(set(found)) == len(found)
    assert all(":" in name and " " not in name for name in found)


@given(NAMES, NAMES, papers())
def test_different_ids_give_different_names(a: PaperId, b: PaperId, paper: Paper) -> None:
    one, other = (names(Paper(title=paper.title, ids=(i,)))[0] for i in (a, b))
    assert (one == other) == (a == b)


@given(papers())
def test_a_paper_without_ids_is_named_by_its_text_alone(paper: Paper) -> None:
    listed = Paper(title=paper.title, abstract=paper.abstract)
    again = Paper(title=paper.title.upper(), abstract=paper.abstract, venue="elsewhere")
    assert names(listed) == names(again)


@given(st.text(min_size=1))
def test_a_title_key_is_empty_for_white_space_alone(title: str) -> None:
    assert bool(title_key(title)) == bool(title.strip())


@given(st.text())
def test_a_title_key_is_its_own_key(title: str) -> None:
    assert title_key(title_key(title)) == title_key(title)


@given(st.text("aBcé12 α", min_size=1).filter(str.strip), st.sampled_from(" -–:,.?!«»()'"))
def test_case_spaces_and_punctuation_do_not_change_a_title_key(title: str, sign: str) -> None:
    assert title_key(sign.join(f" {title.upper()} ")) == title_key(title)


@given(st.text("abc de"), st.text("abc de"))
def test_joined_titles_have_the_words_of_both(a: str, b: str) -> None:
    assert n_words(f"{a} {b}") == n_words(a) + n_words(b)
