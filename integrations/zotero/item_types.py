"""What Zotero knows of its item types: their fields, creators and base fields (schema 41).

A field that a type does not have is refused by the Web API and put into Extra by the desktop, so
whoever writes items asks here first. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_FIELD_BYTES = 65_535  # in UTF-8
MAX_CREATOR_CHARACTERS = 255  # of either part of a name
MAX_TAG_CHARACTERS = 255
MAX_COLLECTION_NAME_CHARACTERS = 255
MAX_NOTE_CHARACTERS = 500_000
MAX_NOTE_BYTES = 250_000  # in UTF-8; the note cleaner breaks above it
MAX_BATCH = 50  # objects of one write
MAX_KEYS = 100  # keys named by one read

_ENDINGS = {
    "*work": "citationKey url accessDate archive archiveLocation shortTitle language"
    " libraryCatalog callNumber rights extra",
    "*printed": "citationKey url accessDate ISSN archive archiveLocation shortTitle language"
    " libraryCatalog callNumber rights extra",
    "*law": "citationKey url accessDate shortTitle language rights extra",
}

# One type a paragraph: its fields in the order in which it shows them, and after the bar its
# creator types, the primary one first. "own=common" is a type's own name for a common field.
_TABLE = """
artwork: title abstractNote artworkMedium=medium artworkSize date eventPlace DOI *work | artist
    contributor
audioRecording: title abstractNote audioRecordingFormat=medium seriesTitle volume
    numberOfVolumes label=publisher place date runningTime ISBN DOI *work | performer
    originalCreator composer wordsBy translator contributor
bill: title abstractNote billNumber=number code codeVolume=volume section codePages=pages
    legislativeBody=authority session history date DOI *law | sponsor cosponsor contributor
blogPost: title abstractNote blogTitle=publicationTitle websiteType=type date DOI citationKey
    url accessDate ISSN shortTitle language rights extra | author translator commenter
    contributor
book: title abstractNote series seriesNumber volume numberOfVolumes edition date publisher place
    originalDate originalPublisher originalPlace format=medium numPages ISBN DOI *printed |
    author contributor editor translator seriesEditor
bookSection: title abstractNote bookTitle=publicationTitle series seriesNumber volume
    numberOfVolumes edition date publisher place originalDate originalPublisher originalPlace
    format=medium pages ISBN DOI *printed | author contributor editor bookAuthor translator
    seriesEditor
case: caseName=title abstractNote court=authority dateDecided=date docketNumber=number reporter
    reporterVolume=volume firstPage=pages history DOI *law | author counsel contributor
computerProgram: title abstractNote seriesTitle versionNumber date system company=publisher
    place programmingLanguage rights citationKey url accessDate DOI ISBN archive archiveLocation
    libraryCatalog callNumber shortTitle extra | programmer contributor
conferencePaper: title abstractNote proceedingsTitle=publicationTitle conferenceName publisher
    place date eventPlace volume issue numberOfVolumes pages series seriesNumber DOI ISBN
    *printed | author contributor editor translator seriesEditor
dataset: title abstractNote identifier=number type versionNumber date repository=publisher
    repositoryLocation=place format=medium DOI *work | author contributor
dictionaryEntry: title abstractNote dictionaryTitle=publicationTitle series seriesNumber volume
    numberOfVolumes edition date publisher place pages ISBN DOI *work | author contributor
    editor translator seriesEditor
document: title abstractNote type date publisher place DOI *work | author contributor editor
    translator reviewedAuthor
email: subject=title abstractNote date DOI *law | author translator contributor recipient
encyclopediaArticle: title abstractNote encyclopediaTitle=publicationTitle series seriesNumber
    volume numberOfVolumes edition date publisher place pages ISBN DOI *work | author
    contributor editor translator seriesEditor
film: title abstractNote distributor=publisher place date genre=type videoRecordingFormat=medium
    runningTime DOI *work | director producer scriptwriter castMember host guest narrator
    translator contributor
forumPost: title abstractNote forumTitle=publicationTitle postType=type date DOI *law | author
    contributor
hearing: title abstractNote committee publisher numberOfVolumes documentNumber=number pages
    legislativeBody=authority session history date place DOI *law | contributor
instantMessage: title abstractNote date DOI *law | author contributor recipient
interview: title abstractNote interviewMedium=medium date publisher place DOI *work |
    interviewee contributor interviewer translator
journalArticle: title abstractNote publicationTitle publisher place date volume issue section
    partNumber partTitle pages series seriesTitle seriesText journalAbbreviation DOI citationKey
    url accessDate PMID PMCID ISSN archive archiveLocation shortTitle language libraryCatalog
    callNumber rights extra | author contributor editor translator reviewedAuthor
