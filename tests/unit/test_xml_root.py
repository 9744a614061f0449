"""The root of an XML file is found behind whatever may stand before it, in no time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files.formats import HEAD
from integrations.files.formats import recognised as recognised_library
from integrations.files.xml_root import Root, root
from integrations.pages.formats import recognised

SECONDS = 2  # a thousand times what it takes


@pytest.mark.parametrize(
    ("text", "name", "attributes"),
    [
        ("<rss>", "rss", ""),
        ("\ufeff \n<rss version='2.0'><channel>", "rss", " version='2.0'"),
        ("<?xml version='1.0'?><!-- <feed> --><?style x?>\n<a:feed\nb='c'>", "a:feed", "\nb='c'"),
        ("<!DOCTYPE rss><rss/>", "rss", "/"),
        ("<!DOCTYPE rss SYSTEM 'x' [<!ENTITY a '>'> ] >\n<!-- -- --><rss >", "rss", " "),
        ("<rdf:RDF xmlns='a", "rdf:RDF", " xmlns='a"),
    ],
)
def test_the_root_stands_behind_the_prologue(text: str, name: str, attributes: str) -> None:
    assert root(text) == Root(name, attributes)


@pytest.mark.parametrize(
    "text",
    ["", "a <rss>", "<!-- <rss>", "<? <rss>", "<!DOCTYPE a [ <rss>", "< rss>", "</rss>", "<rs"],
)
def test_where_no_tag_begins_the_content_there_is_no_root(text: str) -> None:
    assert root(text) is None


@given(st.lists(st.sampled_from(["<!-- ", " -->", "<?a ", "?>", "<!DOCTYPE ", "[", "]", ">", " "])))
def test_no_prologue_raises_or_makes_up_a_root(pieces: list[str]) -> None:
    found = root("".join(pieces) + "<rss>")
    assert found is None or "rss" in str(found)


UNITS = (
    "<!-- -->", "<!---->\n", "<?a?>", "<?a?> ", "<!DOCTYPE a>", "<!DOCTYPE a []>", "<!DOCTYPE a [",
    "<!DOCTYPE ", "<!--", "<?", "]", "] ", " ", "\n", "<a", "<a ", "-->", "?>", "<!-- --> <?a?>",
    "<!DOCTYPE a [<!-- ]-->", '<a b="<!-- -->" ', "% ", "@a{b, ", "{", '{"a":', '["', "[{",
    "TY  - ", "A. ", "a,", "\\", "$", "(",
)  # fmt: skip


@pytest.mark.parametrize("first", ["", "<!DOCTYPE a [", "<!--", "@", "["])
@pytest.mark.parametrize("unit", UNITS)
def test_no_beginning_of_a_file_takes_long_to_recognise(unit: str, first: str) -> None:
    head = (first + unit * (HEAD // len(unit))).encode()
    began_at = time.thread_time()
    recognised(head)
    recognised_library(head)
    assert time.thread_time() - began_at < SECONDS
