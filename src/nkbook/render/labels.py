"""Labels that `@` can refer to: the kind that each prefix names, and its word in print."""

from __future__ import annotations

import re

FLOATS = {"fig": "Figure", "tbl": "Table"}
"""What stands apart from the text, with a caption."""

KINDS = {**FLOATS, "sec": "Section", "eq": "Equation"}
"""Prefixes of labels, and what a printed reference says."""

CROSSREF = re.compile(rf"(?:{'|'.join(KINDS)})-")
"""How a label begins that references can name; other keys are citations."""
