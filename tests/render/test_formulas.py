"""Formulas that MathJax sets and pandoc cannot read."""

from __future__ import annotations

from tests.books import TinyBook, markdown
from tests.render.formats import Editions

FORMULAS = r"""
Inline $\unheard{x}$ and $x^2$, and programs: $\LaTeX$.

$$
\unheard{y} = 1
$$ {#eq-one}

See @eq-one.
"""


def test_formula_that_cannot_be_read_stands_as_its_tex(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), markdown(FORMULAS))
    editions = Editions(tiny)
    for words in editions.said():
        assert r"Inline \unheard{x} and" in words
        assert r"\unheard{y} = 1" in words
        assert "Equation 1.1" in words.replace("\u00a0", " ")
        assert "programs: LaTeX" in words or r"LaTeX\text{LaTeX}" in words
    told = "NB503  notebooks/one.ipynb, cell 2: the formula “\\unheard{x}” stands as its TeX"
    assert told in editions.result.output
    assert "NB503" in editions.result.output.split(told, 1)[1]


def test_byte_order_mark_in_an_output_stops_no_edition(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\nA mark \ufeff in a line, and `\ufeffin code`."))
    assert "in a line" in Editions(tiny).pdf


def test_signs_that_typst_has_renamed_are_set(tiny: TinyBook) -> None:
    signs = r"$A \cap B$, $\bigcap C$, $A \sqcap B$, $u \otimes v$, $u \odot v$"
    tiny.chapter("one", markdown(f"# One\n\nA sect is no sign: {signs}."))
    words = Editions(tiny).pdf
    assert "A sect is no sign" in words
    for sign in "∩⋂⊓⊗⊙":
        assert sign in words
