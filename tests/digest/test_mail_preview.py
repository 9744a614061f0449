from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.cli.digest import run_preview
from recommender.config.sections import MailTo
from recommender.errors import ConfigError
from recommender.testing.editions import edition_on

NOW = datetime(2024, 3, 5, tzinfo=UTC)
MAIL = MailTo(to=("ada@example.org", "bob@example.org"), provider="gmail", user="ada", key="env:X")


def test_the_plain_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_preview(edition_on(5), MAIL, NOW) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("3 papers for you - 5 March 2024\n")
    assert "\r" not in shown
    assert "<p" not in shown


def test_the_page_is_written_again_and_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "digest.html"
    for day in (5, 6):
        run_preview(edition_on(day), MAIL, NOW, file=file)
        page = file.read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert f"{day} March 2024" in page
    assert capsys.readouterr().out == ""
    assert [one.name for one in tmp_path.iterdir()] == ["digest.html"]


def test_a_file_that_is_no_preview_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "thesis.html"
    file.write_text("<!DOCTYPE html>\nmine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"thesis\.html: is no preview"):
        run_preview(edition_on(5), MAIL, NOW, file=file)
    assert file.read_text(encoding="utf-8") == "<!DOCTYPE html>\nmine"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        run_preview(edition_on(5), MAIL, NOW, file=tmp_path / "missing" / "digest.html")


def test_the_whole_message_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    run_preview(edition_on(5), MAIL, NOW, is_raw=True)
    shown = capsys.readouterr().out
    assert shown.startswith("From: Shelfwise <ada@example.org>\nTo: ada@example.org\n")
    assert "\r" not in shown
    with pytest.raises(ConfigError, match="--raw"):
        run_preview(edition_on(5), MAIL, NOW, is_raw=True, file=Path("digest.eml"))


def test_there_is_a_preview_before_there_is_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    run_preview(edition_on(5), MailTo(), NOW, is_raw=True)
    assert "\nTo: you@example.org\n" in capsys.readouterr().out


def test_settings_of_which_no_mail_could_be_sent_are_told() -> None:
    with pytest.raises(ConfigError, match=r"mail\.provider"):
        run_preview(edition_on(5), MailTo(provider="gmial"), NOW)
