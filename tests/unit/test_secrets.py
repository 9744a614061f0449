import copy
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from recommender.errors import ConfigError
from recommender.secrets import Secret, keep, secret

KEY = "P9NiFoyLeZu2bZNvvuQPDWsd"
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
NOT_ROOT = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="an administrator may read everything"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zotero.key"


def written(path: Path, content: str | bytes, mode: int = 0o600) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return f"file:{path}"


def told(error: BaseException) -> str:
    """All that a traceback shows of an error."""
    context = None if error.__suppress_context__ else error.__context__
    behind = [told(other) for other in (error.__cause__, context) if other is not None]
    return "\n".join([str(error), repr(error), *behind])


def refusal(place: str, value: str | None = None) -> str:
    asked = partial(secret, place) if value is None else partial(keep, place, Secret(value))
    with pytest.raises(ConfigError) as caught:
        asked()
    (text,) = caught.value.problems
    assert "\n" not in text
    assert KEY not in told(caught.value)
    return text


# Secrets


@dataclass
class Settings:
    key: Secret


def test_nothing_but_asking_for_it_shows_a_secret() -> None:
    one = Secret(KEY)

    assert one.reveal() == KEY
    for shown in (repr(one), str(one), f"{one}", "%s" % one, repr(Settings(one)), repr([one])):  # noqa: UP031 - as logging does
        assert KEY not in shown
        assert "Secret(…)" in shown
    assert not hasattr(one, "__dict__")


def test_secrets_that_are_the_same_are_equal() -> None:
    assert Secret(KEY) == Secret(KEY) == copy.deepcopy(Secret(KEY))
    assert len({Secret(KEY), Secret(KEY), Secret("other")}) == 2
    assert Secret(KEY) != KEY
    assert Secret(KEY)
    assert not Secret("")


@pytest.mark.parametrize(
    "place",
    [
        KEY,
        "",
        f"key:{KEY}",
        f"literal:{KEY}",
        f"env:{KEY}!",
        "env:",
        "file:",
        "file: ",
        f"file:a\n{KEY}",
        f"keyring:{KEY}",
        f"keyring:/{KEY}",
        "keyring:shelfwise/",
    ],
)
def test_what_is_no_place_is_refused_and_not_repeated(place: str) -> None:
    for text in (refusal(place), refusal(place, KEY)):
        assert text == (
            "where a key is kept has to be written env:NAME, file:PATH or keyring:SERVICE/NAME"
        )


# Variables


def test_a_variable_holds_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOTERO_KEY", f" {KEY}\n")

    assert secret("env:ZOTERO_KEY") == Secret(KEY)


def test_a_variable_that_is_missing_or_empty_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZOTERO_KEY", raising=False)
    assert "env:ZOTERO_KEY: there is no such variable; set ZOTERO_KEY" in refusal("env:ZOTERO_KEY")

    monkeypatch.setenv("ZOTERO_KEY", " ")
    assert "env:ZOTERO_KEY: there is nothing in it; put" in refusal("env:ZOTERO_KEY")


def test_a_variable_of_several_lines_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOTERO_KEY", f"{KEY}\nmore")
    assert "one line of text; put the key there" in refusal("env:ZOTERO_KEY")


def test_a_variable_cannot_be_set_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZOTERO_KEY", raising=False)

    assert "set ZOTERO_KEY in the shell's own configuration" in refusal("env:ZOTERO_KEY", KEY)
    assert "ZOTERO_KEY" not in os.environ


# Files


def test_a_file_holds_a_key(path: Path) -> None:
    for content in (KEY, f"{KEY}\n", f"\ufeff{KEY}\r\n\r\n"):
        assert secret(written(path, content)) == Secret(KEY)


def test_a_file_may_be_in_the_readers_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    keep("file:~/zotero.key", Secret(KEY))

    assert (tmp_path / "zotero.key").read_text() == f"{KEY}\n"
    assert secret("file:~/zotero.key") == Secret(KEY)


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777, 0o620])
def test_a_file_that_others_may_read_is_refused(mode: int, path: Path) -> None:
    place = written(path, KEY, mode)

    assert refusal(place) == f'{place}: others may read the key; run: chmod 600 "{path}"'
    path.chmod(0o600)
    assert secret(place) == Secret(KEY)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "there is nothing in it; put the key there"),
        (b" \n\n", "there is nothing in it; put the key there"),
        (f"{KEY}\n{KEY}".encode(), "is no key, which is one line of text; name another file"),
        (KEY.encode() + b"\xff", "is no key, which is one line of text; name another file"),
        (KEY.encode() + b"\0", "is no key, which is one line of text; name another file"),
        (KEY.encode() * 999, "is no key, which is one line of text; name another file"),
    ],
)
def test_a_file_without_a_key_is_refused(path: Path, content: bytes, what: str) -> None:
    assert what in refusal(written(path, content))


