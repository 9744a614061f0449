"""BibTeX and BibLaTeX: records, fields, what is a paper, and what breaks."""

import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.files.bibtex import BIBTEX, read
from integrations.files.records import NO_TITLE
from recommender.errors import BadResponse
from recommender.library import Entry, Item, OtherKind, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped


def entries(text: str) -> tuple[Entry, ...]:
    return read(text.encode()).entries


def item(text: str) -> Item:
    (only,) = entries(text)
    assert isinstance(only, Item), only
    return only


def paper(fields: str, kind: str = "article") -> Paper:
    return item(f"@{kind}{{key, title = {{T}}, {fields}}}").paper


def test_a_whole_article() -> None:
    found = item(
        r"""@Article{roe2021,
  Author = {Roe, Jane and {\'E}mile Zola},
  Title = {{On {DNA}: 100\% $\alpha$}},
  journal = "Journal of " # {Examples},
  year = 2021, month = may, day = 3,
  doi = {https://doi.org/10.1000/ABC},
  abstract = {First line
    and second.},
  keywords = {one, two; three},
  url = {https://example.org/a\_b},
  date-added = {2021-05-04 10:00:00 +0200},
}"""
    )
    assert found.key == "roe2021"
    assert found.paper == Paper(
        title="On DNA: 100% α",
        abstract="First line and second.",
        authors=(Author("Roe", "Jane"), Author("Zola", "Émile")),
        venue="Journal of Examples",
        published="2021-05-03",
        ids=found.paper.ids,
        url="https://example.org/a_b",
        kind=Kind.ARTICLE,
    )
    assert [str(i) for i in found.paper.ids] == ["doi:10.1000/abc"]
    assert [tag.name for tag in found.tags] == ["one, two", "three"]
    assert found.added_at == datetime(2021, 5, 4, 8, tzinfo=UTC)


def test_definitions_are_put_in_and_are_no_entries() -> None:
    found = item(
        """@string{jex = "Journal of Examples"} @string(who = {Roe, Jane})
@preamble{"\\newcommand{\\x}{y}"}
@comment{not @article{an, title = {entry}}}
@article{a, title = {T}, journal = JEX # { B}, month = unknown,
  author = who # { and } # "Doe, John"}"""
    )
    assert found.paper.venue == "Journal of Examples B"
    assert [a.family for a in found.paper.authors] == ["Roe", "Doe"]


@pytest.mark.parametrize(
    "text",
    [
        "@article(k, title = {T (b)}, year = 2001)",
        '@article(k, title = "T (b)", year = 2001\n)',
        "@article{k\n, title = {T (b)}\n, year = {2001}\n}",
        "@article{k, title = {T (b)} year = 2001}",
        "@article{k,, title = {T (b)},, year = 2001,,}",
        "@article { k , TITLE={T (b)},YEAR = 2001 }",
        "@article{k\n  title = {T (b)}, year = 2001}",
        "@article{k, title = {T (b)}},\n year = 2001,\n}",
        "@article{k, % a remark, with = signs {\n title = {T (b)}, year = 2001}",
        "@article{k, title = {T (b)}, stray words, year = 2001}",
        "some words @ the beginning\n@article{k, title = {T (b)}, year = 2001} and behind",
        "@article{k, abstract = {a lone \\} brace}, title = {T (b)}, year = 2001}",
        "@article{k, abstract = {a lone \\{ brace}, title = {T (b)}, year = 2001}",
        '@article{k, abstract = "a "quoted" word", title = "T (b)", year = 2001}',
        "@article{k, abstract = {see\n@book{x, y = {z}}\n}, title = {T (b)}, year = 2001}",
    ],
)
def test_loose_spellings_are_read(text: str) -> None:
    found = item(text)
    assert (found.key, found.paper.title, found.paper.published) == ("k", "T (b)", "2001")


def test_entries_may_follow_each_other_in_a_line() -> None:
    assert [
        e.key for e in entries("@book{a, title={A}} @book{b, title={B}}@book{c, title={C}}")
    ] == [
        "a",
        "b",
        "c",
    ]


