"""Runs between whole ones, as the daemon starts them, and what status says of them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from recommender import config
from recommender.agenda import Work
from recommender.cli import reading
from recommender.cli.child import Told
from recommender.errors import NotAuthorized
from tests.system import invented
from tests.system.own import Own, Run, Zotero, answer


@pytest.fixture
def own(tmp_path: Path) -> Own:
    own = Own(tmp_path)
    own.settle('[outputs]\nhtml = "out.html"')
    return own


def child(own: Own, work: Work) -> "subprocess.CompletedProcess[bytes]":
    """A run in a process of its own, as the daemon starts it."""
    told = Told(run="a run", settings=config.read(own.file).model_dump_json(), work=work.value)
    return subprocess.run(
        [sys.executable, "-P", "-m", "recommender.cli.child"],
        input=told.as_json().encode(),
        env=invented.environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (Work.INGEST, "1 sources, 24 new papers, 0 answers"),
        (Work.SYNC, "0 sources, 0 new papers, 0 answers"),
    ],
)
def test_a_child_does_its_part_and_writes_nothing(own: Own, work: Work, said: str) -> None:
    found = child(own, work)
    assert found.returncode == 0, found.stderr
    assert f"default: {said}" in found.stderr.decode()
    assert not (own.folder / "out.html").exists()
    with own.store() as store:
        [left] = store.last_cycles("default", 9)
    assert left.record["work"] == work.value


def test_status_tells_them_from_whole_runs(run: Run, own: Own) -> None:
    settings = config.read(own.file)
    n = len(answer(run("run", "--config", own.file, "--json"))["suggestions"])
    due = answer(run("status", "--config", own.file, "--json"))["next_due"]
    invented.listing(own.page, 200)
    for work in (Work.INGEST, Work.SYNC, Work.INGEST):
        reading.done(settings, work)
    found = run("status", "--config", own.file)
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    first, second, third, *_ = found.stdout.splitlines()
    sources = "After the last whole run the sources were read 2 times, the last on"
    assert re.fullmatch(rf"{sources} {moment}, with 24 new papers\.", first)
    library = "After the last whole run the library was read 1 time, the last on"
    assert re.fullmatch(rf"{library} {moment}\.", second)
    assert third.endswith(f" s: {n} new suggestions")
    told = answer(run("status", "--config", own.file, "--json"))
    assert [one["work"] for one in told["cycles"]] == ["ingest", "sync", "ingest", "publish"]
    # They are no run of the period's.
    assert told["next_due"] == due


def test_a_library_that_cannot_be_read_keeps_nobody_from_the_sources(
    run: Run, own: Own, served: Zotero
) -> None:
    own.settle(library=served.config())
    assert run("run", "--config", own.file).returncode == 0
    settings = config.read(own.file)
    served.world.keys.clear()
    assert reading.done(settings, Work.INGEST).failures == ()
    with pytest.raises(NotAuthorized):
        reading.done(settings, Work.SYNC)
    told = run("status", "--config", own.file).stdout
    assert "the library was read 1 time" in told
    assert "; 1 of them failed." in told
