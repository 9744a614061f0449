"""OAI-PMH's way to list records: one answer after the other, errors inside good answers.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from integrations.files.contents import decoded
from integrations.files.safe_xml import element
from integrations.web.answers import trouble
from integrations.web.client import Web
from recommender.errors import BadResponse, TransientError


@dataclass(frozen=True, slots=True)
class Part:
    """One answer's share of a list.

    Attributes:
        records: Elements named ``record``, in the order of the answer; of deleted ones, too.
        n_bytes: How many bytes the answer had.
    """

    records: tuple[Element, ...]
    n_bytes: int


def records(web: Web, address: str, params: Mapping[str, str]) -> Iterator[Part]:
    """The records of a list, answer by answer; none at all where the repository says so.

    Args:
        web: What asks the repository, and names it in errors.
        address: Of the repository.
        params: What the first request asks, ``verb`` included, such as ``{"verb": "ListRecords",
            "metadataPrefix": "oai_dc", "from": "2026-03-02"}``.

    Raises:
        TransientError: If the repository has lost track of the list, so that it has to be asked
            for from its beginning.
        BadResponse: If it does not take the question, or answers with something else.
    """
    asked = dict(params)
    tokens: set[str] = set()
    before: list[str | None] = []
    n_repeats = 0
    while True:
        answer = web.get(address, asked, accepts=_WITH_ERROR)
        root = _root(answer.content, web.service)
        if root is None or root.tag.rpartition("}")[2] != "OAI-PMH":
            if answer.status in _WITH_ERROR:
                raise trouble(web.service, answer.status, answer.headers)
            message = f"{web.service} answered with something else than OAI-PMH; check its address"
            raise BadResponse(web.service, message)
        if not _has_records(root, web.service):
            return
        part = Part(tuple(root.iterfind("{*}ListRecords/{*}record")), len(answer.content))
        ids = [record.findtext("{*}header/{*}identifier") for record in part.records]
        n_repeats = n_repeats + 1 if ids and ids == before else 0
        if n_repeats > _MOST_REPEATS:
            raise _circling(web.service)
        before = ids
        yield part
        token = (root.findtext("{*}ListRecords/{*}resumptionToken") or "").strip()
        if not token:
            return
        if token in tokens:
            raise _circling(web.service)
        tokens.add(token)
        asked = {"verb": params["verb"], "resumptionToken": token}


def _circling(service: str) -> BadResponse:
    message = f"{service} goes round in circles in its list; nothing is lost, try again later"
    return BadResponse(service, message)


def _root(content: bytes, service: str) -> Element | None:
    try:
        return element(decoded(content), service)
    except ParseError:
        return None


def _has_records(root: Element, service: str) -> bool:
    """Whether there is a list, rather than the word that nothing matches.

    Raises:
        TransientError: If the list has to be asked for from its beginning.
        BadResponse: If there is another error, or neither a list nor an error.
    """
    codes = {error.get("code", "") for error in root.iterfind("{*}error")}
    if "badResumptionToken" in codes:
        message = f"{service} has lost its place in a long list; nothing is lost, run again"
        raise TransientError(service, message)
    if wrong := codes - {"noRecordsMatch"}:
        what = next((said for code, said in _WRONG.items() if code in wrong), _WRONG_ANYHOW)
        raise BadResponse(service, f"{service} {what}")
    if not codes and root.find("{*}ListRecords") is None:
        message = f"{service} answered without a list; nothing is lost, try again later"
        raise BadResponse(service, message)
    return not codes


# Zenodo, for one, sends its errors with a status of their own.
_WITH_ERROR = frozenset({400, 404, 422})
_WRONG: Mapping[str, str] = {
    "cannotDisseminateFormat": "does not have its records in the format; choose another one",
    "noSetHierarchy": "has no sets; leave the set out",
    "badArgument": "does not take the question; check the set and the format",
}
_WRONG_ANYHOW = "does not take the question; check its address"
_MOST_REPEATS = 1  # once may be an accident
