"""XML is parsed without its dangers, and in spite of characters that it does not take."""

import pytest

from integrations.files.contents import LibraryFormat, decoded
from integrations.files.endnote_xml import ENDNOTE_XML
from integrations.files.safe_xml import element
from integrations.files.zotero_rdf import ZOTERO_RDF
from integrations.pages import feeds
from recommender.errors import BadResponse

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
# A parser must not see what nobody looked for, so each of these is left out before both.
HIDDEN = {
    "as it is": BOMB,
    "by a zero": BOMB.replace("<!DOC", "<!DOC\0").replace("<!ENT", "<!ENT\0"),
    "by another character": BOMB.replace("<!ENT", "<!\x0bENT"),
    "by a number": BOMB.replace("<!ENT", "<!ENT&#0;"),
    "by a long number": BOMB.replace("<!ENT", "<!ENT&#x00000000;"),
    "by half a character": BOMB.replace("<!ENT", "<!ENT&#xD800;"),
    "among attributes": '<!DOCTYPE x [<!ATT\0LIST x y CDATA "ha">]>',
}


@pytest.mark.parametrize("hidden", HIDDEN)
def test_no_declaration_is_parsed_however_it_is_hidden(hidden: str) -> None:
    for data in (HIDDEN[hidden].encode(), HIDDEN[hidden].encode("utf-16")):
        with pytest.raises(BadResponse, match="birds declares XML entities") as raised:
            element(decoded(data) + "<x>&b;</x>", "birds")
        assert raised.value.service == "birds"


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    ("form", "start"),
    [
        (ZOTERO_RDF, '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'),
        (ENDNOTE_XML, "<xml><records>"),
    ],
    ids=["Zotero RDF", "EndNote XML"],
)
def test_no_library_unfolds_entities(hidden: str, form: LibraryFormat, start: str) -> None:
    # A type that cannot be read as one hides the root as well.
    with pytest.raises(BadResponse, match=r"declares XML entities|has no list of records"):
        form.read(f"{HIDDEN[hidden]}{start}&b;".encode())


@pytest.mark.parametrize("hidden", HIDDEN)
def test_no_feed_unfolds_entities(hidden: str) -> None:
    feed = f"{HIDDEN[hidden]}<rss version='2.0'><channel><item><title>Owls &b;</title></item>"
    try:
        page = feeds.listing(f"{feed}</channel></rss>".encode(), source="birds", name="page")
    except BadResponse:
        return
    assert all("ha" not in one.paper.title for one in page.papers)


def test_a_document_type_alone_does_no_harm() -> None:
    assert element('<!DOCTYPE x SYSTEM "file:///etc/hosts"><x>y</x>', "birds").text == "y"


def test_an_encoding_that_is_declared_means_nothing() -> None:
    assert (
        element("<?xml version='1.0' encoding='utf-7'?><x>\u00fc+AGE-</x>", "").text
        == "\u00fc+AGE-"
    )


def test_characters_that_xml_does_not_take_spoil_nothing() -> None:
    body = "<a>x\x08\x0b\x1f\ufffe&#1;&#x1F;&#xD800;&#55296;&#65535;&#99999999;&#x110000;y&#9;z</a>"
    for content in (body.encode("utf-8", "surrogatepass"), ("\ufeff" + body).encode("utf-16-le")):
        assert element(decoded(content), "birds").text == "xy\tz"


def test_kept_are_all_characters_that_xml_takes() -> None:
    body = "<a>&#9;&#10;&#xD;&#32;&#xE000;&#55295;&#x10FFFF;&#xFFFD;</a>"
    assert element(body, "birds").text == "\t\n\r \ue000\ud7ff\U0010ffff\ufffd"
