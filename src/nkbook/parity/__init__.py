"""Whether Quarto and the portable engine make the same book.

Both engines' editions are read (`editions.py`, `reader.py`) into one structure (`structure.py`),
without what belongs to a theme (`normal.py`), and compared (`comparison.py`). What is known to
differ stands with its reason in `known.py`. Where there is no Quarto, small projects are compared
with what Quarto made of them once (`recordings.py`).
"""
