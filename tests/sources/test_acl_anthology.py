"""The ACL Anthology's files hold the papers of a collection, which are asked for by its mark."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sources.acl_anthology import PACE, AclAnthologySource
from integrations.sources.acl_anthology_records import paper_name, records
from integrations.web.client import Web
from integrations.web.testing.exchange import Request, Response, as_text
from integrations.web.testing.server import Server
from integrations.web.testing.wire import served
from recommender.errors import BadResponse, ConfigError
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper, Skipped
from recommender.ports import Access, Source
from tests.sources.hostile import is_sound
from tests.sources.served import ServedSourceContract

ACCESS = Access(now=datetime(2026, 3, 5, 10, tzinfo=UTC), contact="reader@example.org")

PAPER = """
    <paper id="1">
      <title>How <fixed-case>B</fixed-case>irds <i>flock</i>: a
        <tex-math>O(n^2)</tex-math> proof</title>
      <author id="ann-roe"><first>Ann</first><last>Roe</last>
        <affiliation>Institute of Birds</affiliation></author>
      <author><first/><last>Bo</last><variant script="hani"><first>X</first></variant></author>
      <editor><first>Ed</first><last>Itor</last></editor>
      <pages>1–9</pages>
      <abstract>Birds &lt; bees, see <url>https://example.org/x</url>.</abstract>
      <url hash="824da9cc">2026.birds-long.1</url>
      <doi>10.18653/v1/2026.birds-long.1</doi>
      <bibkey>roe-bo-2026-birds</bibkey>
    </paper>"""

COLLECTION = f"""<?xml version='1.0' encoding='UTF-8'?>
<collection id="2026.birds">
  <volume id="long" ingest-date="2026-02-28" type="proceedings">
    <meta>
      <booktitle>Proceedings of the First Meeting on <fixed-case>B</fixed-case>irds</booktitle>
      <editor><first>Ed</first><last>Itor</last></editor>
      <month>27 February–1 March</month>
      <year>2026</year>
    </meta>
    <frontmatter><url hash="783b56cd">2026.birds-long.0</url></frontmatter>{PAPER}
    <paper id="2"><title>Wrong Birds</title><retracted date="2026-03-01">Wrong.</retracted></paper>
    <paper id="3"><title> </title></paper>
    <paper id="4" type="backmatter"><title>Index of Birds</title></paper>
  </volume>
  <volume id="short" type="proceedings">
    <meta><booktitle>Short Birds</booktitle><month>March 2</month><year>2026</year></meta>
    <paper id="1"><title>Short Flocks</title><url>https://example.org/short.pdf</url></paper>
  </volume>
  <event id="birds-2026"><colocated><volume-id>2026.bees-1</volume-id></colocated></event>
