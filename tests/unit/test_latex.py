"""LaTeX and HTML in bibliographies to plain text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.files.latex import plain_text, without_markup

LATEX = {
    r"{\"U}ber Gr{\"o}{\ss}en": "Über Größen",
    r"{\v R}eh{\r u}{\v r}ek, St\o{}vring, {\L}{\'o}d{\'z}": "Řehůřek, Støvring, Łódź",
    r"\'{\i} \'\i \c{c} \c c \~{n} {\~n} \^\i \.{I} \H{o} \k{a}": "í í ç ç ñ ñ î İ ő ą",
    r"Mart\'\in and Beno\^\it": "Martín and Benoît",
    r"{\AE}sir, {\aa}, \ss en": "Æsir, å, ßen",
    "{{CDM}} and {T}he {{Big Bang}}": "CDM and The Big Bang",
    r"A \textit{small} \emph{step} {\sc P} \textbf{b\emph{o}ld}": "A small step P bold",
    r"R\&D, 100\%, a\_b, \#1, \$5": "R&D, 100%, a_b, #1, $5",
    r"pages 1--2 --- ``quoted''": "pages 1–2 — “quoted”",
    r"a~b, ~100 and \textasciitilde{}x": "a b, ~100 and ~x",
    r"$\alpha$-decay of $\Lambda$CDM": "α-decay of ΛCDM",
    r"mm$^2$, Cu$_2$O, 10$^{-3}$, 20$^\circ$C": "mm², Cu₂O, 10⁻³, 20°C",
    r"$\pm$0.1\% and $-$50\,dB, $\sqrt{s}=13$ TeV": "±0.1% and -50 dB, √(s)=13 TeV",
    r"$\mathrm{H_0}$ and $f_{NL}$ in $\mathbb{R}^n$": "H₀ and f_NL in ℝⁿ",
    r"H\textsubscript{2}O": "H₂O",
    r"{\textless}i{\textgreater}E. coli{\textless}/i{\textgreater}": "E. coli",
    r"$<$sub$>$x$<$/sub$>$": "x",
    r"see \url{http://example.org/a_b} \cite{knuth}.": "see http://example.org/a_b .",
    r"\href{http://example.org}{here} \mbox{x} \LaTeX\ is": "here x LaTeX is",
    r"a literal \{set\}": "a literal {set}",
    r"the \UnknownTool works, \mkbibemph{Alexiad}": "the UnknownTool works, Alexiad",
    r"O{\textquoteright}Neil {\textendash} x": "O’Neil – x",
}


@pytest.mark.parametrize(("latex", "text"), LATEX.items())
def test_latex_becomes_what_it_prints(latex: str, text: str) -> None:
    assert plain_text(latex) == text


@pytest.mark.parametrize(
    "text",
    [
        "100% sure",
        "costs $5 and $10",
        "US$ 3 million",
        "a < b and c > d, AT&T",
        "x_1 ^ # & y",
        "name@example.org",
        "Ünïcödé – ‘as it is’",
    ],
)
def test_what_is_no_latex_stays(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"Testing \$\textbackslash{{Lambda}}\${{CDM}}", "Testing ΛCDM"),
        (r"{Fern{\textbackslash}'andez-Garc{\textbackslash}'ia}", "Fernández-García"),
        (r"a {\textbackslash}emph\{distribution\} of", "a distribution of"),
        (r"\{\vphantom\}{{LWE}}\vphantom\{\} schemes", "LWE schemes"),
        (r"Photo-\$z\$ bias", "Photo-z bias"),
    ],
)
def test_latex_that_a_program_escaped_is_read_too(escaped: str, text: str) -> None:
    assert plain_text(escaped) == text


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("{unclosed", "unclosed"),
        ("closed}", "closed"),
        (r"\frac{1", "frac1"),
        (r"$\sqrt$ x", "√() x"),
        (r"a \begin{itemize} b", "a b"),
    ],
)
def test_broken_latex_leaves_its_words(broken: str, text: str) -> None:
    found = plain_text(broken)
    assert found == text or set("abx1").intersection(found)


def test_html_is_read_as_text() -> None:
    assert without_markup("CO<sub>2</sub> &amp; <i>E. coli</i><br/>x") == "CO₂ & E. coli x"
    assert plain_text("<p>One.</p><p>Two.</p>") == "One. Two."
    assert plain_text("&lt;i&gt;so&lt;/i&gt; &unknown; &") == "so &unknown; &"


def test_white_space_is_single() -> None:
    assert plain_text("  a\n\tb\u00a0c\u200b ") == "a b c"


@given(st.text())
@example("\\")
@example("$$$$$")
@example("$" + "{" * 290 + "$")
@example("$" + "{" * 140 + "}" * 140 + "$")
@example(r"\href{a}")
@example(r"$\href{a}{b} \begin{x}$")
@example("\\'" * 1000)
def test_no_text_raises(text: str) -> None:
    assert plain_text(text) == " ".join(plain_text(text).split())


LATEX_PIECES = st.sampled_from(
    [
        "\\",
        "{",
        "}",
        "$",
        "^",
        "_",
        "\\alpha",
        "\\frac",
        "\\'",
        "a",
        " ",
        "%",
        "&",
        "<i>",
        "\\left(",
    ]
)


@given(st.lists(LATEX_PIECES).map("".join))
def test_no_latex_raises(text: str) -> None:
    assert "\n" not in plain_text(text)


@given(st.lists(st.from_regex(r"\w+", fullmatch=True)).map(" ".join))
def test_plain_words_stay(words: str) -> None:
    once = plain_text(words)
    assert once == " ".join(words.split())
    assert plain_text(once) == once
