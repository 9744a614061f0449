"""The page as a whole: which path shows what."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from recommender.errors import ConfigError, RecommenderError
from recommender.page import changing, feeding, looking, rendering, replayed
from recommender.page.guarding import Guard, Names
from recommender.page.interesting import interests, interests_changed
from recommender.page.site import Asked, Site

_View = Callable[[Site, Asked], Response]
_Endpoint = Callable[[Request], Awaitable[Response]]
_FIELDS = 50  # of a form or a query
_FORM = "application/x-www-form-urlencoded"

_SHOWS: Mapping[str, _View] = {
    "/": looking.today,
    "/archive": looking.archive,
    "/suggestions/{suggestion}": looking.one,
    "/answer/{suggestion}/{said}": changing.answering,
    "/stop": changing.stopping,
    "/sources": looking.sources,
    "/runs": looking.past,
    "/evaluation": replayed.evaluation,
    "/interests": interests,
    "/feed.atom": feeding.atom,
    "/feed.json": feeding.json_feed,
}
_CHANGES: Mapping[str, _View] = {
    "/suggestions/{suggestion}/answer": changing.answered,
    "/answer/{suggestion}/{said}": changing.answered_by_link,
    "/stop": changing.stopped,
    "/interests": interests_changed,
}
_FILES = {
    "style.css": "text/css",
    "interests.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def application(site: Site, names: Names) -> ASGIApp:
    """The page, to be served.

    Args:
        site: What it tells of.
        names: Under which names it answers.
    """
    routes = [
        *(Route(path, _endpoint(site, view), methods=["GET"]) for path, view in _SHOWS.items()),
        *(Route(path, _endpoint(site, view), methods=["POST"]) for path, view in _CHANGES.items()),
        *(Route(f"/{name}", _file(name, kind)) for name, kind in _FILES.items()),
        Route("/healthz", _endpoint(site, _health)),
    ]

    def refusal(scope: Scope, status: int, text: str) -> Response:
        return site.problem(_place(Request(scope)), status, text)

    async def told(request: Request, error: Exception) -> Response:
        status, text = _meaning(error)
        response = site.problem(_place(request), status, text)
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        return response

    page = Starlette(
        routes=routes,
        exception_handlers={HTTPException: told, RecommenderError: told, Exception: told},
    )
    page.router.redirect_slashes = False
    return Guard(page, names, refusal)


def _endpoint(site: Site, view: _View) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        asked = _asked(request, await request.body())
        # A store belongs to its thread, and may have to be waited for.
        return await run_in_threadpool(view, site, asked)

    return endpoint


def _place(request: Request) -> Asked:
    """Where something is asked for, whatever that is."""
    path, base = request.scope["path"], request.scope["root_path"]
    if path == base or path.startswith(f"{base}/"):
        path = path.removeprefix(base)
    return Asked(path=path or "/", address=request.state.address)


def _asked(request: Request, content: bytes) -> Asked:
    """What is asked for.

    Raises:
        HTTPException: If it says more than anything here wants to know.
    """
    place = _place(request)
    return replace(
        place,
        named=request.path_params,
        query=_fields(request.scope["query_string"]),
        form=_form(request, place.path, content) if request.method == "POST" else {},
    )


def _form(request: Request, path: str, content: bytes) -> Mapping[str, str]:
    """What a form says.

    Raises:
        HTTPException: If it is none of ours.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Mail services may send their one click so (RFC 8058, section 3). That it came is enough.
    if kind == "multipart/form-data" and path == "/stop":
        return {}
    if kind != _FORM:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Nothing was changed: no form here is of this kind. Use the page's own buttons.",
        )
    return _fields(content)


def _fields(content: bytes) -> Mapping[str, str]:
    try:
        found = parse_qsl(content.decode("utf-8", "replace"), max_num_fields=_FIELDS)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "This says too much at once.") from None
    return dict(found)


def _file(name: str, kind: str) -> _Endpoint:
    async def endpoint(_: Request) -> Response:
        return Response(rendering.file(name), media_type=kind)

    return endpoint


def _health(site: Site, _: Asked) -> Response:
    with site.opened() as store:
        store.standing()
    return PlainTextResponse("well\n")


def _meaning(error: Exception) -> tuple[int, str]:
    """The status of what went wrong, and what a person is told."""
    if isinstance(error, HTTPException):
        return error.status_code, _PLAIN.get((error.status_code, error.detail), error.detail)
    if isinstance(error, ConfigError):
        return HTTPStatus.BAD_REQUEST, f"{error}."
    if isinstance(error, RecommenderError):
        return HTTPStatus.SERVICE_UNAVAILABLE, f"{error}."
    return (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This is a mistake of the program's. What it was stands where the page was started.",
    )


# What Starlette says by itself, in its words and in ours.
_PLAIN = {
    (404, "Not Found"): "There is no such page here.",
    (
        405,
        "Method Not Allowed",
    ): "This cannot be done here; go back, and use the page's own buttons.",
}