def test_keys_may_be_repeated_or_missing() -> None:
    found = entries(
        "@book{a, title={A}}\n@book{a, title={B}}\n@book{title={C}}\n@book{, title={D}}"
    )
    assert [e.key for e in found] == ["a", "a#2", "c", "d"]


def test_of_an_entry_that_is_never_closed_what_is_there_is_read() -> None:
    found = entries(
        "@book{a, title = {A}}\n\n@book{b, title = {B {oops}, year = 2001\n}\n\n"
        "@book{c, title = {C},\n@book{d, title = {D}}\n"
        '@book{e, title = "E\n  year = {2001},\n note = {x}\n\n@book{f,\n  title = {F {G h'
    )
    said = [(e.key, e.paper.title, e.paper.published) for e in found if isinstance(e, Item)]
    assert said == [
        ("a", "A", ""), ("b", "B oops", "2001"), ("c", "C", ""), ("d", "D", ""),
        ("e", "E", "2001"), ("f", "F G", ""),
    ]  # fmt: skip


def test_what_a_file_breaks_off_in_is_half_an_id_at_best() -> None:
    whole = "@article{roe, title = {Bees dance}, year = 2001, doi = {10.1234/abc.56}"
    for end in range(whole.index("10."), len(whole) - 1):
        assert not item(whole[:end]).paper.ids
    assert item(whole).paper.ids
    assert not item(whole[: whole.index("01, doi")]).paper.published


def test_an_entry_that_is_never_closed_and_says_nothing_is_reported() -> None:
    found = entries("@book{a,\n\n@book{b, title = {B}}\n@book{c, title")
    assert [type(e) for e in found] == [Unreadable, Item, Unreadable]
    said = [str(e.skipped.place) for e in found if isinstance(e, Unreadable)]
    assert said == ["line 1 (a)", "line 4 (c)"]


def test_a_file_cut_in_two_keeps_its_whole_entries() -> None:
    text = "".join(
        f"@article{{k{n},\n  title = {{Title {n}}},\n  year = 2001\n}}\n" for n in range(9)
    )
    for end in range(len(text) // 2, len(text)):
        found = entries(text[:end])
        assert [type(e) for e in found[:-1]] == [Item] * (len(found) - 1)
        titles = [e.paper.title for e in found if isinstance(e, Item)]
        assert all(re.fullmatch(r"Title( \d)?", title) for title in titles)


def test_an_entry_without_anything_has_its_line() -> None:
    (found,) = entries("\n\n@article{roe, url = {https://roe.example}}")
    assert found == Unreadable("roe", Skipped("line 3 (roe)", NO_TITLE))


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        ("@proceedings{k, booktitle = {Proceedings of X}}", "Proceedings of X", Kind.BOOK),
        ("@incollection{k, booktitle = {A Book}, author = {R}}", "A Book", Kind.BOOK),
        ("@article{k, shorttitle = {Short}}", "Short", Kind.ARTICLE),
        ("@misc{k, author = {R}, howpublished = {A Talk}}", "A Talk", Kind.OTHER),
        ("@book{k, title = {A}, subtitle = {B}}", "A: B", Kind.BOOK),
        ("@book{k, title = {A?}, subtitle = {B}}", "A? B", Kind.BOOK),
        ("@book{k, title = {A: B}, subtitle = {B}}", "A: B", Kind.BOOK),
    ],
)
def test_other_fields_stand_in_for_a_title(text: str, title: str, kind: Kind) -> None:
    found = item(text).paper
    assert (found.title, found.kind) == (title, kind)


