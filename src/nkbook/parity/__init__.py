"""Whether Quarto and the portable engine make the same book.

Both engines' editions are read into one structure (`structure.py`, `editions.py`), where what
belongs to a theme is taken away (`normal.py`), and compared (`comparison.py`). What is known to
differ stands with its reason in `known.py`. Where there is no Quarto, small projects are compared
with what Quarto made of them once (`recordings.py`).
"""
