"""Which run is due: whole ones first, nobody kept from theirs, and what a part does is a part."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recommender.agenda import Agenda, Work, due, includes, work_of
from recommender.rhythm import EVERY_DAY, Daily

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
AGENDAS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from(Work)),
    st.builds(
        Agenda,
        rhythm=st.builds(Daily, at=st.sampled_from([datetime.min.time()]), days=st.just(EVERY_DAY)),
        last=st.none() | MOMENTS,
        failed=st.integers(0, 3),
        retry_at=st.none() | MOMENTS,
    ),
)


@given(AGENDAS, MOMENTS)
def test_what_is_due_is_told_once_and_nothing_else(
    agendas: Mapping[tuple[str, Work], Agenda], now: datetime
) -> None:
    found = due(agendas, now)
    assert len(found) == len(set(found))
    assert set(found) == {key for key, agenda in agendas.items() if agenda.is_due(now)}


@given(AGENDAS, MOMENTS)
def test_whole_runs_are_first_and_then_who_waited_longest(
    agendas: Mapping[tuple[str, Work], Agenda], now: datetime
) -> None:
    found = due(agendas, now)
    are_whole = [work is Work.PUBLISH for _, work in found]
    assert are_whole == sorted(are_whole, reverse=True)
    for is_whole in (True, False):
        lasts = [agendas[key].last for key in found if (key[1] is Work.PUBLISH) == is_whole]
        known = [last for last in lasts if last]
        assert lasts == [None] * (len(lasts) - len(known)) + sorted(known)


@given(AGENDAS, MOMENTS)
def test_once_each_of_them_ran_nothing_is_due(
    agendas: Mapping[tuple[str, Work], Agenda], now: datetime
) -> None:
    left = dict(agendas)
    for _ in range(len(agendas)):
        if found := due(left, now):
            key = found[0]
            left[key] = left[key].ended(now, now, good=True, passing=False, delay=timedelta(0))
    assert due(left, now) == []


@given(st.sampled_from(Work), st.sampled_from(Work))
def test_a_whole_run_does_all_and_another_what_it_says(said: Work, asked: Work) -> None:
    assert includes({"work": said.value}, asked) == (said in {asked, Work.PUBLISH})
    assert work_of({"work": said.value}) is said


@given(st.sampled_from(Work))
def test_a_record_that_says_nothing_of_it_is_a_whole_runs(work: Work) -> None:
    assert includes({"failures": []}, work)
