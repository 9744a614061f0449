"""PubMed's articles and books as papers. Pure."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from integrations.files.records import isbns
from integrations.pages import pages
from integrations.pages.markup import words_in
from integrations.pages.people import institutions
from integrations.sources.days import Dated
from integrations.sources.pubmed_xml import Part, entered, parts
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.papers import Author, Kind, Paper, Skipped, date_in, month_number, partial_date


def records(content: bytes) -> Iterator[tuple[str, Dated]]:
    """Each article or book of an answer: its number in PubMed, and its day with what it is.

    Raises:
        IntegrationError: As ``pubmed_xml.parts``.
    """
    for part in parts(content):
        day = entered(part.element) if part.element is not None else None
        yield part.pmid, (day, _record(part))


def _record(part: Part) -> pages.Record:
    if part.element is None:
        return Skipped(part.place, "its XML is broken")
    article = part.element.find("MedlineCitation/Article")
    book = part.element.find("BookDocument")
    if article is not None:
        paper = _article(part, part.element, article)
    elif book is not None:
        paper = _book(part, book)
    else:
        return Skipped(part.place, "is neither an article nor a book")
    return (paper, None) if paper else Skipped(part.place, "has no title")


def _article(part: Part, whole: Element, article: Element) -> Paper | None:
    title = _title(article.find("ArticleTitle"), article.find("VernacularTitle"))
    if not title:
        return None
    # Older files have the references' own ids deeper down.
    numbers = whole.iterfind("PubmedData/ArticleIdList/ArticleId")
    named = {one.get("IdType", ""): words_in(one) for one in numbers}
    located = [
        one
        for one in article.iterfind("ELocationID[@EIdType='doi']")
        if one.get("ValidYN", "Y") == "Y"
    ]
    pmid = attempt(Scheme.PMID, part.pmid)
    dois = (
        attempt(Scheme.DOI, spelled) for spelled in (named.get("doi", ""), *map(words_in, located))
    )
    is_preprint = "preprint" in _types(article)
    return Paper(
        title=title,
        abstract=_abstract(article) or _abstract(whole, "MedlineCitation/OtherAbstract"),
        authors=_authors(article.find("AuthorList")),
        venue=words_in(article.find("Journal/Title"))
        or words_in(article.find("Journal/ISOAbbreviation")),
        published=_date(article.find("ArticleDate"))
        or _date(article.find("Journal/JournalIssue/PubDate")),
        ids=unique((pmid, *dois, *_twins(whole, is_preprint=is_preprint))),
        url=_full_text(named.get("pmc", "")),
        kind=Kind.PREPRINT if is_preprint else Kind.ARTICLE,
        categories=_categories(whole),
        institutions=_institutions(article.find("AuthorList")),
        references=_references(whole),
    )


def _book(part: Part, document: Element) -> Paper | None:
    """A book, or a chapter of one, which has a title of its own beside the book's."""
    book_title = _title(document.find("Book/BookTitle"))
    own_title = _title(document.find("ArticleTitle"), document.find("VernacularTitle"))
    if not (own_title or book_title):
        return None
    is_chapter = bool(own_title and book_title)
    named = {one.get("IdType", ""): words_in(one) for one in document.iterfind("ArticleIdList/*")}
    ids = [attempt(Scheme.PMID, part.pmid), attempt(Scheme.DOI, named.get("doi", ""))]
    if not is_chapter:
        # What names the book would make all its chapters one paper.
        located = document.iterfind("Book/ELocationID[@EIdType='doi']")
        ids += (attempt(Scheme.DOI, words_in(one)) for one in located)
        ids += (found for one in document.iterfind("Book/Isbn") for found in isbns(words_in(one)))
    own_authors = _authors(document.find("AuthorList"))
    accession = named.get("bookaccession", "")
    return Paper(
        title=own_title or book_title,
        abstract=_abstract(document),
        authors=own_authors or _authors(document.find("Book/AuthorList")),
        venue=book_title if is_chapter else words_in(document.find("Book/Publisher/PublisherName")),
        published=_date(document.find("ContributionDate")) or _date(document.find("Book/PubDate")),
        ids=unique(ids),
        url=f"{_BOOKS}{accession}/" if _ACCESSION.fullmatch(accession) else "",
        kind=Kind.CHAPTER if is_chapter else Kind.BOOK,
        categories=_words(document.iterfind("KeywordList/Keyword")),
        institutions=_institutions(document.find("AuthorList"), document.find("Book/AuthorList")),
        references=_references(document),
    )


