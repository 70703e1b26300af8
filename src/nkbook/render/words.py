"""The words that the renderer itself puts into a book, in the languages that it knows.

English is the key, so that code reads as the book does; a language without a word has the English.
The words that Quarto's books have, too, are the same.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "Abstract": "Zusammenfassung",
        "Appendices": "Anhang",
        "Appendix": "Anhang",
        "Caution": "Vorsicht",
        "Chapter": "Kapitel",
        "Code": "Code",
        "Figure": "Abbildung",
        "Important": "Wichtig",
        "Note": "Hinweis",
        "Picture without a description": "Bild ohne Beschreibung",
        "References": "Literatur",
        "Section": "Kapitel",
        "Table": "Tabelle",
        "Tip": "Tipp",
        "Warning": "Warnung",
        "Edit this page": "Seite editieren",
        "Report an issue": "Problem melden",
        "View source": "Quellcode anzeigen",
    },
    "ko": {
        "Abstract": "초록",
        "Appendices": "부록",
        "Appendix": "부록",
        "Caution": "주의",
        "Chapter": "장",
        "Code": "코드",
        "Figure": "그림",
        "Important": "중요",
        "Note": "노트",
        "Picture without a description": "설명이 없는 그림",
        "References": "참고문헌",
        "Section": "섹션",
        "Table": "표",
        "Tip": "힌트",
        "Warning": "경고",
        "Edit this page": "편집",
        "Report an issue": "이슈 보고",
        "View source": "소스코드 보기",
    },
}
"""By language (the first part of `lang`), then by English word."""


def word(lang: str, english: str) -> str:
    """A fixed word of the renderer in the language of the book."""
    return WORDS.get(lang.partition("-")[0].lower(), {}).get(english, english)
