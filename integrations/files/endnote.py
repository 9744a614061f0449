"""EndNote's fields and types of reference, whichever of its formats they were written in. Pure.

A field has the name that EndNote's XML gives it. docs.endnote.com lists the fields of each type of
reference, under "Reference Types".
"""

import re
from collections.abc import Iterator

from integrations.files.records import Genres, Record, place, tags
from integrations.files.tagged import Fields, each, every, first
from recommender.identifiers import PaperId, Scheme, attempt
from recommender.papers import Kind, authors_of, date_in


def record(fields: Fields, where: str) -> Record:
    """The record that the fields are.

    Args:
        fields: What the file holds, by the field's name; what is in a list, such as each author,
            by the list's.
        where: The record's place in the file, such as ``line 120``.
    """
    own = first(fields, "rec-number", "label")
    genre = _genre(fields)
    custom = [value for name in fields if _CUSTOM.fullmatch(name) for value in fields[name]]
    numbers = every(fields, "electronic-resource-num")
    # A conference's paper has the name of the meeting first; its proceedings are a custom field.
    proceedings = ("custom3",) if genre.startswith("conference") else ()
    return Record(
        key=own,
        place=place(where, own),
        genre=genre,
        genres=_GENRES,
        title=first(fields, "title", "short-title", "translated-title"),
        # Of a book, the second title is that of a series.
        book=first(fields, "secondary-title") if genre in _PARTS else "",
        abstract=first(fields, "abstract"),
        authors=authors_of(every(fields, "authors")),
        editors=authors_of(every(fields, "secondary-authors", "tertiary-authors")),
        venues=each(fields, *_VENUES, *proceedings, "tertiary-title", "abbr-1", "publisher"),
        published=_published(fields),
        isbns=" | ".join(every(fields, "isbn")),
        named=(*(attempt(Scheme.DOI, number) for number in numbers), *_pubmed(fields)),
        urls=(*full_texts(" ".join(custom)), *_addresses(every(fields, *_URLS))),
        extra="\n".join([*numbers, *every(fields, "accession-num", *_NOTES), *custom]),
        tags=tags(
            word for value in every(fields, "keywords") for word in re.split(r"[;\r\n]", value)
        ),
    )


def full_texts(value: str) -> Iterator[str]:
    """The pages of PubMed Central whose numbers, such as ``PMC6011367``, a text holds."""
    for number in dict.fromkeys(_PMC.findall(value)):
        yield f"https://pmc.ncbi.nlm.nih.gov/articles/{number}/"


def _genre(fields: Fields) -> str:
    spelled = first(fields, "ref-type").lower()
    if spelled:
        return _NUMBERS.get(spelled, spelled)
    # Refer, from which the tagged format stems, has no types and tells them by the fields.
    return next((genre for name, genre in _TELLING if first(fields, name)), "journal article")


def _published(fields: Fields) -> str:
    spelled = (first(fields, "year"), first(fields, "pub-dates"))
    year = next((date[:4] for date in map(date_in, spelled) if date), "")
    # The day stands without its year, or with another one, which is that of the preprint.
    dates = map(date_in, (*spelled, f"{spelled[1]} {year}"))
    return max((date for date in dates if date.startswith(year)), key=len, default="")


def _pubmed(fields: Fields) -> Iterator[PaperId | None]:
    database = " ".join(every(fields, "remote-database-name", "remote-database-provider")).lower()
    # Every database has numbers of its own in this field.
    if re.search(r"pubmed|medline|\bnlm\b", database):
        yield from (attempt(Scheme.PMID, number) for number in every(fields, "accession-num"))


def _addresses(values: list[str]) -> Iterator[str]:
    for value in values:
        yield from (url.strip() for url in re.split(r"[;\s]\s*(?=https?:)", value))


_VENUES = ("full-title", "secondary-title", "alt-title")
_URLS = ("web-urls", "related-urls", "text-urls", "pdf-urls")
_NOTES = ("notes", "research-notes")
# Bookends' fields for the reader's own purposes hold what EndNote keeps in the custom ones.
_CUSTOM = re.compile(r"(?:custom|user)\d{1,2}")
_PMC = re.compile(r"\bPMC\d{3,9}\b")
_TELLING = (
    ("full-title", "journal article"),
    ("secondary-title", "book section"),
    ("publisher", "book"),
)
_PARTS = ("book section", "electronic book section", "dictionary", "encyclopedia")
_GENRES = Genres(
    papers=dict.fromkeys(("book", "classical work", "edited book", "electronic book"), Kind.BOOK)
    | dict.fromkeys(("electronic article", "journal", "journal article"), Kind.ARTICLE)
    | dict.fromkeys(("magazine article", "newspaper article", "review"), Kind.ARTICLE)
    | dict.fromkeys(("conference", "conference paper", "conference proceedings"), Kind.CONFERENCE)
    | dict.fromkeys(_PARTS, Kind.CHAPTER)
    | dict.fromkeys(("government document", "report", "standard"), Kind.REPORT)
    | dict.fromkeys(("manuscript", "pamphlet", "unpublished work"), Kind.OTHER)
    | {"preprint": Kind.PREPRINT, "thesis": Kind.THESIS},
    pages=frozenset((
        "blog", "discussion forum", "electronic source", "multimedia application",
        "online multimedia", "podcast", "press release", "social media", "web page",
    )),
    others=frozenset((
        "aggregated database", "artwork", "audiovisual material", "bill", "case", "catalog",
        "chart or table", "computer program", "dataset", "equation", "figure", "film or broadcast",
        "grant", "hearing", "interview", "legal rule or regulation", "map", "music",
        "online database", "patent", "personal communication", "serial", "statute",
        "television episode",
    )),
)  # fmt: skip
# What a type is called where a file has its number only.
_NUMBERS = {
    "2": "artwork", "3": "audiovisual material", "4": "bill", "5": "book section", "6": "book",
    "7": "case", "9": "computer program", "10": "conference proceedings", "12": "web page",
    "13": "generic", "14": "hearing", "17": "journal article", "19": "magazine article",
    "20": "map", "21": "film or broadcast", "23": "newspaper article", "25": "patent",
    "26": "personal communication", "27": "report", "28": "edited book", "31": "statute",
    "32": "thesis", "34": "unpublished work", "36": "manuscript", "37": "figure",
    "43": "electronic article", "44": "electronic book", "45": "online database",
    "46": "government document", "47": "conference paper", "49": "classical work",
    "50": "legal rule or regulation", "52": "dictionary", "53": "encyclopedia", "54": "grant",
    "56": "blog", "57": "serial", "58": "standard", "59": "dataset",
    "60": "electronic book section", "61": "music",
}  # fmt: skip
