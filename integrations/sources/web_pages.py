"""A source that is an address: whatever is read from files, a feed above all, on the web."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from urllib.parse import parse_qsl

import httpx2

from integrations.files.contents import decoded
from integrations.files.formats import EMPTY, HEAD, described
from integrations.pages.formats import recognised
from integrations.sources import arxiv
from integrations.sources.files import READABLE
from integrations.web.client import Answer, Web
from integrations.web.destinations import is_address
from integrations.web.turns import Pace
from recommender.errors import BadResponse, ConfigError, TransientError
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Access

EVERY = timedelta(seconds=1)
"""From one request to the next, to all addresses of a host together."""


def manners(address: str) -> Pace:
    """How the host of an address is asked; for people the service is called by its host.

    All of arXiv's hosts together have one pace, whoever asks them.

    Raises:
        ConfigError: If this is no address of http or https.
    """
    if not is_address(address):
        raise ConfigError(
            "a source on the web needs an address of http or https without a password, "
            "such as https://example.org/feed.xml; correct its place"
        )
    host = httpx2.URL(address).host
    return arxiv.PACE if f".{host}".endswith(".arxiv.org") else Pace(host, every=EVERY)


class WebPage:
    """What one address serves: a feed, or papers in any format that files may have.

    It is one page, dated as a feed dates itself. A feed grows and forgets as it likes, so the page
    comes each time, and is read only if it is another one than before. A request contains the
    address, what the server said last time of the page's version, and the contact.

    Args:
        place: An address of http or https.
        access: No key is sent; what a page wants to know is in its address.
        web: What asks the host.

    Raises:
        ConfigError: If the place is no address.
    """

    def __init__(self, place: str, access: Access, *, web: Web | None = None) -> None:
        self._address = place.strip()
        pace = manners(self._address)
        self._web = web or Web(pace, contact=access.contact)
        url = httpx2.URL(self._address)
        path, _, self._query = url.raw_path.decode("ascii").partition("?")
        self._page = f"{url.netloc.decode('ascii')}{path}".removesuffix("/")

    @property
    def name(self) -> str:
        """The host and the path, and what tells its query from others.

        The query itself is not shown, since it may hold a secret.
        """
        return self._page + (f" {_digest(self._query.encode(), 3)}" if self._query else "")

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The one page, whatever its date, after one request.

        Raises:
            TransientError: If it cannot be had now.
            BadResponse: If it is no listing that can be read.
        """
        del since
        mark = known.get(self._page, "")
        answer = self._web.get(self._address, headers=_WANTED, known=mark)
        if answer.unchanged:
            yield self._unchanged(mark, 0)
            return
        content = answer.content
        new = _mark(answer)
        # Many servers know no versions, or make a new one at each asking.
        if _content_of(new) == _content_of(mark):
            yield self._unchanged(new, len(content))
            return
        yield replace(self._read(answer), mark=new, n_bytes=len(content))

    def _unchanged(self, mark: str, n_bytes: int) -> Listing:
        return Listing(
            source=self.name,
            name=self._page,
            papers=(),
            mark=mark,
            unchanged=True,
            n_bytes=n_bytes,
        )

    def _secrets(self) -> Iterator[str]:
        return (value for _, value in parse_qsl(self._query) if len(value) > _NO_SECRET)

    def _read(self, answer: Answer) -> Listing:
        form = recognised(answer.content)
        if form is None:
            raise self._refusal(answer)
        try:
            return form.read(answer.content, source=self.name, name=self._page)
        except BadResponse as error:
            # The format knows what is wrong, and not where.
            raise BadResponse(self._page, f"{self._page}: {error}") from error

    def _refusal(self, answer: Answer) -> BadResponse | TransientError:
        head = answer.content[:HEAD]
        looks = described(head)
        if looks == EMPTY:
            message = f"{self._page} answered with nothing; nothing is lost, try again later"
            return TransientError(self._page, message)
        if looks != "a web page":
            what = f"no listing that Shelfwise can read ({READABLE}); it looks like {looks}"
            return BadResponse(self._page, f"{self._page}: {what}")
        feed = feed_of(decoded(head), answer.address)
        # A page may quote the address at which it was asked for, with whatever is secret in it.
        if feed and not any(value in feed for value in self._secrets()):
            wanted = f"give the address of its feed, {feed}"
        else:
            wanted = "give the address of its feed, if it has one"
        return BadResponse(self._page, f"{self._page} is a web page; {wanted}")


def feed_of(page: str, address: str) -> str:
    """The address of the feed that a web page names as its own; empty where it names none.

    Args:
        page: HTML, or how it begins.
        address: Of the page.
    """
    for link in _LINK.finditer(page):
        said = {
            name.lower(): html.unescape(a or b or c) for name, a, b, c in _SAID.findall(link[1])
        }
        if "alternate" not in said.get("rel", "").lower() or not _FEED.match(said.get("type", "")):
            continue
        try:
            feed = str(httpx2.URL(address).join(said.get("href", "").strip()))
        except (httpx2.InvalidURL, ValueError):
            continue
        if is_address(feed) and len(feed) <= _LONGEST_SHOWN:
            return feed
    return ""


def _mark(answer: Answer) -> str:
    """What the server says of the page's version, and what its content is."""
    said = json.loads(answer.mark) if answer.mark else {}
    return json.dumps({**said, _CONTENT: _digest(answer.content, 16)})


def _content_of(mark: str) -> object:
    try:
        return json.loads(mark)[_CONTENT]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _digest(content: bytes, n_bytes: int) -> str:
    return blake2b(content, digest_size=n_bytes).hexdigest()


# Some servers give a feed to those only who say that they take one.
_WANTED = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.8"}
_CONTENT = "content"
_LONGEST_SHOWN = 200  # characters
_NO_SECRET = 4  # characters, at the most
_LINK = re.compile(r"<link\b([^<>]{1,2000})>", re.I)
_SAID = re.compile(r"\b(rel|type|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_FEED = re.compile(r"\s*application/(?:rss|atom|rdf)\+xml", re.I)