def test_a_paper_is_not_called_like_its_proceedings() -> None:
    found = item("@inproceedings{k, booktitle = {Proceedings of X}, author = {Roe}}")
    assert found.paper.title == "Untitled, Roe, in Proceedings of X [k]"


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("article", Kind.ARTICLE),
        ("InProceedings", Kind.CONFERENCE),
        ("conference", Kind.CONFERENCE),
        ("incollection", Kind.CHAPTER),
        ("inbook", Kind.CHAPTER),
        ("inreference", Kind.CHAPTER),
        ("mvbook", Kind.BOOK),
        ("collection", Kind.BOOK),
        ("PROCEEDINGS", Kind.BOOK),
        ("phdthesis", Kind.THESIS),
        ("thesis", Kind.THESIS),
        ("techreport", Kind.REPORT),
        ("report", Kind.REPORT),
        ("unpublished", Kind.OTHER),
        ("misc", Kind.OTHER),
        ("neverheardof", Kind.OTHER),
    ],
)
def test_types_have_their_kind(type_: str, kind: Kind) -> None:
    assert paper("author = {Roe}, journal = {J}", type_).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "@online{k, title = {T}, author = {Roe}, url = {http://example.org}}",
        "@misc{k, title = {A Page}, url = {http://example.org}}",
        "@software{k, title = {T}, author = {Roe}, doi = {10.1000/abc}}",
        "@dataset{k, title = {T}, doi = {10.1000/abc}}",
        "@patent{k, title = {T}, author = {Roe}}",
        "@jurisdiction{k, shorttitle = {Roe v. Doe}}",
        "@legislation{k}",
        "@video{k, title = {T}}",
        "@control{k, x = y}",
    ],
)
def test_other_kinds_are_no_papers(text: str) -> None:
    (found,) = entries(text)
    assert isinstance(found, OtherKind)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("online", "eprint = {1706.03762}, eprinttype = {arxiv}"),
        ("misc", "url = {https://arxiv.org/abs/1706.03762v5}"),
        ("misc", "publisher = {arXiv}, number = {arXiv:1706.03762}"),
        ("misc", "note = {arXiv:1706.03762 [cs]}"),
        ("misc", "howpublished = {arXiv preprint arXiv:1706.03762}"),
        ("unpublished", "doi = {10.48550/arXiv.1706.03762}"),
        ("article", "journal = {arXiv preprint arXiv:1706.03762}"),
        ("article", "journal = {CoRR}, volume = {abs/1706.03762}"),
        ("article", "journaltitle = {arXiv:1706.03762 [cs]}"),
        ("article", "eprint = {1706.03762}, archiveprefix = {arXiv}"),
        ("article", "arxivid = {1706.03762}"),
    ],
)
def test_what_is_on_arxiv_and_nowhere_else_is_a_preprint(kind: str, fields: str) -> None:
    found = paper(fields, kind)
    assert (found.kind, [str(i) for i in found.ids]) == (Kind.PREPRINT, ["arxiv:1706.03762"])


def test_preprint_servers_are_journals_of_preprints() -> None:
    assert paper("journal = {bioRxiv}, doi = {10.1101/2020.01.01.123456}").kind is Kind.PREPRINT
    assert paper("journal = {SSRN Electronic Journal}").kind is Kind.PREPRINT
    assert paper("author = {R}, doi = {10.1101/2020.01.01.123456}", "misc").kind is Kind.PREPRINT


def test_a_published_article_that_is_on_arxiv_too_is_an_article() -> None:
    found = paper("journal = {Nature}, eprint = {1706.03762}, doi = {10.1000/a}")
    assert found.kind is Kind.ARTICLE
    assert [str(i) for i in found.ids] == ["doi:10.1000/a", "arxiv:1706.03762"]


@pytest.mark.parametrize(
    "head",
    [
        "@article{roe2021,\n  title = {T}",
        "% remark\n\n@Book(roe,\n author = {R})",
        "@article{k\n, author = {R}",
        "@string{acm = {ACM}}",
        "% This file was created with JabRef 2.10.\n% Encoding: UTF8\n",
        "%% This BibTeX bibliography file was created using BibDesk.\n",
        "@comment{jabref-meta: databaseType:bibtex;}",
        "@misc{noauthor,\n}",
        "@article{title = {T}, x = {y}}\n@article{a, title = {T}}",
    ],
)
def test_bibtex_is_recognised(head: str) -> None:
    assert BIBTEX.matches(head.encode())
    assert BIBTEX.matches(head.encode("utf-16"))


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Write to me@example.org, or @home, please",
        "@dataclass(frozen=True, slots=True)\nclass X: ...",
        "@retry(Exception, tries=3)\ndef f(): ...",
        "@media{a,b}",
        '[{"note": "\\n@article{a, title = {T}}"}]',
        "<pre>\n@article{a, title = {T}}\n</pre>",
        "TY  - JOUR\nN2  - x\n@article{a, title = {T}}\nER  - ",
        "\x00\x01\x02",
        "@article",
    ],
)
def test_other_files_are_not(head: str) -> None:
    assert not BIBTEX.matches(head.encode())


