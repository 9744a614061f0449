"""The page of the reader's interests, and what can be made of each there."""

from http import HTTPStatus

from starlette.responses import Response

from recommender.errors import ConfigError
from recommender.page import interests as making
from recommender.page.site import Asked, Site


def interests(site: Site, asked: Asked) -> Response:
    """The map, and all interests."""
    return _shown(site, asked, site.noted(asked.query.get("said", "")))


def interests_changed(site: Site, asked: Asked) -> Response:
    """Rename, weigh or forget an interest, and show what it is now."""
    site.permit(asked)
    settings = site.profile(asked)
    try:
        with site.opened() as store:
            said = making.changed(settings, store, site.now(), asked.form)
    except ConfigError as error:
        response = _shown(site, asked, f"Nothing was changed: {error}.")
        response.status_code = HTTPStatus.BAD_REQUEST
        return response
    told = asked.form
    number = told.get("number", "")
    place = f"#interest-{number}" if number.isdecimal() and number.isascii() else ""
    where = asked.at(
        "/interests", profile=told.get("profile", ""), said=site.note(said), number=number
    )
    return site.back(where + place)


def _shown(site: Site, asked: Asked, said: str) -> Response:
    settings = site.profile(asked)
    with site.opened() as store:
        drawn, is_due = making.view(settings, store, site.now())
    number = asked.query.get("number") or asked.form.get("number", "")
    # It is said where the reader pressed, if that is there still.
    beside = drawn and any(str(one.number) == number for one in drawn.interests)
    told = {"map": drawn, "is_due": is_due, "said": said, "beside": number if beside else ""}
    return site.page(asked, "interests", settings, **told)
