"""The portable engine: renders a Quarto book project of notebooks and Markdown.

It knows nothing of this book's subject. What it reads: `_quarto.yml`, the chapters, the files they
name. What it writes: a website, an EPUB, a PDF, figures and an offline edition. It imports neither
`nkbook.data` nor `nkbook.charts`.
"""
