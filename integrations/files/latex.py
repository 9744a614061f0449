r"""LaTeX, and the bits of HTML that get into bibliographies, to plain Unicode text. Pure.

Only what is recognised as LaTeX is read as LaTeX: pylatexenc translates accents, symbols and
formulas one by one, so a lone ``%`` or ``$`` is itself and broken LaTeX spoils no more than it is.
"""

import html
import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError

from recommender import papers


def plain_text(text: str) -> str:
    r"""What a field says: no LaTeX, no markup, single spaces; never an exception.

    ``{\"U}ber $\alpha$-decay, 100\% {{CDM}}`` becomes ``Über α-decay, 100% CDM``, and a raised or
    lowered number in a formula stays one where Unicode has it: ``mm$^2$`` becomes ``mm²``.
    """
    if _LATEX.search(text):
        text = _without_latex(text)
        # A program that escapes LaTeX which it does not know leaves LaTeX behind the escapes.
        if _LATEX_STILL.search(text):
            text = _without_latex(text)
        text = text.replace("{}", "")
    if "<" in text or "&" in text:
        text = without_markup(text)
    return papers.plain(text)


def without_markup(text: str) -> str:
    """The text with HTML entities as their characters and without the tags of a paper's text.

    Any other ``<`` and ``&`` is itself: ``a < b``, ``AT&T``.
    """
    return _TAG.sub(_untagged, _ENTITY.sub(lambda entity: html.unescape(entity[0]), text))


def _without_latex(text: str) -> str:
    if "\\" in text or "$" in text:
        text = _RAISED_TEXT.sub(r"<\1>\2</\1>", _DROPPED.sub("", text))
        text = _TOKEN.sub(_translated, text)
    text = text.replace("{", "").replace("}", "")
    if "~" in text:
        text = _TIE.sub(" ", text)
    for ours, theirs in _LIGATURES:
        text = text.replace(ours, theirs)
    return text.translate(_KEPT_BACK)


def _translated(token: re.Match[str]) -> str:
    found = token[0]
    if token.lastgroup == "escaped":
        return _KEPT.get(found[1], found[1])
    if token.lastgroup == "space":
        return " "
    if token.lastgroup == "nothing":
        return ""
    if token.lastgroup == "macro":
        return _macro(token["macro"], found)
    return _unicode(found)


def _macro(name: str, found: str) -> str:
    if name in _SPELLED:
        return _SPELLED[name] + ("" if name == "textbackslash" else _space_behind(found))
    if found.endswith("{"):
        return ""
    # Behind a symbol LaTeX drops the space: \ss en is one word.
    if symbol := _symbol(name):
        return symbol
    # An unknown macro without an argument stands for its own name, as far as anyone can say.
    return ("" if _SILENT.fullmatch(name) else name) + _space_behind(found)


def _space_behind(found: str) -> str:
    return " " if found[-1:].isspace() else ""


@lru_cache(maxsize=10_000)
def _symbol(name: str) -> str:
    """The character that a macro without arguments stands for; empty if it is another macro."""
    found = getattr(_TRANSLATOR.latex_context.get_macro_spec(name), "simplify_repl", None)
    return found.translate(_KEPT_TABLE) if isinstance(found, str) and "%" not in found else ""


@lru_cache(maxsize=10_000)
def _unicode(fragment: str) -> str:
    """An accent or a formula in Unicode."""
    if fragment.startswith(("$", "\\(")):
        formula = fragment.strip("$") if fragment[0] == "$" else fragment[2:-2]
        fragment = f"${_raised(formula)}$"
    try:
        found = str(_TRANSLATOR.latex_to_text(fragment))
    # pylatexenc promises the first alone, and lets the others out for broken or deep formulas.
    except (LatexWalkerError, IndexError, ValueError, TypeError, AttributeError, RecursionError):
        return re.sub(r"[{}$\\]", "", fragment)
    # What stays between braces or hyphens is dealt with by the caller, once for the whole text.
    return papers.plain(found).translate(_KEPT_TABLE)


def _raised(formula: str) -> str:
    return _SCRIPT.sub(_script, _TEXT_IN_FORMULA.sub(r"\1", formula))


def _script(match: re.Match[str]) -> str:
    alphabet = _SUPERSCRIPTS if match[1] == "^" else _SUBSCRIPTS
    content = (match[2] if match[2] is not None else match[3]).strip()
    if content in {"\\circ", "\\prime"}:
        return {"\\circ": "°", "\\prime": "′"}[content]
    if content and all(c in alphabet for c in content):
        return "".join(alphabet[c] for c in content)
    return match[0]


def _untagged(tag: re.Match[str]) -> str:
    if tag[1] and tag[1].lower() in {"sub", "sup"}:
        alphabet = _SUBSCRIPTS if tag[1].lower() == "sub" else _SUPERSCRIPTS
        content = tag[2].strip()
        return "".join(alphabet.get(c, c) for c in content) if content.isdigit() else content
    # A paragraph's end separates words; italics do not.
    return " " if tag[3] and tag[3].lower() in _BLOCKS else ""


