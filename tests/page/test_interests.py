"""*My interests*: the map, and what the reader makes of each interest."""

import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from recommender import config
from recommender.cli import opening, running
from recommender.config import Settings
from recommender.errors import ConfigError, StoreError
from recommender.guidance import Guidance, Pinned
from recommender.page import interests, mapped
from recommender.page.interest_map import HEIGHT, WIDTH
from recommender.store import Store
from recommender.store.lock import Lock
from recommender.suggestions import Verdict
from tests.page.mapping import NOW, interest, names, rendered, run_in, seen
from tests.system.own import Own

TOMORROW = NOW + timedelta(days=1)
HOSTILE = "<script>alert(1)</script> \"quoted' \u202e😀 &amp;"
LONG = "On bees " * 1250


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Own:
    return run_in(tmp_path_factory.mktemp("ran"))


@pytest.fixture
def settings(ran: Own, tmp_path: Path) -> Settings:
    """The settings of a reader for whom a run was done, in a folder of their own."""
    folder = shutil.copytree(ran.folder, tmp_path / "own")
    return config.read_own(folder / "config.toml")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with opening.own_store(settings) as opened:
        seen(settings, opened)
        yield opened


def test_before_the_first_run_there_is_no_map(tmp_path: Path) -> None:
    own = Own(tmp_path)
    settings = config.read_own(own.settle())
    with Store.open(None) as store:
        assert interests.view(settings, store, NOW) == (None, False)
        with pytest.raises(ConfigError, match="run shelfwise run first"):
            interests.weigh(settings, store, NOW, interest="bees", factor=2)
    assert "shelfwise run" in rendered(None)


def test_the_map_has_every_interest_paper_and_suggestion(settings: Settings, store: Store) -> None:
    drawn = seen(settings, store)
    shown = store.last_shown(settings.name)
    assert sum(one.n_papers for one in drawn.interests) == len(drawn.dots) == 24
    assert [one.number for one in drawn.interests] == [*range(1, len(drawn.interests) + 1)]
    assert {dot.number for dot in drawn.dots} == {one.number for one in drawn.interests}
    assert [mark.rank for mark in drawn.marks] == [one.suggestion.rank for one in shown]
    served = [mark for one in drawn.interests for mark in one.marks]
    assert sorted(served, key=lambda mark: mark.rank) == [*drawn.marks]
    by_rank = {one.suggestion.rank: one.suggestion for one in shown}
    for one in drawn.interests:
        assert one.terms
        assert (one.factor, one.by_config, one.is_excluded) == (1, 1, False)
        assert all(by_rank[mark.rank].interest in {one.name, ""} for mark in one.marks)
    for x, y in [(dot.x, dot.y) for dot in drawn.dots] + [(m.x, m.y) for m in drawn.marks]:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


@pytest.mark.parametrize("verdict", [Verdict.GOOD, Verdict.BAD, Verdict.UNDONE])
def test_an_answer_leaves_the_map_as_it_was_until_the_next_run(
    settings: Settings, store: Store, verdict: Verdict
) -> None:
    before = seen(settings, store)
    mapped._PICTURES.clear()
    first = store.last_shown(settings.name)[0].suggestion.suggestion_id
    store.record_verdict(first, verdict, at=datetime.now(UTC) + timedelta(hours=1))
    assert seen(settings, store).dots == before.dots


def test_labels_lie_over_neither_each_other_nor_suggestions(
    settings: Settings, store: Store
) -> None:
    drawn = seen(settings, store)
    boxes = [one.label.box for one in drawn.interests] + [one.box for one in drawn.landmarks]
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for left, top, right, bottom in boxes:
        assert (left, top) >= (0, 0)
        assert right <= WIDTH
        assert bottom <= HEIGHT
        assert not any(left < m.x < right and top < m.y < bottom for m in drawn.marks)


