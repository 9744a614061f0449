"""What changes something: the reader's answers, and that a channel is to stop."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from recommender.cycle import telling
from recommender.page import rendering, tokens
from recommender.page.answering import VERDICTS, answer
from recommender.page.looking import paper
from recommender.page.site import Asked, Site
from recommender.store import Store
from recommender.suggestions import Shown
from recommender.wording import visible

_BROKEN = "This link is not whole. Answer on the page itself, or take the link from the mail again."


def answered(site: Site, asked: Asked) -> Response:
    """Write down an answer, and show what it answers."""
    site.permit(asked)
    said = asked.form.get("answer", "")
    if said not in VERDICTS:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "An answer is good, bad or undo.")
    with site.opened() as store:
        return _written(site, store, asked, said)


def answering(site: Site, asked: Asked) -> Response:
    """The page behind a link of a mail: an answer that only has to be sent."""
    token = asked.query.get("token", "")
    with site.opened() as store:
        said = _signed(store, asked, token)
        _, shown = _found(site, store, asked)
    return site.page(asked, "answer", paper=paper(shown), verdict=said, signature=token)


def answered_by_link(site: Site, asked: Asked) -> Response:
    """Write down the answer that a link is for; its own signature is good for nothing else."""
    with site.opened() as store:
        said = _signed(store, asked, asked.form.get("token", ""))
        return _written(site, store, asked, said)


def _signed(store: Store, asked: Asked, token: str) -> str:
    """The answer that an address names, where a token is its signature."""
    key, said = asked.named["suggestion"], asked.named["said"]
    if not tokens.verified(token, tokens.secret(store), "answer", key, said):
        raise HTTPException(HTTPStatus.FORBIDDEN, _BROKEN)
    return said


def _found(site: Site, store: Store, asked: Asked) -> tuple[str, Shown]:
    """The suggestion that an address names, and the profile of this page that has it."""
    found = store.one_shown(asked.named["suggestion"])
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "No suggestion is called this.")
    site.named(found[0])
    return found


def _written(site: Site, store: Store, asked: Asked, said: str) -> Response:
    whose, shown = _found(site, store, asked)
    answer(store, shown, said, site.now())
    key = shown.suggestion.suggestion_id
    where = "/" if asked.form.get("from") == "today" else f"/suggestions/{key}"
    several = len(site.profiles) > 1
    place = f"#{rendering.anchor(key)}-said"
    return site.back(asked.at(where, profile=whose if several else "") + place)


def stopping(site: Site, asked: Asked) -> Response:
    """The page that asks whether a channel is to stop, and tells whether it has."""
    profile, channel = _channel(asked)
    with site.opened() as store:
        _verify(asked, tokens.secret(store), profile, channel)
        is_stopped = telling.is_stopped(store, profile, channel)
    return site.page(
        asked, "stop", channel=visible(channel), is_stopped=is_stopped, whole=_whole(asked)
    )


def stopped(site: Site, asked: Asked) -> Response:
    """Stop a channel, or start it again; the link's own signature is enough (RFC 8058).

    A mail service, whose form is not ours, is answered at once: section 3.1 forbids a redirect.
    """
    profile, channel = _channel(asked)
    with site.opened() as store:
        _verify(asked, tokens.secret(store), profile, channel)
        if asked.form.get("answer") == "again":
            telling.start_again(store, profile, channel)
        else:
            telling.stop(store, profile, channel, site.now())
    return site.back(_whole(asked)) if "answer" in asked.form else stopping(site, asked)


def _channel(asked: Asked) -> tuple[str, str]:
    return asked.query.get("profile", ""), asked.query.get("channel", "")


def _verify(asked: Asked, secret: bytes, profile: str, channel: str) -> None:
    if not tokens.verified(asked.query.get("token", ""), secret, "stop", profile, channel):
        raise HTTPException(HTTPStatus.FORBIDDEN, _BROKEN)


def _whole(asked: Asked) -> str:
    """The address that was asked for, as it was signed."""
    return asked.at(
        "/stop", **{name: asked.query.get(name, "") for name in ("profile", "channel", "token")}
    )