def test_a_file_that_is_not_there_or_no_file_is_refused(path: Path) -> None:
    assert "there is no such file; put the key there" in refusal(f"file:{path}")
    assert "cannot be read: " in refusal(f"file:{path.parent}")


@NOT_ROOT
def test_a_file_that_may_not_be_read_is_refused(path: Path) -> None:
    assert "cannot be read: Permission denied; check" in refusal(written(path, KEY, 0o000))


def test_what_is_kept_in_a_file_is_found_there(path: Path) -> None:
    place = f"file:{path.parent / 'new' / 'folder' / 'zotero.key'}"
    for key in ("old", KEY):
        keep(place, Secret(f"{key}\n"))
        assert secret(place) == Secret(key)


@POSIX
def test_a_kept_file_is_for_its_owners_eyes_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        keep(f"file:{path.parent / 'new' / 'zotero.key'}", Secret(KEY))
        keep(written(path, "old", 0o644), Secret(KEY))
    finally:
        os.umask(before)

    made = path.parent / "new"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE((made / "zotero.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_holds_something_else_is_left_alone(path: Path) -> None:
    place = written(path, "[library]\nkind = 'zotero'\n")

    assert "the file is no key" in refusal(place, KEY)
    assert path.read_text().startswith("[library]")
    assert "cannot be written" in refusal(f"file:{path.parent}", KEY)


@POSIX
def test_a_link_to_where_the_keys_are_stays_one(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    keep(f"file:{link}", Secret(KEY))

    assert link.is_symlink()
    assert path.read_text() == f"{KEY}\n"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_that_cannot_be_written_stays_as_it_was(
    step: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    place = written(path, "old")
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)

    assert "cannot be written: No space left on device; name another place" in refusal(place, KEY)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_what_is_no_key_is_not_kept(path: Path) -> None:
    for value in ("", " \n", f"{KEY}\n{KEY}"):
        refusal(f"file:{path}", value)
    assert not path.exists()


# The system's keyring


class KeyringError(Exception):
    pass


class NoKeyringError(KeyringError, RuntimeError):
    pass


class KeyringLocked(KeyringError):
    pass


class Keyring(ModuleType):
    """The package as far as it is used, with a backend in memory."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def get_password(self, service_name: str, username: str) -> str | None:
        if self.failure:
            raise self.failure
        return self.kept.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        if self.failure:
            raise self.failure
        self.kept[service_name, username] = password


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    package, errors = Keyring(), ModuleType("keyring.errors")
    errors.__dict__.update(KeyringError=KeyringError, NoKeyringError=NoKeyringError)
    monkeypatch.setitem(sys.modules, "keyring", package)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return package


def test_the_keyring_holds_a_key(keyring: Keyring) -> None:
    keep("keyring:shelfwise/users/1", Secret(KEY))

    assert keyring.kept == {("shelfwise", "users/1"): KEY}
    assert secret("keyring:shelfwise/users/1") == Secret(KEY)


def test_a_keyring_without_the_entry_says_how_to_make_it(keyring: Keyring) -> None:
    assert 'keyring set "shelfwise" "zotero"' in refusal("keyring:shelfwise/zotero")
    keyring.kept["shelfwise", "zotero"] = ""
    assert "there is nothing in it" in refusal("keyring:shelfwise/zotero")


@pytest.mark.parametrize("value", [None, KEY])
def test_a_keyring_that_does_not_work_says_what_else_there_is(
    keyring: Keyring, value: str | None
) -> None:
    keyring.failure = NoKeyringError(f"no backend for {KEY}")
    text = refusal("keyring:shelfwise/zotero", value)
    assert "this system has no keyring that works; set one up, or keep the key at file:" in text

    keyring.failure = KeyringLocked(f"cannot open {KEY}")
    text = refusal("keyring:shelfwise/zotero", value)
    assert "the system's keyring refused (KeyringLocked); unlock it and try again, or" in text


@pytest.mark.parametrize("value", [None, KEY])
def test_without_the_package_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    text = refusal("keyring:shelfwise/zotero", value)
    assert "not installed; install it (pip install keyring), or keep the key at file:PATH" in text


@pytest.fixture
def real() -> Iterator[ModuleType]:
    package: ModuleType = pytest.importorskip("keyring", reason="the package is not installed")
    failing = pytest.importorskip("keyring.backends.fail")
    before = package.get_keyring()
    package.set_keyring(failing.Keyring())
    yield package
    package.set_keyring(before)


def test_the_real_package_without_a_keyring_is_told_the_same_way(real: ModuleType) -> None:
    assert real.get_keyring().name
    assert "no keyring that works" in refusal("keyring:shelfwise/zotero")
    assert "no keyring that works" in refusal("keyring:shelfwise/zotero", KEY)