def test_of_many_papers_the_most_typical_of_each_interest_are_drawn(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = seen(settings, store)
    monkeypatch.setattr(mapped, "MOST_DRAWN", 12)
    monkeypatch.setattr(mapped, "_PICTURES", {})
    some = seen(settings, store)
    assert (len(some.dots), some.n_hidden, every.n_hidden) == (12, 12, 0)
    assert set(some.dots) < set(every.dots)
    assert {dot.number for dot in some.dots} == {dot.number for dot in every.dots}
    assert "12 more are not" in rendered(some)


def test_a_name_is_kept_and_shown_everywhere(settings: Settings, store: Store) -> None:
    old = names(settings, store)
    told = interests.rename(settings, store, TOMORROW, interest=old[0], called="  My \n bees ")
    assert "My bees" in told
    assert names(settings, store) == ["My bees", *old[1:]]
    [pin] = store.pins(settings.name)
    assert (pin.called, pin.factor) == ("My bees", 1)
    assert len(pin.keys) == 8
    # The next run says so too, and learns nothing anew for it.
    mark = store.model_mark(settings.name)
    running.done(settings)
    assert store.model_mark(settings.name) == mark
    assert names(settings, store) == ["My bees", *old[1:]]


def test_a_name_is_taken_back_by_an_empty_one_or_the_models(
    settings: Settings, store: Store
) -> None:
    old = names(settings, store)
    for own in ("", old[0]):
        interests.rename(settings, store, NOW, interest=old[0], called="Mine")
        interests.rename(settings, store, NOW, interest="Mine", called=own)
        assert names(settings, store) == old
        assert store.pins(settings.name) == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * 101, "at most 100 characters, and this has 101"),
        ("a\x00b", r"U\+0000"),
        ("a\u202eb", r"U\+202E"),
        ("\u200d", "shows nothing"),
        (None, "another interest is called this"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_one_line(
    settings: Settings, store: Store, name: str | None, why: str
) -> None:
    old = names(settings, store)
    with pytest.raises(ConfigError, match=why) as raised:
        interests.rename(settings, store, NOW, interest=old[0], called=name or old[1].upper())
    assert len(str(raised.value).splitlines()) == 1
    assert store.pins(settings.name) == ()


@pytest.mark.parametrize("name", ["می\u200cخواهم", "👩\u200d🔬 bees"])
def test_letters_that_join_are_part_of_a_name(settings: Settings, store: Store, name: str) -> None:
    old, other, *_ = names(settings, store)
    interests.rename(settings, store, NOW, interest=old, called=name)
    assert names(settings, store)[0] == name
    assert name in rendered(seen(settings, store))
    with pytest.raises(ConfigError, match="another interest is called this"):
        interests.rename(
            settings, store, NOW, interest=other, called=name.replace("\u200c", "\u200d")
        )


def test_the_models_name_for_an_interest_stays_its_own(settings: Settings, store: Store) -> None:
    own, other, *_ = names(settings, store)
    interests.rename(settings, store, NOW, interest=own, called="Mine")
    with pytest.raises(ConfigError, match="another interest is called this"):
        interests.rename(settings, store, NOW, interest=other, called=own.upper())
    interests.rename(settings, store, NOW, interest="Mine", called=own)
    assert names(settings, store)[:2] == [own, other]


def test_the_name_of_an_interest_that_is_gone_waits_for_it(
    settings: Settings, store: Store
) -> None:
    own, *_ = names(settings, store)
    store.pin(settings.name, Pinned("Gone", ("nobody",), 0.0), at=NOW)
    with pytest.raises(ConfigError, match="another interest is called this"):
        interests.rename(settings, store, NOW, interest=own, called="gone")
    assert [one.called for one in store.pins(settings.name)] == ["Gone"]


def test_answers_under_the_name_of_another_interest_are_not_forgotten(
    settings: Settings, store: Store
) -> None:
    own, other, *_ = names(settings, store)
    shown = store.last_shown(settings.name)
    one = next(one.suggestion for one in shown if one.suggestion.interest == own)
    store.record_verdict(one.suggestion_id, Verdict.BAD, at=NOW)
    # As where a later model calls an interest what the reader called another one before.
    keys = next(k for n, k in _keys(settings, store) if n == other)
    store.pin(settings.name, Pinned(own, keys, 1.0), at=NOW)
    again = next(name for name in names(settings, store) if name not in {own, other})
    with pytest.raises(ConfigError, match="nothing was suggested for it"):
        interests.forget(settings, store, NOW, interest=again)
    assert {s.verdict for s in store.shown(settings.name)} == {None, Verdict.BAD}


def _keys(settings: Settings, store: Store) -> list[tuple[str, tuple[str, ...]]]:
    found = mapped.picture(settings, store, NOW).picture
    assert found
    return [*zip(found.interests.names, found.keys, strict=True)]


def test_what_is_no_interest_is_refused(settings: Settings, store: Store) -> None:
    with pytest.raises(ConfigError, match="load the page again"):
        interests.rename(settings, store, NOW, interest="alchemy", called="gold")
    with pytest.raises(ConfigError, match="load the page again"):
        interests.forget(settings, store, NOW, interest="alchemy")
    with pytest.raises(ConfigError) as raised:
        interests.weigh(settings, store, NOW, interest=f"a\n{HOSTILE}{LONG}", factor=1)
    assert len(str(raised.value).splitlines()) == 1
    assert len(str(raised.value)) < 200


def test_a_weight_stays_with_a_name_and_goes_without_trace(
    settings: Settings, store: Store
) -> None:
    name, *_ = names(settings, store)
    for factor in (2.0, 0.5, 0.0):
        interests.weigh(settings, store, NOW, interest=name, factor=factor)
        assert interest(settings, store, name).factor == factor
    interests.rename(settings, store, NOW, interest=name, called="Mine")
    assert interest(settings, store, "Mine").factor == 0
    assert len(store.pins(settings.name)) == 1
    interests.weigh(settings, store, NOW, interest="Mine", factor=1.0)
    assert [(one.called, one.factor) for one in store.pins(settings.name)] == [("Mine", 1)]
    interests.rename(settings, store, NOW, interest="Mine", called="")
    assert store.pins(settings.name) == ()


@pytest.mark.parametrize("factor", [-1.0, 3.0, float("nan"), float("inf")])
def test_another_weight_is_refused(settings: Settings, store: Store, factor: float) -> None:
    name, *_ = names(settings, store)
    with pytest.raises(ConfigError, match=r"0, 0\.5, 1, 2"):
        interests.weigh(settings, store, NOW, interest=name, factor=factor)
    assert store.pins(settings.name) == ()


def test_a_muted_interest_stays_on_the_map_and_can_be_had_back(
    settings: Settings, store: Store
) -> None:
    name, *others = names(settings, store)
    interests.weigh(settings, store, NOW, interest=name, factor=0)
    running.done(settings)
    muted = interest(settings, store, name)
    assert (muted.pull, muted.n_papers > 0) == (0, True)
    assert set(names(settings, store)) == {name, *others}
    assert "muted" in rendered(seen(settings, store))
    interests.weigh(settings, store, NOW, interest=name, factor=1)
    assert interest(settings, store, name).pull == 1


def test_what_the_config_excludes_is_renamed_there(settings: Settings, store: Store) -> None:
    name, *_ = names(settings, store)
    asked = settings.interests.model_copy(update={"exclude": (name,)})
    excluding = settings.model_copy(update={"interests": asked})
    with pytest.raises(ConfigError, match=r"interests\.exclude"):
        interests.rename(excluding, store, NOW, interest=name, called="Mine")
    assert interest(excluding, store, name).is_excluded
    assert "excluded in the config" in rendered(seen(excluding, store))


def test_answers_on_an_interest_are_forgotten_as_the_command_does(
    settings: Settings, store: Store
) -> None:
    shown = store.last_shown(settings.name)
    one = next(one.suggestion for one in shown if one.suggestion.interest)
    store.record_verdict(one.suggestion_id, Verdict.BAD, at=NOW)
    called = "Mine"
    interests.rename(settings, store, NOW, interest=one.interest, called=called)
    told = interests.forget(settings, store, NOW, interest=called)
    assert told.startswith("1 suggestion of Mine teaches nothing")
    verdicts = {s.suggestion.suggestion_id: s.verdict for s in store.shown(settings.name)}
    assert [key for key, said in verdicts.items() if said] == [one.suggestion_id]
    assert verdicts[one.suggestion_id] is Verdict.FORGOTTEN


def test_nothing_is_forgotten_while_a_run_is_under_way(settings: Settings, store: Store) -> None:
    name = next(one.name for one in seen(settings, store).interests if one.marks)
    with (
        Lock.taken(config.store_file(settings), command="shelfwise run", at=NOW),
        pytest.raises(StoreError),
    ):
        interests.forget(settings, store, NOW, interest=name)


def test_forms_do_the_same(settings: Settings, store: Store) -> None:
    name, *others = names(settings, store)
    told = {"interest": name, "do": "rename", "called": "Mine", "token": "t0ken"}
    interests.changed(settings, store, NOW, told)
    interests.changed(settings, store, NOW, {"interest": "Mine", "do": "weigh", "factor": "0.5"})
    assert store.pins(settings.name)[0].factor == 0.5
    assert names(settings, store) == ["Mine", *others]
    for wrong in ({}, {"interest": "Mine"}, {"interest": "Mine", "do": "burn"}):
        with pytest.raises(ConfigError):
            interests.changed(settings, store, NOW, wrong)
    for factor in ("nan", "many", ""):
        with pytest.raises(ConfigError, match=r"0, 0\.5, 1, 2"):
            interests.changed(
                settings, store, NOW, {"interest": "Mine", "do": "weigh", "factor": factor}
            )


class Tags(HTMLParser):
    """What stands in a page: its tags with their attributes, and all ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_page_says_everything_in_words_too(settings: Settings, store: Store) -> None:
    drawn = seen(settings, store)
    page = rendered(drawn, said="It is done.")
    tags = Tags(page)
    assert '<p class="said" role="status" dir="auto">It is done.</p>' in page
    [told] = [one for one in tags.of("svg") if one.get("role")]
    ids = [str(attributes["id"]) for _, attributes in tags.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert set(str(told["aria-labelledby"]).split()) <= set(ids)
    links = [one["href"] for one in tags.of("a")]
    for mark in drawn.marks:
        # On the map, and in the list.
        assert links.count(f"/#{mark.anchor}") == 2
    buttons = [one for one in tags.of("button") if one.get("name") == "factor"]
    assert [one["value"] for one in buttons] == ["0", "0.5", "1", "2"] * len(drawn.interests)
    pressed = [one["value"] for one in buttons if one["aria-pressed"] == "true"]
    assert pressed == ["1"] * len(drawn.interests)
    forms = tags.of("form")
    assert len(forms) == 3 * len(drawn.interests)
    places = [f"/interests#interest-{one.number}" for one in drawn.interests]
    assert [(one["method"], one["action"]) for one in forms[::3]] == [("post", p) for p in places]
    told = next(one for one in tags.of("li") if one.get("id") == "interest-1")
    assert told["tabindex"] == "-1"
    beside = rendered(drawn, said="It is done.", beside="1")
    assert beside.count("It is done.") == 1
    assert beside.index('id="interest-1"') < beside.index("It is done.")
    hidden = [one for one in tags.of("input") if one.get("name") == "token"]
    assert [one["value"] for one in hidden] == ["t0ken"] * len(forms)


def test_a_hostile_text_is_a_text_everywhere(settings: Settings, store: Store) -> None:
    name, *_ = names(settings, store)
    hostile = HOSTILE.replace("\u202e", "")
    interests.rename(settings, store, NOW, interest=name, called=hostile)
    drawn = seen(settings, store)
    spoilt = replace(
        drawn,
        interests=tuple(replace(one, terms=(HOSTILE, LONG)) for one in drawn.interests),
        dots=tuple(replace(dot, title=HOSTILE) for dot in drawn.dots),
        marks=tuple(replace(mark, title=LONG, anchor=HOSTILE) for mark in drawn.marks),
        landmarks=(replace(drawn.interests[0].label, lines=(HOSTILE,)),),
    )
    page = rendered(spoilt, said=HOSTILE)
    tags = Tags(page)
    assert not tags.of("script")
    assert not tags.of("style")
    for _, attributes in tags.tags:
        assert "style" not in attributes
        assert not any(attribute.startswith("on") for attribute in attributes)
    given = {one["value"] for one in tags.of("input") if one.get("name") == "interest"}
    assert hostile in given
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def test_a_pin_of_an_interest_that_is_gone_changes_nothing(
    settings: Settings, store: Store
) -> None:
    before = names(settings, store)
    store.pin(settings.name, Pinned("Gone", ("nobody",), 2.0), at=NOW)
    assert names(settings, store) == before
    assert opening.leanings(settings, store.pins(settings.name)) == Guidance(
        pinned=(Pinned("Gone", ("nobody",), 2.0),)
    )
