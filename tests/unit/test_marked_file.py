import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.digest.feed import AtomFeed
from integrations.digest.page import HtmlPage
from integrations.files.marked_document import Document, Syntax, block_name
from integrations.files.marked_file import MarkedFile
from integrations.files.shelf import BibShelf
from recommender import wording
from recommender.errors import IntegrationError, PermanentError, TransientError
from recommender.papers import Author, Paper
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.publishers import suggestion_on

_SYNTAX = Syntax("list", "# a list\n", "# ", "")


class Listing(MarkedFile):
    """The simplest marked file: a line for each suggestion."""

    service = "list"
    syntax = _SYNTAX

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        return f"{self._about or 'suggestions'}: {len(blocks)}\n"

    def block(self, suggestion: Suggestion, others: str) -> str:
        return f"{suggestion.paper.title} (rank {suggestion.rank})\n"

    def foot(self, blocks: Sequence[str]) -> str:
        return "the end\n"


def titles(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split(" (")[0] for line in lines if "(rank" in line]


def parts_of(*numbers: int) -> list[str]:
    return [suggestion_on(n).paper.title for n in numbers]


def delivered(number: int) -> Receipt:
    return Receipt(suggestion_on(number).suggestion_id)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.txt"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new).encode())


def test_a_new_file_has_preface_head_blocks_and_foot(path: Path) -> None:
    Listing(path).publish([suggestion_on(2), suggestion_on(1)])
    lines = path.read_text(encoding="utf-8").splitlines()
    shown = [line for line in lines if "shelfwise:" not in line]
    assert shown == ["# a list", "suggestions: 2"] + [
        f"{title} (rank {n})" for n, title in enumerate(parts_of(1, 2), 1)
    ] + ["the end"]


def test_the_newest_delivery_is_on_top_and_within_one_the_best(path: Path) -> None:
    Listing(path).publish([suggestion_on(2), suggestion_on(1)])
    later = suggestion_on(5).suggested_at + timedelta(days=1)
    Listing(path).publish([suggestion_on(4), replace(suggestion_on(5), suggested_at=later)])
    assert titles(path) == parts_of(5, 4, 1, 2)


def test_an_empty_file_is_ours_to_fill(path: Path) -> None:
    path.touch()
    Listing(path).publish([suggestion_on(1)])
    assert titles(path) == parts_of(1)


def test_no_suggestions_make_a_file_that_says_so(path: Path) -> None:
    Listing(path).publish([])
    assert "suggestions: 0" in path.read_text(encoding="utf-8")


def test_fresh_replaces_what_was_published_before_but_only_once(path: Path) -> None:
    Listing(path).publish([suggestion_on(1), suggestion_on(2)])
    fresh = Listing(path, fresh=True)
    fresh.publish([suggestion_on(3)])
    assert titles(path) == parts_of(3)
    fresh.publish([suggestion_on(4)])
    assert titles(path) == parts_of(4, 3)


def test_fresh_with_the_same_suggestions_writes_nothing(path: Path) -> None:
    Listing(path, fresh=True).publish([suggestion_on(1), suggestion_on(2)])
    before = path.stat()
    Listing(path, fresh=True).publish([suggestion_on(2), suggestion_on(1)])
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_fresh_tells_the_new_rank_of_one_that_is_there(path: Path) -> None:
    Listing(path).publish([suggestion_on(1)])
    Listing(path, fresh=True).publish([replace(suggestion_on(1), rank=7)])
    assert "(rank 7)" in path.read_text(encoding="utf-8")


def test_fresh_leaves_what_a_person_touched(path: Path) -> None:
    Listing(path).publish([suggestion_on(1), suggestion_on(2)])
    edit(path, "(rank 1)", "(rank one!)")
    Listing(path, fresh=True).publish([suggestion_on(3)])
    text = path.read_text(encoding="utf-8")
    assert "(rank one!)" in text
    assert titles(path) == parts_of(3, 1)


def test_fresh_stays_to_be_done_when_writing_failed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Listing(path).publish([suggestion_on(1)])
    fresh = Listing(path, fresh=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _full)
        with pytest.raises(TransientError):
            fresh.publish([suggestion_on(2)])
    fresh.publish([suggestion_on(2)])
    assert titles(path) == parts_of(2)


