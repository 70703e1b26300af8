"""Text that is not what it seems: formulas for spreadsheets, and characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,]+%?\Z)")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
"""Controls, and what turns the direction of writing or stands between letters without a trace."""
_WORD = re.compile(r"[^\W\d_]+")
_ALIKE = ("ARMENIAN", "CHEROKEE", "CYRILLIC", "FULLWIDTH", "GREEK", "MATHEMATICAL")
"""Scripts and forms with letters that look Latin."""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens a CSV file would compute this cell in place of showing it.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return _FORMULA.match(text) is not None


def find_hidden(text: str) -> str:
    """The first character that nobody sees, such as “U+202E”; empty where there is none.

    See https://trojansource.codes for what they can do to code.
    """
    found = _HIDDEN.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def find_lookalike(text: str) -> str:
    """The first letter that looks like a Latin one among Latin ones, such as “U+0430”, or nothing.

    A word of one script alone is what it seems. See https://www.unicode.org/reports/tr39/.
    """
    for word in _WORD.findall(text):
        if any(letter.isascii() for letter in word):
            for letter in word:
                if unicodedata.name(letter, "").startswith(_ALIKE):
                    return f"U+{ord(letter):04X}"
    return ""
