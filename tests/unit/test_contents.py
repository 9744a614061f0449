"""What all readers of library files share."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.files.contents import decoded, uniquely


def test_utf_8_is_read_with_and_without_a_mark() -> None:
    assert decoded("Größe".encode()) == "Größe"
    assert decoded("Größe".encode("utf-8-sig")) == "Größe"


def test_utf_16_is_read_by_its_mark() -> None:
    assert decoded("Größe".encode("utf-16")) == "Größe"
    assert decoded(b"\xfe\xff" + "Größe".encode("utf-16-be")) == "Größe"


def test_the_western_code_page_is_read() -> None:
    assert decoded("Größe – “so”".encode("cp1252")) == "Größe – “so”"


def test_one_foreign_byte_spoils_only_itself() -> None:
    assert decoded("Łódź ".encode() + b"\xfc" + " Gödel".encode()) == "Łódź ü Gödel"


def test_a_character_cut_in_two_spoils_only_itself() -> None:
    assert decoded("Größe, Maß".encode()[:-1]).startswith("Größe, Ma")


def test_lines_end_in_one_way() -> None:
    assert decoded(b"a\r\nb\rc\nd") == "a\nb\nc\nd"


@given(st.binary())
def test_any_bytes_are_text(content: bytes) -> None:
    assert "\r" not in decoded(content)


@given(st.text().filter(lambda text: "\r" not in text and not text.startswith("\ufeff")))
def test_what_was_encoded_as_utf_8_comes_back(text: str) -> None:
    assert decoded(text.encode()) == text


def test_repeated_and_empty_keys_are_told_apart() -> None:
    assert list(uniquely(["a", "a", "", "b", ""])) == ["a", "a#2", "#3", "b", "#5"]


def test_a_key_that_looks_like_a_made_one_stays_its_owner_s() -> None:
    assert list(uniquely(["a", "a#2", "a"])) == ["a", "a#2", "a#3"]


@given(st.lists(st.text("a#23", max_size=3)))
def test_keys_are_unique_and_the_first_of_each_is_kept(keys: list[str]) -> None:
    given_keys = list(uniquely(keys))
    assert len(given_keys) == len(keys) == len(set(given_keys))
    assert all(new.startswith(old) for old, new in zip(keys, given_keys, strict=True))