@pytest.mark.parametrize("where", ["suggestions: 2\n", "(rank 1)\n", "the end\n"])
def test_what_a_person_adds_anywhere_stays(path: Path, where: str) -> None:
    Listing(path).publish([suggestion_on(1), suggestion_on(2)])
    edit(path, where, f"{where}a line of mine\n")
    Listing(path).publish([suggestion_on(3)])
    Listing(path).retire([delivered(n) for n in (1, 2, 3)])
    assert path.read_text(encoding="utf-8").count("a line of mine\n") == 1


def test_a_head_that_a_person_edited_is_not_written_anew(path: Path) -> None:
    Listing(path).publish([suggestion_on(1)])
    edit(path, "suggestions: 1", "My reading list")
    Listing(path).publish([suggestion_on(2)])
    assert "My reading list" in path.read_text(encoding="utf-8")
    assert titles(path) == parts_of(2, 1)


def test_a_block_that_lost_its_end_is_there_still_and_stays(path: Path) -> None:
    one = suggestion_on(1)
    Listing(path).publish([one, suggestion_on(2)])
    edit(path, f"# /shelfwise:{one.suggestion_id}\n", "")
    Listing(path).publish([one])
    assert titles(path) == parts_of(1, 2)
    [receipt] = Listing(path).retire([delivered(1)])
    assert titles(path) == parts_of(1, 2)
    assert receipt.touched


def test_of_two_copies_none_is_taken(path: Path) -> None:
    Listing(path).publish([suggestion_on(1)])
    [block] = [p for p in Document.read(path.read_text(), _SYNTAX).parts if p.is_block]
    edit(path, block.source, block.source * 2)
    [receipt] = Listing(path).retire([delivered(1)])
    assert receipt.touched
    assert len(titles(path)) == 2


def test_a_file_whose_head_is_torn_is_refused(path: Path) -> None:
    Listing(path).publish([suggestion_on(1)])
    edit(path, "# /shelfwise:list-head\n", "")
    before = path.read_bytes()
    with pytest.raises(PermanentError, match="its first lines were edited, so it stays"):
        Listing(path).publish([suggestion_on(2)])
    with pytest.raises(PermanentError, match="its first lines were edited, so it stays"):
        Listing(path).retire([delivered(2)])
    assert path.read_bytes() == before


def test_lines_with_a_carriage_return_are_an_edit(path: Path) -> None:
    Listing(path).publish([suggestion_on(1)])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    [receipt] = Listing(path).retire([delivered(1)])
    assert receipt.touched
    Listing(path).publish([suggestion_on(2)])
    assert titles(path) == parts_of(2, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"@article{a, title = {B}}\n",
        b"\x00\xff\xfe binary \x80",
        "Grüße".encode("utf-16"),
        b"# shelfwise:list-headless 0123456789abcdef\n",
        b"text # shelfwise:list-head 0123456789abcdef\n",
        b"\n" * 5000 + b"# shelfwise:list-head 0123456789abcdef\n# /shelfwise:list-head\n",
    ],
)
def test_a_file_of_the_readers_is_refused_and_stays(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(PermanentError) as publishing:
        Listing(path, fresh=True).publish([suggestion_on(1)])
    with pytest.raises(PermanentError) as retiring:
        Listing(path).retire([delivered(1)])
    assert (
        str(publishing.value)
        == str(retiring.value)
        == (f"{path}: exists and was not written by Shelfwise as a list; choose another name")
    )
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", [HtmlPage, AtomFeed, BibShelf])
@pytest.mark.parametrize("other", [HtmlPage, AtomFeed, BibShelf])
def test_a_file_of_ours_in_another_format_is_refused(
    path: Path, kind: type[MarkedFile], other: type[MarkedFile]
) -> None:
    kind(path).publish([suggestion_on(1)])
    if kind is other:
        other(path).publish([suggestion_on(2)])
        return
    with pytest.raises(PermanentError, match=r"was not written by Shelfwise as an? "):
        other(path, fresh=True).publish([suggestion_on(2)])


def test_a_folder_a_missing_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"is a folder; add a file's name"):
        Listing(tmp_path).publish([suggestion_on(1)])
    with pytest.raises(PermanentError, match=r"the folder .* does not exist; create it first"):
        Listing(tmp_path / "none" / "list.txt").publish([suggestion_on(1)])
    with pytest.raises(PermanentError, match=r"no ordinary file; choose another name"):
        Listing(Path(os.devnull)).publish([suggestion_on(1)])


