"""An edition as a message of mail: plain text, and HTML that loads nothing. Pure.

RFC 5322 (messages), RFC 2369 and RFC 8058 (unsubscribing), RFC 2919 (lists), RFC 3834 (automatic).
"""

import hashlib
import re
from calendar import month_name
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from integrations.digest.lines import line
from recommender import wording
from recommender.editions import Edition, Told
from recommender.identifiers import Scheme
from recommender.papers import Paper


def message(edition: Edition, sender: str, recipient: str) -> EmailMessage:
    """The mail that tells an edition; of the same edition always the same, to the last byte.

    Args:
        edition: Anything can be in its texts.
        sender: An address in ASCII.
        recipient: An address in ASCII.

    Returns:
        A message whose lines are ASCII and have 998 bytes at the most.
    """
    made = EmailMessage(_POLICY)
    parts = repr((edition.profile, recipient, edition.edition_id))
    mark = hashlib.sha256(parts.encode("utf-8", "backslashreplace")).hexdigest()[:32]
    for name, value in _headers(edition, sender, recipient, mark):
        made[name] = value
    words = _words(edition)
    for subtype, template in (("plain", "mail.txt.j2"), ("html", "mail.html.j2")):
        add = made.set_content if subtype == "plain" else made.add_alternative
        add(_template(template).render(words), subtype, cte="quoted-printable")
    # No line of quoted-printable can hold it.
    made.set_boundary(f"=_{mark}")
    return made


def _headers(edition: Edition, sender: str, recipient: str, mark: str) -> list[tuple[str, Any]]:
    domain = sender.rpartition("@")[2]
    stop = wording.address(edition.stop)
    ways = [f"<mailto:{quote(sender, safe='@')}?subject=unsubscribe>"]
    headers = [
        ("From", Address("Shelfwise", addr_spec=sender)),
        ("To", Address(addr_spec=recipient)),
        ("Subject", _subject(edition)),
        ("Date", edition.at),
        ("Message-ID", f"<{mark}@{domain}>"),
        ("List-Id", f"Shelfwise <{_label(edition.profile)}.shelfwise.{domain}>"),
        ("Auto-Submitted", "auto-generated"),
    ]
    # An encoded word (RFC 2047) would be decoded, whatever is in it; ours has none.
    if stop and "=?" not in stop and len(stop) <= _LONGEST_HEADER:
        ways.insert(0, f"<{stop}>")
        if stop.startswith("https://"):  # RFC 8058 has it for these alone
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return [*headers, ("List-Unsubscribe", ", ".join(ways))]


def _subject(edition: Edition) -> str:
    # What looks like an encoded word (RFC 2047) in a title would be decoded.
    return line(edition.subject.replace("=?", "= ?"), 120) or "Shelfwise"


def _label(profile: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", profile).strip("-")[:30] or "default"


@lru_cache(maxsize=2)
def _template(name: str) -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _words(edition: Edition) -> dict[str, object]:
    since = edition.since
    return {
        "heading": edition.heading,
        "day": _day(edition.at.date().isoformat()),
        "profile": line(edition.profile, 60),
        "since": _day(since.isoformat()) if since else "",
        "alarms": [line(alarm, 400) for alarm in edition.alarms],
        "quiet": line(edition.quiet, 400),
        "told": [_told(one) for one in edition.told],
        "looked": line(edition.looked, 300),
        "page": wording.address(edition.page),
        "stop": wording.address(edition.stop),
    }


def _told(told: Told) -> dict[str, object]:
    suggestion, paper = told.suggestion, told.suggestion.paper
    gist = line(told.gist, 600)
    where = (line(paper.venue, 150), _day(paper.published))
    return {
        "title": line(paper.title, 300) or "Untitled",
        "link": wording.link(paper),
        "authors": line(wording.few(paper.authors), 300),
        "where": ", ".join(filter(None, where)),
        "purpose": line(wording.purpose(suggestion), 200),
        "why": _sentence(line(suggestion.headline, 400)),
        "gist": gist,
        "gist_by": line(told.gist_by, 80) if gist else "",
        "links": [*_links(paper), *_own(told.own)],
        "good": wording.address(told.good),
        "bad": wording.address(told.bad),
    }


def _links(paper: Paper) -> list[tuple[str, str]]:
    """What a paper has on the web: what it is, and its address."""
    urls = (paper.url, *(paper_id.url for paper_id in paper.ids))
    found = [at for url in urls if (at := wording.address(url))]
    pages = [("Abstract", at) for at in found if not _is_pdf(at)]
    files = [("PDF", at) for at in found if _is_pdf(at)]
    if not files and (arxiv := paper.id(Scheme.ARXIV)):
        files = [("PDF", f"https://arxiv.org/pdf/{arxiv.value}")]
    return [*pages[:1], *files[:1], *wording.beside(paper)]


def _is_pdf(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(".pdf")


def _own(url: str) -> list[tuple[str, str]]:
    """What opens its item; a reference manager's own addresses are none of the web."""
    if re.fullmatch(r"zotero://[\w/?=&.-]+", url, re.ASCII):
        return [("Open in Zotero", url)]
    at = wording.address(url)
    return [("Open in your library", at)] if at else []


def _day(published: str) -> str:
    """``5 March 2024`` for ``2024-03-05``, and as much of it as there is."""
    year, _, rest = published.partition("-")
    month, _, day = rest.partition("-")
    parts = (day.lstrip("0"), month_name[int(month)] if month else "", year)
    return " ".join(filter(None, parts))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


class _Subject(UniqueUnstructuredHeader):
    """A subject that is encoded as a whole: Python 3.11 loses spaces between encoded words."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent."""
        text = str(self)
        charset = "us-ascii" if text.isascii() else "utf-8"
        folded = Header(text, charset, header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {folded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type]  # as the library's own are
_POLICY = SMTP.clone(header_factory=_HEADERS)
_LONGEST_HEADER = 800  # characters, so that a line never has more than 998 (RFC 5322, 2.1.1)
