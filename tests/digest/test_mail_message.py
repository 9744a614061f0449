"""What a mail says, in its headers and to whom reads plain text."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import example, given

from integrations.digest.lines import line
from integrations.digest.mail_message import message
from recommender.editions import Edition
from recommender.identifiers import PaperId
from recommender.papers import Paper
from recommender.testing.editions import HOSTILE, edition_of, edition_on, hostile_editions

SENDER, READER = "ada@example.org", "reader@example.com"
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted",
    "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
}  # fmt: skip


def sent(edition: Edition, sender: str = SENDER, reader: str = READER) -> EmailMessage:
    return read(message(edition, sender, reader).as_bytes())


def read(content: bytes) -> EmailMessage:
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def plain(edition: Edition) -> str:
    part = sent(edition).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def with_paper(**changes: object) -> Edition:
    edition = edition_on(5, n_told=1)
    [told] = edition.told
    paper: Paper = replace(told.suggestion.paper, **changes)  # type: ignore[arg-type]
    return replace(edition, told=(replace(told, suggestion=replace(told.suggestion, paper=paper)),))


def test_it_says_from_whom_to_whom_and_that_nobody_wrote_it() -> None:
    mail = sent(edition_on(5))
    assert mail["From"] == "Shelfwise <ada@example.org>"
    assert mail["To"] == READER
    assert mail["Subject"] == "Waggle dances, part 1a (and 2 more)"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Shelfwise <default.shelfwise.example.org>"
    assert parsedate_to_datetime(mail["Date"]) == edition_on(5).at


def test_its_date_is_in_the_readers_time_zone() -> None:
    at = datetime(2024, 3, 5, 7, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert sent(replace(edition_on(5), at=at))["Date"] == "Tue, 05 Mar 2024 07:30:00 +0530"


def test_a_mail_has_one_name_for_each_profile_edition_and_reader() -> None:
    one = edition_on(5)
    others = [replace(one, profile="other"), replace(one, edition_id="default/2024-03-05/2")]
    names = [sent(edition)["Message-ID"] for edition in (one, *others)]
    names.append(sent(one, reader="other@example.com")["Message-ID"])
    assert len(set(names)) == 4
    assert all(name.startswith("<") and name.endswith("@example.org>") for name in names)
    assert sent(replace(one, told=(), looked="otherwise"))["Message-ID"] == names[0]


def test_it_can_be_unsubscribed_by_mail_and_with_one_click_where_a_page_takes_it() -> None:
    mail = sent(edition_on(5))
    by_mail = "<mailto:ada@example.org?subject=unsubscribe>"
    assert mail["List-Unsubscribe"] == f"<{edition_on(5).stop}>, {by_mail}"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    mail = sent(replace(edition_on(5), stop=""))
    assert mail["List-Unsubscribe"] == by_mail
    assert mail["List-Unsubscribe-Post"] is None


def test_one_click_is_promised_for_https_alone() -> None:
    mail = sent(replace(edition_on(5), stop="http://192.168.1.2:8765/stop"))
    assert mail["List-Unsubscribe"].strip().startswith("<http://192.168.1.2:8765/stop>, <mailto:")
    assert mail["List-Unsubscribe-Post"] is None


def test_long_addresses_stay_whole() -> None:
    stop = f"https://example.org/{'stop/' * 150}"
    sender = f"{'a' * 60}+b@{'sub.' * 45}example.org"
    mail = sent(replace(edition_on(5), stop=stop), sender, sender)
    assert mail["List-Unsubscribe"].startswith(f"<{stop}>, <mailto:{'a' * 60}%2Bb@sub.")
    assert mail["From"].addresses[0].addr_spec == sender
    assert mail["To"].addresses[0].addr_spec == sender
    assert mail["Message-ID"].endswith(f"@{sender.partition('@')[2]}>")
    assert "List-Unsubscribe-Post" not in sent(replace(edition_on(5), stop=stop * 2))


def test_each_suggestion_is_told_with_all_that_there_is() -> None:
    text = plain(edition_on(5, n_told=1))
    assert text.startswith("1 paper for you - 5 March 2024\n")
    for told in (
        "1. Waggle dances, part 1a\n   Ada Ode, The Hive Group\n   Journal of Bees, 5 March 2024\n",
        "   For your interest in Bees\n   About bees and their dances\n",
        "by dancing. (Summary written by a-model, a language model.)\n",
        "   Abstract: https://doi.org/10.1000/waggle.1\n",
        "   Open in Zotero: zotero://select/library/items/AAAA2221\n",
        "   More like this: https://shelfwise.example.org/say/1/good\n",
        "   Not for me: https://shelfwise.example.org/say/1/bad\n",
        "Looked at 120 papers on 3 pages, of which 80 were new.\n",
        "All suggestions: https://shelfwise.example.org/\n",
        "No more of these mails: https://shelfwise.example.org/stop?token=abc\n",
    ):
        assert text.count(told) == 1, told
    assert plain(edition_on(5)).count("language model") == 1


def test_what_there_is_not_is_not_told() -> None:
    edition = edition_on(5, n_told=1)
    bare = replace(edition.told[0], gist="", gist_by="a-model", good="", bad="", own="")
    text = plain(replace(edition, told=(bare,), looked="", page="", stop=""))
    for untold in ("language model", "More like", "Not for me", "Open in", "All suggestions"):
        assert untold not in text
    assert 'empty "to" in the section [mail]' in text
    assert plain(with_paper(authors=(), venue="", published="")).count("\n\n\n\n") == 0


@pytest.mark.parametrize(
    ("published", "told"),
    [("2024-03-05", "5 March 2024"), ("2024-12", "December 2024"), ("2024", "2024"), ("", "")],
)
def test_a_date_is_told_as_far_as_it_is_known(published: str, told: str) -> None:
    place = f"Journal of Bees, {told}" if told else "Journal of Bees"
    assert f"   {place}\n" in plain(with_paper(published=published))


@pytest.mark.parametrize(
    ("ids", "url", "links"),
    [
        (
            "arxiv:2403.01234",
            "",
            ["Abstract: https://arxiv.org/abs/2403.01234", "PDF: https://arxiv.org/pdf/2403.01234"],
        ),
        ("", "https://example.org/a.PDF?x=1", ["PDF: https://example.org/a.PDF?x=1"]),
        (
            "doi:10.1000/one",
            "https://example.org/a.pdf",
            ["Abstract: https://doi.org/10.1000/one", "PDF: https://example.org/a.pdf"],
        ),
        ("", "https://example.org/pdf/a", ["Abstract: https://example.org/pdf/a"]),
        ("", "javascript:alert(1)//.pdf", []),
    ],
)
def test_the_links_are_the_abstract_and_the_pdf(ids: str, url: str, links: list[str]) -> None:
    found = (PaperId.parse(ids),) if ids else ()
    text = plain(with_paper(ids=found, url=url))
    told = [row.strip() for row in text.splitlines() if row.startswith(("   Abst", "   PDF"))]
    assert told == links


def test_code_and_project_page_are_linked_too() -> None:
    text = plain(with_paper(code="https://example.org/c", website="https://example.org/w"))
    assert ": https://example.org/c\n" in text
    assert ": https://example.org/w\n" in text


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("zotero://select/library/items/ABCD2345", "Open in Zotero: zotero://"),
        ("zotero://select/groups/12/items/ABCD2345", "Open in Zotero: zotero://"),
        ("https://www.zotero.org/ada/items/ABCD2345", "Open in your library: https://"),
        ('zotero://select/"><script>', ""),
        ("javascript://example.org/%0aalert(1)", ""),
    ],
)
def test_its_item_is_opened_by_safe_addresses_alone(own: str, told: str) -> None:
    edition = edition_on(5, n_told=1)
    text = plain(replace(edition, told=(replace(edition.told[0], own=own),)))
    assert told in text
    assert ("Open in" in text) is bool(told)


def test_a_quiet_day_says_why_and_a_gap_from_when_on() -> None:
    quiet = replace(edition_on(5, n_told=0), quiet="Nothing to suggest: no paper is new to you.")
    assert plain(quiet).startswith("Nothing new for you - 5 March 2024\n\nNothing to suggest: no")
    gap = replace(edition_on(5), since=date(2024, 2, 3))
    assert "This edition covers the days since 3 February 2024.\n" in plain(gap)


def test_alarms_are_told_first() -> None:
    alarmed = replace(edition_on(5, n_told=0), alarms=("The key is refused.", "The disk is full."))
    text = plain(alarmed)
    assert text.startswith("Please have a look - 5 March 2024\n\n! The key is refused.\n\n! The d")
    assert sent(alarmed)["Subject"] == "The key is refused. (and 1 more)"


def test_a_long_title_is_cut_behind_a_word_and_tells_how_many_there_are() -> None:
    subject = sent(with_paper(title="Waggle " * 100))["Subject"]
    assert subject == f"{'Waggle ' * 16}Waggle…"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("as it is", "as it is"),
        ("one two three", "one two three"),
        ("one two, three four", "one two…"),
        ("a" * 20, "a" * 12 + "…"),
        ("a " + "b" * 20, "a " + "b" * 10 + "…"),
        ("\u202eone\u202c\n two\u200b\x00\ud800", "one two"),
        ("", ""),
    ],
)
def test_a_line_is_short_plain_and_whole(text: str, told: str) -> None:
    assert line(text, 13) == told


@given(hostile_editions())
@example(edition_of(HOSTILE[7]))
@example(edition_of("=?utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?="))
@example(edition_of("https://example.org/?a=?utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?="))
def test_no_text_adds_a_header_or_a_line_that_is_too_long(edition: Edition) -> None:
    content = message(edition, SENDER, READER).as_bytes()
    assert content.isascii()
    rows = content.split(b"\r\n")
    assert max(map(len, rows)) <= 998
    assert not any(b"\n" in row or b"\r" in row for row in rows)
    mail = read(content)
    assert set(mail.keys()) <= HEADERS
    assert len(set(mail.keys())) == len(mail.keys())
    assert mail["To"] == READER
    assert mail["From"] == "Shelfwise <ada@example.org>"
    assert not mail.defects
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    subject = str(mail["Subject"])
    assert subject.strip()
    assert len(subject) <= 121
    assert len(subject.splitlines()) == 1


@given(hostile_editions())
def test_the_subject_comes_as_it_was_written(edition: Edition) -> None:
    written = line(edition.subject.replace("=?", "= ?"), 120) or "Shelfwise"
    assert str(sent(edition)["Subject"]).split() == written.split()