</collection>
"""


def facade(request: Request) -> Response:
    """GitHub, where the Anthology is kept."""
    assert request.headers["host"] == "raw.githubusercontent.com"
    if request.path != "/acl-org/acl-anthology/master/data/xml/2026.birds.xml":
        return as_text("404: Not Found", 404, "text/plain; charset=utf-8")
    etag = {"ETag": 'W/"5f1e"'}
    if request.headers.get("if-none-match") == etag["ETag"]:
        return Response(304, etag)
    return as_text(COLLECTION, 200, "text/plain; charset=utf-8", etag)


class TestAclAnthology(ServedSourceContract):
    pace = PACE
    access = ACCESS
    has_two_dates = False

    def facade(self, request: Request) -> Response:
        return facade(request)

    def opened(self, web: Web) -> Source:
        return AclAnthologySource("2026.birds", self.access, web=web)


def read(
    place: str, answers: Any = facade, known: dict[str, str] | None = None
) -> tuple[Listing, Request]:
    with Server(answers) as server:
        web = served(PACE, server, contact=ACCESS.contact)
        (page,) = AclAnthologySource(place, ACCESS, web=web).listings(None, known or {})
        (request,) = server.requests
        return page, request


def papers(data: bytes, volume: str = "") -> list[Paper]:
    found = records(data, volume)
    assert not [one for one in found if isinstance(one, Skipped)]
    return [one[0] for one in found if not isinstance(one, Skipped)]


def test_a_collection_is_one_page_with_a_mark() -> None:
    page, request = read("2026.birds")
    assert (page.source, page.name, page.published_at) == ("acl 2026.birds", "2026.birds", None)
    assert [p.paper.title for p in page.papers] == [
        "How Birds flock: a O(n²) proof",
        "Short Flocks",
    ]
    assert [(s.place, s.reason) for s in page.skipped] == [
        ("paper 2026.birds-long.2", "was retracted"),
        ("paper 2026.birds-long.3", "has no title"),
        ("paper 2026.birds-long.4", "is no paper, but a part of the volume"),
    ]
    assert page.mark
    assert page.n_bytes == len(COLLECTION.encode())
    assert "reader@example.org" in request.headers["user-agent"]
    assert "if-none-match" not in request.headers


def test_an_unchanged_collection_costs_one_question() -> None:
    first, _ = read("2026.birds-long")
    again, request = read("2026.birds-long", known={first.name: first.mark})
    assert request.headers["if-none-match"] == 'W/"5f1e"'
    assert (again.unchanged, again.papers, again.n_bytes) == (True, (), 0)
    assert again.mark == first.mark


def test_a_volume_is_a_part_of_its_collection() -> None:
    page, _ = read("2026.birds-short")
    assert page.name == "2026.birds-short"
    assert [str(p.paper.ids[0]) for p in page.papers] == ["acl:2026.birds-short.1"]
    with pytest.raises(BadResponse, match="has no such volume"):
        read("2026.birds-tiny")


def test_a_paper_has_all_that_the_file_says() -> None:
    found = records(COLLECTION.encode())[0]
    assert not isinstance(found, Skipped)
    paper, votes = found
    assert votes is None
    assert paper == Paper(
        title="How Birds flock: a O(n²) proof",
        abstract="Birds < bees, see https://example.org/x.",
        # Editors are no authors.
        authors=(Author("Roe", "Ann"), Author("Bo")),
        venue="Proceedings of the First Meeting on Birds",
        published="2026-02",
        ids=paper.ids,
        kind=Kind.CONFERENCE,
        institutions=("Institute of Birds",),
    )
    assert [str(i) for i in paper.ids] == [
        "doi:10.18653/v1/2026.birds-long.1",
        "acl:2026.birds-long.1",
    ]


def test_a_link_to_elsewhere_is_kept() -> None:
    (paper,) = papers(COLLECTION.encode(), "short")
    assert paper.url == "https://example.org/short.pdf"
    assert paper.published == "2026-03-02"


@pytest.mark.parametrize(
    ("collection", "volume", "paper", "name"),
    [
        ("2022.naloma", "1", "3", "2022.naloma-1.3"),
        ("2025.acl", "long", "1204", "2025.acl-long.1204"),
        ("J89", "1", "3", "J89-1003"),
        ("L06", "1", "60", "L06-1060"),
        ("W19", "50", "7", "W19-5007"),
        ("W19", "5", "7", "W19-0507"),
        ("D19", "1", "12", "D19-1012"),
        ("D19", "57", "2", "D19-5702"),
        ("C69", "1", "2", "C69-0102"),
        ("J89", "x", "3", ""),
        ("J89", "1", "9" * 9, ""),
    ],
)
def test_names(collection: str, volume: str, paper: str, name: str) -> None:
    assert paper_name(collection, volume, paper) == name


@pytest.mark.parametrize(
    "place", ["", "acl", "2025", "2025.acl-long.1", "2025.ACL", "p18", "../etc", "2025.acl-long/x"]
)
def test_a_place_that_cannot_be_is_told_at_once(place: str) -> None:
    with pytest.raises(ConfigError, match="give a collection such as"):
        AclAnthologySource(place, ACCESS)


def test_a_collection_that_is_not_there_is_told() -> None:
    with pytest.raises(BadResponse, match="has nothing there"):
        read("2031.birds")


@pytest.mark.parametrize(
    ("file", "kinds", "n_papers", "venue", "published"),
    [
        (
            "2022.naloma.xml",
            {Kind.CONFERENCE},
            5,
            ("Proceedings of the 3rd Natural Logic Meets Machine Learning Workshop (NALOMA III)"),
            "2022-08",
        ),
        ("J89.xml", {Kind.ARTICLE}, 58, "Computational Linguistics", "1989"),
        (
            "L06.xml",
            {Kind.CONFERENCE},
            4,
            (
                "Proceedings of the Fifth International Conference on Language Resources and "
                "Evaluation (LREC’06)"
            ),
            "2006-05",
        ),
    ],
)
def test_a_recorded_collection_is_read(
    shared: Path, file: str, kinds: set[Kind], n_papers: int, venue: str, published: str
) -> None:
    data = (shared / "payloads/acl_anthology" / file).read_bytes()
    place = file.removesuffix(".xml")
    page, request = read(place, lambda _: Response(200, {"ETag": '"1"'}, data))
    assert request.path.endswith(f"/data/xml/{file}")
    assert page.skipped == ()
    found = [p.paper for p in page.papers]
    assert len(found) == n_papers == data.count(b"<paper ")
    assert {p.venue for p in found} == {venue}
    assert {p.published for p in found} == {published}
    assert {p.kind for p in found} == kinds
    assert len({p.ids for p in found}) == n_papers
    assert all(str(p.ids[-1]).startswith(f"acl:{place}-") for p in found)
    assert sum(len(p.authors) for p in found) == data.count(b"<author")
    assert sum(bool(p.abstract) for p in found) == data.count(b"<abstract>")


def test_recorded_papers_are_whole(shared: Path) -> None:
    folder = shared / "payloads/acl_anthology"
    logic = papers((folder / "2022.naloma.xml").read_bytes())[2]
    assert logic.title == "Learning Knowledge with Neural DTS"
    assert list(map(str, logic.authors)) == ["Daisuke Bekki", "Ribeka Tanaka", "Yuta Takahashi"]
    assert (str(logic.ids[0]), logic.url) == ("acl:2022.naloma-1.3", "")
    speech = papers((folder / "L06.xml").read_bytes())
    assert speech[0].title == "DanPASS - A Danish Phonetically Annotated Spontaneous Speech Corpus"
    assert speech[0].authors == (Author("Grønnum", "Nina"),)
    assert speech[0].url == "http://www.lrec-conf.org/proceedings/lrec2006/pdf/4_pdf.pdf"
    assert [str(p.ids[0]) for p in speech[:3]] == ["acl:L06-1001", "acl:L06-1060", "acl:L06-1067"]
    second = papers((folder / "J89.xml").read_bytes(), "2")
    assert str(second[0].ids[0]) == "acl:J89-2001"
    assert second[0].title == "A Pragmatic-Based Approach to Ellipsis Resolution"


def test_a_bomb_of_entities_is_refused() -> None:
    bomb = '<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><collection>&b;</collection>'
    for data in (bomb.encode(), bomb.encode("utf-16"), bomb.lower().encode()):
        with pytest.raises(BadResponse, match="declares XML entities"):
            records(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"<html></html>", b"<collection>", COLLECTION.encode()[:-300], b"\xff\xfe<c"],
)
def test_what_is_no_whole_file_of_the_anthologys_is_refused(data: bytes) -> None:
    with pytest.raises(BadResponse, match="something else than"):
        records(data)


def test_depth_and_wrong_characters_do_no_harm() -> None:
    deep = "<b>" * 50_000 + "Birds" + "</b>" * 50_000
    (found,) = records(f"<collection><volume><paper><title>{deep}</title></paper></volume>"
                       "</collection>".encode())  # fmt: skip
    assert not isinstance(found, Skipped)
    assert found[0].title == "Birds"
    assert found[0].ids == ()
    western = COLLECTION.replace("–", "-").replace("Roe", "Röe").encode("cp1252")
    assert is_sound(records(western)[0], marked_up=False)


@given(
    old=st.sampled_from(
        ['id="1"', "2026", "Ann", "Roe", "10.18653/v1/2026.birds-long.1", "27 February–1 March"]
    ),
    new=st.text(st.characters(codec="utf-8", exclude_characters="<&\"'"), max_size=20)
    | st.sampled_from(["9" * 5000, "0000", "9999", "&lt;script>alert(1)&lt;/script>", "{" * 300]),
)
def test_any_text_in_any_place_is_read_or_told(old: str, new: str) -> None:
    data = COLLECTION.replace(old, new).encode()
    with suppress(BadResponse):
        assert all(is_sound(record, marked_up=False) for record in records(data))