letter: title abstractNote letterType=type date eventPlace DOI *work | author recipient
    contributor translator
magazineArticle: title abstractNote publicationTitle publisher place date volume issue pages
    ISSN DOI *work | author contributor translator reviewedAuthor
manuscript: title abstractNote manuscriptType=type institution=publisher place date numPages
    number DOI *work | author contributor translator
map: title abstractNote mapType=type scale seriesTitle edition publisher place date DOI ISBN
    *work | cartographer contributor seriesEditor
newspaperArticle: title abstractNote publicationTitle publisher place date volume issue edition
    section pages ISSN DOI *work | author contributor translator reviewedAuthor
patent: title abstractNote place country assignee issuingAuthority=authority patentNumber=number
    filingDate pages applicationNumber priorityNumbers issueDate=date priorityDate=originalDate
    references legalStatus=status DOI *law | inventor attorneyAgent contributor
podcast: title abstractNote seriesTitle episodeNumber=number audioFileType=medium date publisher
    place runningTime DOI *law | podcaster guest producer executiveProducer seriesCreator
    director scriptwriter castMember translator contributor
preprint: title abstractNote genre=type repository=publisher archiveID=number place date series
    seriesNumber DOI *work | author contributor editor translator reviewedAuthor
presentation: title abstractNote presentationType=type date meetingName place series
    sessionTitle=publicationTitle DOI *law | presenter chair organizer contributor translator
radioBroadcast: title abstractNote programTitle=publicationTitle episodeNumber=number
    audioRecordingFormat=medium network=publisher place date runningTime DOI *work | creator
    host guest producer executiveProducer seriesCreator director scriptwriter castMember
    translator contributor
report: title abstractNote reportNumber=number reportType=type institution=publisher place date
    seriesTitle seriesNumber pages DOI ISBN *printed | author editor contributor translator
    seriesEditor
standard: title abstractNote organization=authority committee type number versionNumber edition
    status date publisher place partNumber partTitle ISBN DOI citationKey url accessDate archive
    archiveLocation shortTitle numPages language libraryCatalog callNumber rights extra | author
    editor contributor
statute: nameOfAct=title abstractNote code codeNumber publicLawNumber=number dateEnacted=date
    pages section session history DOI *law | author contributor
thesis: title abstractNote thesisType=type university=publisher place date series seriesNumber
    numPages DOI ISBN *printed | author contributor
tvBroadcast: title abstractNote programTitle=publicationTitle episodeNumber=number
    videoRecordingFormat=medium network=publisher place date runningTime DOI *work | director
    producer executiveProducer seriesCreator scriptwriter castMember host guest narrator
    translator contributor
videoRecording: title abstractNote videoRecordingFormat=medium seriesTitle volume
    numberOfVolumes studio=publisher place date runningTime ISBN DOI *work | creator director
    producer scriptwriter executiveProducer castMember host guest narrator translator
    contributor
webpage: title abstractNote websiteTitle=publicationTitle websiteType=type date publisher place
    DOI *law | author contributor translator
note: |
attachment: title accessDate url |
annotation: |
"""


@dataclass(frozen=True, slots=True)
class ItemType:
    """One item type.

    Attributes:
        name: Zotero's name for it, as ``journalArticle``.
        fields: The names of its fields, in the order in which it shows them; without notes' and
            attachments' own properties.
        creators: Its creator types, the primary one first; empty where it has no creators.
        own_names: Its own names of common fields, by the common name: for a thesis
            ``{"publisher": "university"}``.
    """

    name: str
    fields: tuple[str, ...]
    creators: tuple[str, ...]
    own_names: Mapping[str, str]

    def field(self, common: str) -> str:
        """This type's name for a field, or the empty text where it has no such field."""
        own = self.own_names.get(common, common)
        return own if own in self.fields else ""


def _paragraphs() -> list[str]:
    return _TABLE.replace("\n    ", " ").strip().splitlines()


def _item_type(paragraph: str) -> ItemType:
    name, _, rest = paragraph.partition(":")
    for mark, ending in _ENDINGS.items():
        rest = rest.replace(mark, ending)
    named, _, creators = rest.partition("|")
    pairs = [word.partition("=") for word in named.split()]
    own_names = {common: own for own, _, common in pairs if common}
    return ItemType(name, tuple(own for own, _, _ in pairs), tuple(creators.split()), own_names)


ITEM_TYPES: Mapping[str, ItemType] = {each.name: each for each in map(_item_type, _paragraphs())}
"""Every item type by its name."""

FIELDS = frozenset(name for each in ITEM_TYPES.values() for name in (*each.fields, *each.own_names))
"""Every field of any type, and every common name."""

CREATOR_TYPES = frozenset(creator for each in ITEM_TYPES.values() for creator in each.creators)
"""Every creator type of any item type."""