def test_a_write_protected_file_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Listing(path).publish([suggestion_on(1)])
    monkeypatch.setattr(os, "access", lambda *_: False)  # permissions do not bind an administrator
    with pytest.raises(PermanentError, match="is write-protected; choose another name"):
        Listing(path).publish([suggestion_on(2)])


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _denied(*_: object) -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.parametrize(
    ("owner", "step", "failure", "kind", "advice"),
    [
        (os, "fsync", _full, TransientError, "no space left on device; free some space"),
        (Path, "replace", _denied, PermanentError, "permission denied; choose another place"),
        (Path, "open", _denied, PermanentError, "permission denied; choose another place"),
    ],
)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    step: str,
    failure: object,
    kind: type[IntegrationError],
    advice: str,
) -> None:
    Listing(path).publish([suggestion_on(1)])
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        # Reading goes through the same method.
        patched.setattr(Path, "read_bytes", lambda _: before)
        patched.setattr(owner, step, failure)
        with pytest.raises(kind) as caught:
            Listing(path).publish([suggestion_on(2)])
    assert str(caught.value).startswith(f"{path}: cannot be written: {advice}")
    assert isinstance(caught.value.__cause__, OSError)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_permissions_and_links_outlive_a_write(path: Path) -> None:
    real = path.with_name("real.txt")
    path.symlink_to(real)
    Listing(path).publish([suggestion_on(1)])
    real.chmod(0o640)
    Listing(path).publish([suggestion_on(2)])
    assert path.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert titles(real) == parts_of(2, 1)


@given(st.text(max_size=12))
def test_any_suggestion_id_makes_a_name_for_a_comment(suggestion_id: str) -> None:
    name = block_name(suggestion_id.encode(errors="ignore").decode())
    assert all(c.isalnum() or c == "%" for c in name)
    assert name.isascii()


_LINES = st.sampled_from(
    (
        "# shelfwise:a 0123456789abcdef\n",
        "# /shelfwise:a\n",
        "# shelfwise:b 0123456789abcdef\n",
        "# /shelfwise:b\n",
        "# shelfwise:list-head 0123456789abcdef\n",
        "# /shelfwise:list-head\n",
        _SYNTAX.part("c", "ours\n").source,
        "mine\n",
        "\r\n",
    )
)


@given(st.lists(_LINES, max_size=12).map("".join))
def test_the_parts_of_any_text_are_every_character_of_it(text: str) -> None:
    assert Document.read(text, _SYNTAX).text == text


@given(st.lists(_LINES, max_size=12).map("".join))
def test_only_what_we_wrote_alone_is_untouched(text: str) -> None:
    untouched = Document.read(text, _SYNTAX).untouched
    ours = _SYNTAX.part("c", "ours\n").source
    assert untouched == ({"c"} if text.count(ours) == 1 else frozenset())


def test_links_lead_to_the_web_alone() -> None:
    assert wording.address("javascript:alert(1)") == ""
    assert wording.address("http://[half") == ""
    assert wording.address("https:no-host") == ""
    assert wording.address("https://x.org/a b\"<>'") == "https://x.org/a%20b%22%3C%3E'"
    assert wording.address("https://x.org/ü?q=1%20&r#f") == "https://x.org/%C3%BC?q=1%20&r#f"


def test_a_link_that_is_none_gives_way_to_an_ids() -> None:
    paper = replace(suggestion_on(1).paper, url="file:///etc/passwd")
    assert wording.link(paper) == "https://doi.org/10.1000/waggle.1"
    assert wording.link(Paper(title="A")) == ""


def test_many_authors_are_counted_and_one_is_never_hidden_alone() -> None:
    authors = tuple(Author(f"F{n}", "G") for n in range(17))
    assert wording.few(authors) == "G F0, G F1, G F2, G F3, G F4 and 12 more"
    assert wording.few(authors[:6]) == "G F0, G F1, G F2, G F3, G F4, G F5"


def test_the_shares_add_up_to_the_score_as_shown() -> None:
    one = suggestion_on(1)
    thirds = replace(
        one, score=0.5, reasons=tuple(replace(one.reasons[0], share=0.5 / 3) for _ in range(3))
    )
    assert [share for _, share in wording.shares(thirds)] == ["0.17", "0.17", "0.16"]
    assert wording.shares(replace(one, reasons=())) == ()