@pytest.mark.parametrize("content", [b"hello", b"\x00\xff\x00", b"{}", b"@article"])
def test_a_file_without_a_record_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(BadResponse, match="holds no BibTeX record") as caught:
        read(content)
    assert caught.value.service == "BibTeX"
    assert "\n" not in str(caught.value)


def test_an_empty_library_is_empty() -> None:
    assert read(b"").entries == ()
    assert read(b"% This file was created with JabRef 2.10.\n").entries == ()
    assert read(b"@string{a = {b}}").entries == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    (found,) = read("@book{k, title = {Größe},\r\n year = 2001}".encode(encoding)).entries
    assert isinstance(found, Item)
    assert found.paper.title == "Größe"


PIECES = st.sampled_from(
    [
        *("@article{", "@book(", "@comment{", "@string{", "@", "{", "}", "(", ")", '"', ",", "="),
        *("#", "\n", " ", "\\", "%", "$", "a", "title = ", "author", "year", "2001", "date = "),
        *("groups = ", "and", "doi = ", "10.1000/", "isbn", "978", "crossref = ", "\x00"),
        *("jabref-meta: grouping:", "BibDesk Static Groups{<plist>", "<array>"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
@example("@a{")
@example("@a{x, y = # #")
@example("@string{a = a # a}\n@book{b, title = a}")
def test_nothing_that_looks_like_bibtex_raises(text: str) -> None:
    try:
        contents = read(text.encode())
    except BadResponse:
        return
    keys = [e.key for e in contents.entries]
    assert len(keys) == len(set(keys))


@given(st.binary())
def test_no_bytes_raise_but_for_a_bad_file(content: bytes) -> None:
    BIBTEX.matches(content)
    try:
        read(content)
    except BadResponse as error:
        assert error.service == "BibTeX"  # noqa: PT017 - either outcome is right


@given(st.text().filter(lambda text: "\r" not in text))
def test_any_field_is_read_without_harm(value: str) -> None:
    names = (
        "author",
        "year",
        "month",
        "date",
        "doi",
        "isbn",
        "url",
        "keywords",
        "timestamp",
        "note",
    )
    inner = value.replace("{", "(").replace("}", ")").replace("@", "a").replace("\\", "/")
    fields = "".join(f"  {name} = {{{inner}}},\n" for name in names)
    assert item(f"@book{{k, title = {{T}},\n{fields}}}").paper.title == "T"


@pytest.mark.parametrize(
    "content",
    [
        b"@a{x,{{\n" * 5_000,
        b'@article{x, title="A\n' * 5_000,
        b"@a{" + b" " * 100_000 + b"=",
        b"@a{x, title={" + b"{" * 50_000 + b"}" * 50_000 + b"}}",
        b"@a{x, title={" + b"$a\\b " * 20_000 + b"}}",
        b"@a{x, title={A}, author={a" + b" " * 100_000 + b"b}}",
        b"@a{x, title={A}, author={A}, doi={" + b"10.1000/" * 10_000 + b"}}",
    ],
)
def test_hostile_files_take_no_longer_than_others(content: bytes) -> None:
    # A collection of garbage that earlier tests left behind is no fault of the file's.
    assert min(seconds_for(content) for _ in range(3)) < 2


def seconds_for(content: bytes) -> float:
    started = time.thread_time()
    BIBTEX.matches(content[:65536])
    read(content)
    return time.thread_time() - started
