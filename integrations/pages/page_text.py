r"""The text of saved pages: what the saving did to it, undone as far as that is certain. Pure.

Such a page holds abstracts that lost their ``$`` and, inside formulas, their backslashes, while
the LaTeX outside of formulas stayed: ``40times less``, ``\eg``, ``na\"ive``. Where it is not
certain what stood there, the text stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable

from integrations.files.latex import plain_text
from recommender import papers


def readable(text: str) -> str:
    """A line in composed Unicode with single spaces, without invisible and control characters."""
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFC", text)
        text = "".join(c if c.isprintable() or c in _INVISIBLE else " " for c in text)
    return papers.plain(text)


def urls_in(text: str) -> tuple[str, ...]:
    """The web addresses in a text, each once, without the punctuation that follows it.

    An address without ``https://`` counts only where it is unmistakable: behind ``www.``, or on a
    well known host; it is given as it stands.
    """
    return tuple(dict.fromkeys(_trimmed(found[0]) for found in _URL.finditer(text)))


def code_url(urls: Iterable[str]) -> str | None:
    """The first address at which code is kept; nothing if there is none."""
    return next((url for url in urls if _CODE.match(url)), None)


def is_cut_off(text: str) -> bool:
    """Whether a text ends in neither punctuation nor an address."""
    last = text.rsplit(maxsplit=1)[-1] if text.strip() else "."
    return not (_END.search(last) or _URL.search(last) or _BARE_HOST.search(last))


def lost_formula(text: str) -> bool:
    """Whether a formula in the text lost a sign that nobody can put back: ``O(n n)``."""
    return bool(_LOST_FORMULA.search(text))


def cleaned(text: str) -> str:
    """A title or abstract as its authors meant it, without citations, in plain Unicode.

    Web addresses stay as they are.
    """
    urls: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        url = _trimmed(match[0])
        urls.append(url)
        return f"{_OPEN}{len(urls) - 1}{_CLOSE}{match[0][len(url) :]}"

    text = _URL.sub(put_away, text.translate(_NO_MARKS))
    text = _REPEATED_URL.sub(lambda m: m[1] if urls[int(m[2])] == urls[int(m[3])] else m[0], text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _ACCENT.sub(lambda accent: plain_text(accent[0]), text)
    text = _COMMAND.sub(_spelled, text).replace("{", "").replace("}", "")
    text = _ENTITY.sub(lambda entity: chr(int(entity[1], 16)), text)
    for pattern, replacement in _TYPOGRAPHY:
        text = pattern.sub(replacement, text)
    return papers.plain(_URL_MARK.sub(lambda mark: urls[int(mark[1])], text))


def cleaned_title(text: str) -> str:
    """A title as it is known elsewhere: only LaTeX is undone, dashes and quotes stay as typed."""
    return cleaned(text) if _LATEX.search(text) else papers.plain(text)


def _trimmed(url: str) -> str:
    return url.rstrip(".,;:)}]'\"!?*")


def _spelled(command: re.Match[str]) -> str:
    name = command[1]
    if name in _ABBREVIATIONS:
        # The macro's author often typed the last full stop.
        return _ABBREVIATIONS[name] + command[2].removeprefix(".")
    if name in _SILENT:
        return command[2].lstrip()
    return name + command[2]


_OPEN, _CLOSE = "\ue000", "\ue001"
_NO_MARKS = dict.fromkeys(map(ord, _OPEN + _CLOSE))
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"

_HOSTS = (
    r"(?:[\w-]+\.)?(?:github|gitlab|bitbucket|huggingface)\.(?:com|io|org|co)/"
    r"|git\.io/|aka\.ms/|sites\.google\.com/"
)
_URL = re.compile(
    r"https?://[^\s{}<>\"\\\ue000\ue001]+"
    rf"|(?<![\w./@-])(?:www\.[\w-]+\.|{_HOSTS})[^\s{{}}<>\"\\\ue000\ue001]+",
    re.I,
)
_CODE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|git\.io)/\w", re.I
)
_BARE_HOST = re.compile(r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/\S*)?$")
_END = re.compile(r"[.!?:;…)\]}\"'”’»]$")
_LOST_FORMULA = re.compile(r"\bO\(([a-z]) \1\)")

_LATEX = re.compile(r"[\\{}$~^]")
_URL_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_REPEATED_URL = re.compile(f"({_OPEN}(\\d+){_CLOSE})\\{{{_OPEN}(\\d+){_CLOSE}\\}}")
_ACCENT = re.compile(r"\\(?:[\"'`^~=.]\s?|[vucHkr](?=\{))\{?\\?[^\W\d_]\}?")
_COMMAND = re.compile(r"\\([A-Za-z]+)(\.?)")
_ENTITY = re.compile(r"(?<![A-Za-z0-9])x(20(?:1[0-9a-f]|2[0-26]))(?![A-Za-z0-9])", re.I)
_ABBREVIATIONS = {
    "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "etc": "etc.", "cf": "cf.", "vs": "vs.",
    "wrt": "w.r.t.", "aka": "a.k.a.",
}  # fmt: skip
_SILENT = frozenset(
    (
        "em", "bf", "it", "tt", "sc", "sf", "rm", "emph", "textbf", "textit", "texttt", "textsc",
        "textsf", "textrm", "text", "mathrm", "mathbf", "mathcal", "url", "href", "xspace", "mbox",
        "underline",
    )
)  # fmt: skip

_NAME = r"[A-Z][\w’'-]+"
_CITED = rf"{_NAME}(?: et al\.?| (?:and|&) {_NAME})?,? (?:19|20)\d\d[a-z]?"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Where the sign is certain although its backslash is lost.
    (re.compile(r"\{sim\}\s?(?=\d)|(?<=\d)sim(?=\d)"), "~"),
    (re.compile(r"(?<=[\dA-Z])times(?![a-z])"), "x"),
    (re.compile(r"(?<=\d) times (?=\d)"), " x "),
    (re.compile(r"(?<=\d\.\d) pm (?=\d)"), " ± "),
    # A citation's key, its tie and what is left of it.
    (re.compile(r"[~ ]?\b[a-z]{2,}20\d\d[a-z]{2,}\b"), ""),
    (re.compile(r"(?<=[A-Za-z.])~(?=[A-Za-z(])"), " "),
    # Citations speak of other papers.
    (re.compile(rf"\s?\((?:e\.g\.,? |see )?{_CITED}(?:[;,] {_CITED})*\)"), ""),
    (re.compile(rf"\s?\[(?:e\.g\.,? |see )?{_CITED}(?:[;,] {_CITED})*\]"), ""),
    (re.compile(r"\s?\[[1-9]\d{0,2}\](?!\w)|\s?\[[A-Z][A-Za-z]+-\d\d\]"), ""),
    (re.compile(r"\s?\((?:see |cf\. )?Fig(?:ure|\.)s? ?\d+[a-z]?\)"), ""),
    # A comment that LaTeX would have left out.
    (re.compile(r"(?<=[a-z,.;]) % (?=[a-z])"), " "),
    (re.compile(r"\\cite[a-z]*\s?\{[^{}]*\}"), ""),
    (re.compile(r"\\([%&_#$])"), r"\1"),
)
_TYPOGRAPHY: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"``(.{1,200}?)''"), r"“\1”"),
    (re.compile(r"(?<!\w)`([^`']{1,200})'(?!\w)"), r"‘\1’"),
    (re.compile(r"---"), "—"),
    (re.compile(r" -- |(?<=[A-Za-z\d])--(?=[A-Za-z\d])"), " – "),
)