_TRANSLATOR = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)

_LATEX = re.compile(r"[\\{}$]|~|--|``|''")
_LATEX_STILL = re.compile(
    r"\\[A-Za-z'`\"^~]|\$[^$]{0,300}[\\^_][^$]{0,300}\$|\$[A-Za-z](?:\([A-Za-z]\))?\$"
)
_FORMULA = r"(?:[^$\\]|\\.)"
_TOKEN = re.compile(
    r"(?P<escaped>\\[%&_#${}])"
    r"|(?P<space>\\(?:[,;: ]|\\(?:\[[^\]]{0,20}\])?)|\\(?:begin|end)\{\w+\*?\})"
    r"|(?P<nothing>\\[-/!@+])"
    r"|(?P<accent>\\(?:[`'^\"~=.]|[vucHdbkrtGU](?![A-Za-z]))\s*"
    r"(?:\{\s*(?:\\[ij]|[^\W\d_]{1,2}|)\s*\}|\{\s*\{\s*\\?[^\W\d_]\s*\}\s*\}"
    r"|\\[ij]|[^\W\d_]))"
    rf"|(?P<formula>\$\$?(?=[^\s\d]){_FORMULA}{{1,300}}?(?<=\S)\$\$?"
    rf"|\$(?=\d){_FORMULA}{{1,300}}?(?<=\S)\$(?!\d)"
    rf"|\$(?=[^$]{{0,300}}?[\\^_]){_FORMULA}{{1,300}}?\$"
    r"|\\\(.{1,300}?\\\))"
    r"|\\(?P<macro>[A-Za-z]+)\*?(?:\{\}|\s*\{|\s+)?",
    re.S,
)
# These say nothing, or name something else than what the reader sees: drop their arguments.
_DROPPED = re.compile(
    r"\\(?:cite[a-z]*|[vh]space|[vh]?phantom|label|ref|color|textcolor|href)\*?"
    r"(?:\[[^\]]{0,200}\])?\s*+\{[^{}]{0,2000}\}"
)
_RAISED_TEXT = re.compile(r"\\text(sub|sup)(?:er)?script\s*\{([^{}]*)\}")
_SILENT = re.compile(
    r"(?:rm|sf|tt|it|sl|sc|bf|em|up|md)(?:family|shape|series)?|normalfont|tiny|scriptsize"
    r"|footnotesize|small|normalsize|[lL]arge|LARGE|[hH]uge|relax|protect|noindent|left|right"
    r"|[bB]ig[lr]?|limits|[vh]?phantom|displaystyle|textstyle|(?:un)?boldmath|centering"
    r"|makeatletter|makeatother"
)
_SPELLED = {
    "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "LaTeXe": "LaTeX2e", "eg": "e.g.",
    "ie": "i.e.", "textless": "<", "textgreater": ">", "textbar": "|", "textbackslash": "\\",
    "textasciitilde": "\ue002", "textasciicircum": "^", "textbraceleft": "\ue000",
    "textbraceright": "\ue001", "textdollar": "$", "textunderscore": "_", "slash": "/",
    "quad": " ", "qquad": " ", "space": " ", "newline": " ", "par": " ", "item": " ",
    "textquotesingle": "'", "textquotedbl": '"', "copyright": "©",
}  # fmt: skip
# Braces and tildes that are meant must outlive those that are LaTeX.
_KEPT = {"{": "\ue000", "}": "\ue001"}
_KEPT_TABLE = str.maketrans({"{": "\ue000", "}": "\ue001", "~": "\ue002"})
_KEPT_BACK = str.maketrans({"\ue000": "{", "\ue001": "}", "\ue002": "~"})
# A tie joins two words; a tilde before a number means "about".
_TIE = re.compile(r"(?<=\S)~(?=\S)|(?<=\s)~(?=\s)")
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"))
_TEXT_IN_FORMULA = re.compile(
    r"\\(?:mathrm|mathit|mathsf|mathtt|mathbf|mathnormal|text|textrm|textit|textbf|rm|it|bf|mbox"
    r"|operatorname|boldsymbol|bm)\b\s*\{([^{}]*)\}"
)
_SCRIPT = re.compile(r"([_^])(?:\{([^{}]*)\}|(\\circ|\\prime|[\w+\-*]))")
_SUPERSCRIPTS = dict(zip("0123456789+-−()in*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁱⁿ*", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎", strict=True))
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BLOCKS = frozenset(("p", "br", "div", "li", "ul", "ol", "jats:p", "jats:sec", "jats:title"))
_TAG = re.compile(
    r"<(sub|sup)>([^<>]{0,80})</\1>"
    r"|</?(i|b|em|strong|u|sub|sup|span|scp|sc|p|br|div|li|ul|ol|a|font|tt|code|small|inf"
    r"|jats:[a-z-]+|mml:[a-z]+|math|mrow|mi|mo|mn|msub|msup)(?:\s[^<>]*)?/?>",
    re.I,
)
