"""What is written as a config file says what was meant, whatever stands in it."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recommender.config import checking, writing

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(str.strip)
LINES = TEXTS.filter(str.isprintable)
SOURCES = st.fixed_dictionaries({"place": TEXTS}, optional={"kind": TEXTS})
INTERESTS = st.fixed_dictionaries(
    {},
    optional={
        "goals": st.lists(TEXTS, max_size=2),
        "mute": st.lists(LINES, max_size=2),
        "boost": st.dictionaries(LINES, st.floats(0.01, 10), max_size=2),
    },
)
SECTIONS: dict[Any, st.SearchStrategy[Any]] = {
    "interests": INTERESTS,
    "selection": st.fixed_dictionaries({}, optional={"limit": st.integers(1, 1000)}),
    "model": st.fixed_dictionaries(
        {}, optional={"encoder": st.fixed_dictionaries({"kind": TEXTS})}
    ),
    "source": st.lists(SOURCES, max_size=2),
}
PROFILES = st.lists(
    st.fixed_dictionaries(
        {"name": st.from_regex(r"[A-Za-z0-9_-]+", fullmatch=True)}, optional=SECTIONS
    ),
    max_size=3,
    unique_by=lambda one: str(one["name"]),
)


@given(top=st.fixed_dictionaries({}, optional=SECTIONS), tables=PROFILES)
def test_what_is_written_is_read_back(top: dict[str, Any], tables: list[dict[str, Any]]) -> None:
    common, profiles = checking.all_checked({**top, "profile": tables})
    again = tomllib.loads(writing.toml_of(common, tables))
    assert again.get("profile", []) == tables
    assert checking.all_checked(again) == (common, profiles)
    in_full = tomllib.loads(writing.toml_in_full(profiles))
    assert checking.all_checked(in_full)[1] == profiles


@given(
    top=st.fixed_dictionaries({}, optional=SECTIONS),
    table=st.fixed_dictionaries({}, optional=SECTIONS),
)
def test_a_profile_says_what_it_says_and_else_what_the_top_says(
    top: dict[str, Any], table: dict[str, Any]
) -> None:
    both = checking.merged(top, table)
    assert checking.merged(both, table) == both
    assert checking.merged(top, {}) == top
    assert checking.merged({}, table) == table
    for section, said in table.items():
        if isinstance(said, dict):
            for key, value in said.items():
                assert both[section][key] == value or isinstance(value, dict)
        else:
            assert both[section] == said
