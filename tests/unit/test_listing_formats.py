"""Every listing is recognised as what it is, by content, and nothing else is taken for one."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from integrations.pages.formats import LISTING_FORMATS, ListingFormat, recognised
from recommender.errors import BadResponse

ABSTRACT = "Birds fly in flocks, and nobody leads them. We follow them for ten winters. " * 5
SAMPLES = {
    "Hugging Face daily papers": json.dumps(
        [{"paper": {"id": "2607.00001", "title": "Birds", "upvotes": 1}, "title": "Birds"}]
    ),
    "JSON Lines": '{"title": "Birds", "abstract": "They fly."}\n{"title": "Bats", "abstract": "x"}',
    "feed": "<rss version='2.0'><channel><item><title>Birds</title></item></channel></rss>",
    "BibTeX": "@article{roe2020, title={Birds}, author={Roe, Ann}, year=2020}\n",
    "RIS": "TY  - JOUR\nTI  - Birds\nAU  - Roe, Ann\nER  - \n",
    "EndNote XML": "<xml><records><record><ref-type name='Book'>6</ref-type>"
    "<titles><title>Birds</title></titles></record></records></xml>",
    "ENW": "%0 Journal Article\n%T Birds\n%A Roe, Ann\n",
    "NBIB": "PMID- 123\nOWN - NLM\nTI  - Birds.\nFAU - Roe, Ann\n",
    "CSL-JSON": json.dumps(
        [{"id": "roe", "type": "article-journal", "title": "Birds", "author": [{"family": "Roe"}]}]
    ),
    "saved listing page": f"Birds that flock\n\n{ABSTRACT}\n\nBats\n\n{ABSTRACT}\n",
}
OTHERS = {
    "nothing": b"",
    "blanks": b" \n\n ",
    "a readme": f"# Birds\n\n{ABSTRACT}\n\n## How to run it\n\n{ABSTRACT}\n".encode(),
    "prose": f"A walk\n\n{ABSTRACT}\n\n{ABSTRACT}\n\nThen it rained.\n\n{ABSTRACT}\n".encode(),
    "a letter": b"Dear Ann,\n\nthank you.\n\nYours, Bo\n",
    "a table": f"title,abstract\nBirds,{ABSTRACT}\nBats,{ABSTRACT}\n".encode(),
    "code": b"import birds\n\n\ndef fly() -> None:\n    birds.fly()\n",
    "a web page": f"<!DOCTYPE html><html><body><p>{ABSTRACT}</p></body></html>".encode(),
    "other XML": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "other JSON": b'{"name": "birds", "version": "1.0.0"}',
    "a refusal": b"Rate exceeded.",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
    "noise": bytes((i * i * 31 + i // 7) % 256 for i in range(5000)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_recognised_as_itself_alone(name: str) -> None:
    data = SAMPLES[name].encode()
    assert [form.name for form in LISTING_FORMATS if form.matches(data)] == [name]
    form = recognised(data)
    assert form is not None
    page = form.read(data, source="s", name="n")
    assert page.papers[0].paper.title.startswith("Birds")
    assert (page.source, page.name, page.skipped) == ("s", "n", ())


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_listing_is_recognised_as_none(name: str) -> None:
    assert recognised(OTHERS[name]) is None


def test_a_library_is_a_listing_of_its_papers_in_their_order() -> None:
    data = (
        b"@article{a, title={Birds}, author={Roe, Ann}}\n"
        b"@software{b, title={A program}}\n"
        b"@article{c, author={Roe, Ann}}\n"
        b"@book{d, title={Bats}, author={Li, Bo}}\n"
    )
    form = recognised(data)
    assert form is not None
    page = form.read(data, source="s", name="n")
    assert [(p.position, p.paper.title) for p in page.papers] == [(1, "Birds"), (2, "Bats")]
    assert len(page.skipped) == 1
    assert page.published_at is None


def test_the_trash_of_a_library_is_not_listed() -> None:
    item = {"key": "AAAA2222", "itemType": "journalArticle", "title": "Birds", "creators": []}
    thrown = {**item, "key": "BBBB2222", "title": "Bats", "deleted": True}
    data = json.dumps({"items": [item, thrown]}).encode()
    form = recognised(data)
    assert form is not None
    assert [p.paper.title for p in form.read(data, source="s", name="n").papers] == ["Birds"]


def test_an_empty_array_is_a_page_without_papers() -> None:
    form = recognised(b"[]")
    assert form is not None
    assert form.read(b"[]", source="s", name="n").papers == ()


def harmless(form: ListingFormat, data: bytes) -> None:
    form.matches(data)
    refused = ""
    try:
        page = form.read(data, source="s", name="n")
        assert [p.position for p in page.papers] == list(range(1, len(page.papers) + 1))
    except BadResponse as error:
        refused = str(error)
    assert "\n" not in refused


@pytest.mark.parametrize("form", [*LISTING_FORMATS], ids=lambda form: form.name)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_refusal(form: ListingFormat, data: bytes) -> None:
    harmless(form, data)


@pytest.mark.parametrize("name", SAMPLES)
@given(st.data())
def test_a_damaged_file_raises_nothing_but_a_refusal(name: str, data: st.DataObject) -> None:
    whole = SAMPLES[name].encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    damaged = whole[:start] + data.draw(st.binary(max_size=5)) + whole[end:]
    form = next(form for form in LISTING_FORMATS if form.name == name)
    harmless(form, damaged)
    harmless(form, whole[:start])
