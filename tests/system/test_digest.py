"""The digest by mail, from the config to what a real server takes."""

import email
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme

from recommender.config import DEFAULT
from tests.digest.mail_servers import PASSWORD, Postmaster, serving
from tests.system.own import Own, Run, answer


@pytest.fixture
def post() -> Postmaster:
    return Postmaster()


@pytest.fixture
def mailed(
    own: Own, post: Postmaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Own]:
    """A reader who gets a mail with each run, through a server whose certificate is good."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with serving(post, authority.issue_cert("127.0.0.1"), "tls") as server:
        own.settle(
            f'[mail]\nto = ["ada@example.org"]\nhost = "127.0.0.1"\nport = {server.port}\n'
            'user = "ada"\nkey = "env:MAIL_PASSWORD"',
            "[selection]\nlimit = 4",
            '[page]\naddress = "https://papers.example.org"',
        )
        yield own


def taken(post: Postmaster) -> list[EmailMessage]:
    return [email.message_from_bytes(one, policy=policy.default) for one in post.taken]


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content())


def test_a_run_sends_what_it_suggests_and_the_next_what_is_new(
    run: Run, mailed: Own, post: Postmaster
) -> None:
    titles = [one["title"] for one in suggested(run, mailed)]
    [mail] = taken(post)
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == f"{titles[0]} (and 3 more)"
    assert all(title in text(mail) for title in titles)
    assert "https://papers.example.org/answer/" in text(mail)
    assert "https://papers.example.org/stop?" in mail["List-Unsubscribe"]
    more = [one["title"] for one in suggested(run, mailed)]
    assert not set(more) & set(titles)
    assert more[0] in text(taken(post)[1])
    assert not any(title in text(taken(post)[1]) for title in titles)
    assert all(post.is_secret)


def suggested(run: Run, own: Own) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer(run("run", "--config", own.file, "--json"))["suggestions"]
    return found


def test_what_the_server_does_not_take_now_is_told_and_comes_with_the_next_run(
    run: Run, mailed: Own, post: Postmaster
) -> None:
    post.rcpt = "450 grey, come again"
    found = run("run", "--config", mailed.file)
    assert found.returncode == 75
    assert "does not take mail to ada@example.org now (450 grey, come again)" in found.stderr
    assert PASSWORD not in found.stdout + found.stderr
    post.rcpt = "250 OK"
    assert run("run", "--config", mailed.file).returncode == 0
    [mail] = taken(post)
    with mailed.store() as store:
        titles = {one.paper.title for one, _ in store.suggestions(DEFAULT)}
    assert all(title in text(mail) for title in titles)
    assert len(titles) == 8


def test_a_mail_that_may_have_arrived_comes_again_under_its_name(
    run: Run, mailed: Own, post: Postmaster
) -> None:
    post.data = ""
    assert run("run", "--config", mailed.file).returncode == 75
    post.data = "250 taken"
    assert run("run", "--config", mailed.file).returncode == 0
    first, again, second = taken(post)
    assert first.as_bytes() == again.as_bytes()
    assert first["Message-ID"] != second["Message-ID"]


def test_a_library_that_is_gone_is_told_once(run: Run, mailed: Own, post: Postmaster) -> None:
    # Runs so close to each other are tries of one.
    with mailed.file.open("a", encoding="utf-8") as file:
        file.write("[daemon]\nalarm_after_failures = 1\n")
    run("run", "--config", mailed.file)
    mailed.library.write_text("@article{", encoding="utf-8")
    codes = {run("run", "--config", mailed.file).returncode for _ in range(4)}
    assert codes == {1}
    _, alarm = taken(post)
    assert "1 run failed in a row" in alarm["Subject"]


def test_a_rehearsal_sends_nothing(run: Run, mailed: Own, post: Postmaster) -> None:
    assert run("run", "--dry-run", "--config", mailed.file).returncode == 0
    assert not post.taken


def test_a_test_says_whether_it_was_taken(run: Run, mailed: Own, post: Postmaster) -> None:
    found = run("digest", "test", "--config", mailed.file)
    assert found.returncode == 0
    assert found.stdout == "mail to ada@example.org: taken; look whether it arrives.\n"
    assert "This is a test" in taken(post)[0]["Subject"]
    post.password = "another"
    found = run("digest", "test", "--config", mailed.file)
    assert found.returncode == 1
    assert "refuses the login" in found.stderr


def test_without_anybody_to_tell_a_test_says_so(run: Run, own: Own) -> None:
    own.settle()
    found = run("digest", "test", "--config", own.file)
    assert found.returncode == 2
    assert "name somebody in mail.to or chat.to" in found.stderr


def test_a_preview_shows_what_was_suggested_last(
    run: Run, mailed: Own, post: Postmaster, tmp_path: Path
) -> None:
    titles = [one["title"] for one in suggested(run, mailed)]
    found = run("digest", "preview", "--config", mailed.file)
    assert found.returncode == 0
    assert all(title in found.stdout for title in titles)
    page = tmp_path / "preview.html"
    assert run("digest", "preview", page, "--config", mailed.file).returncode == 0
    assert titles[0] in page.read_text(encoding="utf-8")
    assert len(post.taken) == 1


def test_the_doctor_says_whether_mail_would_go_and_who_stopped_it(
    run: Run, mailed: Own, post: Postmaster
) -> None:
    run("run", "--config", mailed.file)
    found = run("doctor", "--config", mailed.file).stdout
    assert "mail to ada@example.org: would be sent the digest" in found
    post.password = "another"
    found = run("doctor", "--config", mailed.file).stdout
    assert "refuses the login" in found
    assert len(post.taken) == 1


def test_whoever_stopped_it_can_have_it_again(run: Run, mailed: Own, post: Postmaster) -> None:
    from datetime import UTC, datetime

    from recommender.cycle.telling import stop

    run("run", "--config", mailed.file)
    with mailed.store() as store:
        stop(store, DEFAULT, "mail to ada@example.org", datetime.now(UTC))
    assert run("run", "--config", mailed.file).returncode == 0
    assert len(post.taken) == 1
    assert "stopped it" in run("doctor", "--config", mailed.file).stdout
    assert run("digest", "start", "--config", mailed.file).returncode == 0
    run("run", "--config", mailed.file)
    assert len(post.taken) == 2
