r"""Formulas in TeX, as MathML and Typst can set them.

A browser with MathJax knows more of TeX than pandoc does, which turns it into MathML. What pandoc
cannot read would stop every format at its end; it is found here, with its cell.
"""

from __future__ import annotations

import re

from nkbook.errors import Findings
from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.document import Document

_LOGO = re.compile(r"\\((?:La|Ka)?TeX)(?![A-Za-z])")
"""The names of programs that TeX writes with a macro of their own."""


def settle_formulas(blocks: list[Node], document: Document, findings: Findings) -> list[Node]:
    """Blocks in which every formula can be set; one that cannot stands as its TeX (NB503)."""
    if not any(ast.nodes(blocks, "Math")):
        return blocks
    named: list[Node] = ast.walk(blocks, _named)
    formulas = {node["c"][1]: node for node in ast.nodes(named, "Math")}
    unknown = set(_unknown(formulas, document.file))

    def visit(node: Node) -> list[Node] | None:
        if node["t"] != "Math" or (tex := node["c"][1]) not in unknown:
            return None
        message = f"the formula “{' '.join(tex.split())}” stands as its TeX: pandoc cannot read it"
        findings.remark("NB503", document.find(tex), message)
        return [{"t": "Code", "c": [ast.attr("", ["tex"]), tex.strip()]}]

    settled: list[Node] = ast.walk(named, visit)
    return settled


def _named(node: Node) -> list[Node] | None:
    if node["t"] != "Math":
        return None
    kind, tex = node["c"]
    return [{"t": "Math", "c": [kind, _LOGO.sub(r"\\text{\1}", tex)]}]


def _unknown(formulas: dict[str, Node], place: str) -> list[str]:
    """The formulas that pandoc leaves as TeX where it should write MathML."""
    paragraphs = [ast.para([node]) for node in formulas.values()]
    arguments = ["--quiet", "--to", "html5", "--mathml", "--wrap", "none"]
    made = re.findall(r"<p>(.*?)</p>", pandoc.write(paragraphs, arguments, place=place), re.DOTALL)
    return [tex for tex, text in zip(formulas, made, strict=True) if "<math" not in text]