def _title(element: Element | None, original: Element | None = None) -> str:
    """A title without the full stop that PubMed ends it with, or the brackets of a translation."""
    title = words_in(element)
    if translated := _TRANSLATED.fullmatch(title):
        title = translated[1].strip()
    if not title or _NO_TITLE.fullmatch(title):
        title = words_in(original)
    return title if title.endswith("..") else title.removesuffix(".")


def _abstract(element: Element, path: str = "Abstract") -> str:
    """The abstract's parts, each behind its heading: ``METHODS: We …``."""
    told: list[str] = []
    for part in element.iterfind(f"{path}/AbstractText"):
        heading = part.get("Label", "").strip(" :")
        heading = "" if heading.upper() in {"", "UNLABELLED"} else f"{heading}: "
        if words := words_in(part):
            told.append(heading + words)
    return " ".join(told)


def _authors(people: Element | None) -> tuple[Author, ...]:
    found: list[Author] = []
    for person in people if people is not None else ():
        family = words_in(person.find("LastName"))
        given = words_in(person.find("ForeName")) or words_in(person.find("Initials"))
        suffix = words_in(person.find("Suffix"))
        group = words_in(person.find("CollectiveName"))
        # A name that was found to be wrong stays beside the right one.
        if (family or group) and person.get("ValidYN", "Y") == "Y":
            found.append(Author(family, f"{given} {suffix}".strip()) if family else Author(group))
    return tuple(found)


def _institutions(*people: Element | None) -> tuple[str, ...]:
    told = (one.iterfind("Author/AffiliationInfo/Affiliation") for one in people if one is not None)
    return institutions(words_in(place) for places in told for place in places)


def _date(element: Element | None) -> str:
    if element is None:
        return ""
    spelled = words_in(element.find("MedlineDate"))
    if spelled:
        return date_in(spelled)
    year, month, day = (words_in(element.find(part)) for part in ("Year", "Month", "Day"))
    return partial_date(year, month_number(month), day)


def _types(article: Element) -> set[str]:
    return {
        words_in(one).lower() for one in article.iterfind("PublicationTypeList/PublicationType")
    }


def _twins(whole: Element, *, is_preprint: bool) -> Iterator[PaperId]:
    """The names of a preprint's publication, and of a publication's preprint.

    New editions of a review are linked in the same way, but are other papers.
    """
    for one in whole.iterfind("MedlineCitation/CommentsCorrectionsList/CommentsCorrections"):
        where, way = words_in(one.find("RefSource")), one.get("RefType")
        came_from = way == "UpdateOf" and _SERVER.match(where)
        if came_from or (way == "UpdateIn" and is_preprint):
            yield from _named(one.find("PMID"), where)


def _named(number: Element | None, where: str) -> Iterator[PaperId]:
    if pmid := attempt(Scheme.PMID, words_in(number)):
        yield pmid
    yield from (found for found in found_in(where) if found.scheme is Scheme.DOI)


def _references(element: Element) -> tuple[PaperId, ...]:
    ids = [
        attempt(_SCHEMES[kind], one.text or "")
        for reference in element.iter("Reference")
        for one in reference.iterfind("ArticleIdList/ArticleId")
        if (kind := one.get("IdType", "")) in _SCHEMES
    ]
    # Where PubMed found the references itself, they are among the links to other papers.
    cited = (one for one in element.iter("CommentsCorrections") if one.get("RefType") == "Cites")
    return unique([*ids, *(attempt(Scheme.PMID, one.findtext("PMID") or "") for one in cited)])


def _categories(whole: Element) -> tuple[str, ...]:
    return _words(
        (
            *whole.iterfind("MedlineCitation/KeywordList/Keyword"),
            *whole.iterfind("MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName"),
        )
    )


def _words(elements: Iterator[Element] | tuple[Element, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for one in elements if (word := words_in(one).strip(" ;,."))))


def _full_text(pmc: str) -> str:
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmc}/" if _PMC.fullmatch(pmc) else ""


_SCHEMES = {"doi": Scheme.DOI, "pubmed": Scheme.PMID}
_BOOKS = "https://www.ncbi.nlm.nih.gov/books/"
_ACCESSION = re.compile(r"NBK\d{1,12}", re.ASCII)
_PMC = re.compile(r"PMC\d{1,12}", re.ASCII)
# Not "[18F]FDG and [68Ga]", which is no translation.
_TRANSLATED = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\.?")
_NO_TITLE = re.compile(r"not available\.?|in process citation\.?", re.I)
_SERVER = re.compile(
    r"(?:bioRxiv|medRxiv|arXiv|ChemRxiv|PsyArXiv|Res(?:earch)? Sq(?:uare)?|SSRN|Preprints?)\b", re.I
)
