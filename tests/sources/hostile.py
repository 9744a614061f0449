"""What no record should hold, and what must hold for whatever is read of it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from integrations.sources import pages
from recommender.papers import Paper, Skipped

VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2026,
    10**4000,
    1e308,
    float("nan"),
    "",
    " ",
    "0000-00-00",
    "9999-12-31",
    "2026-02-31",
    "10.1234/\ud800",
    "\ud83d alone \x00\x1b",
    "<script>alert(1)</script><b>Bold</b> &amp;lt; <",
    "<jats:sec><jats:title>A</jats:title><jats:p>b<jats:p>",
    "{" * 500,
    "$" * 500,
    "https://doi.org/" + "10.1234/" * 300,
    [],
    [None],
    [[]],
    [[[[]]]],
    ["2026", 1, None],
    [{"name": None}, {"display_name": []}, {"family": {}}, {"id": 7}],
    {},
    {"": None},
    {"name": ["a"], "display_name": {"x": 1}, "id": [2]},
    {"word": [0, -5, 10**30, True, None, "1"], "\ud800": [1]},
    {"date-parts": [[None, {}, []]], "date-time": 3},
    {"date-parts": [[2026, 13, 99, 4, 5]]},
    {"date-parts": [[10**4000]]},
    {"DOI": None, "ArXiv": [], "PubMed": {}, "CorpusId": -1},
)
"""Values of each kind that JSON has, and some that look right."""


def json_values() -> st.SearchStrategy[Any]:
    """Any value out of JSON."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    return st.recursive(
        plain | st.sampled_from(VALUES),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )


def spoilt(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A record with each of the values in the place of each of its fields, and inside of it."""
    for name, good in record.items():
        for value in VALUES:
            yield {**record, name: value}
            yield {**record, name: [value]}
            if isinstance(good, Mapping):
                yield from ({**record, name: {**good, inner: value}} for inner in good)
            if isinstance(good, list) and good and isinstance(good[0], Mapping):
                yield from (
                    {**record, name: [{**good[0], inner: value}, good[0]]} for inner in good[0]
                )


def is_storable(record: pages.Record) -> None:
    """Assert that a record is a paper that a store and a page can hold, or says why it is none."""
    if isinstance(record, Skipped):
        assert record.place
        assert record.reason
        assert "\n" not in record.place + record.reason
        return
    paper, _ = record
    for said in _texts(paper):
        said.encode()  # half a character cannot be written down
        assert json.loads(json.dumps(said)) == said
        assert not any(ord(c) < 32 for c in said)
        assert "<script" not in said


def _texts(paper: Paper) -> Iterator[str]:
    yield from (paper.title, paper.abstract, paper.venue, paper.url, *paper.categories)
    for author in paper.authors:
        yield from (author.family, author.given)
    yield from map(str, (*paper.ids, *paper.references))
