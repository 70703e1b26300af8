"""Every key of `_quarto.yml` that the engine knows: honoured, or Quarto's only and why.

An unknown key is a fault that names the nearest known one, so that a misspelt option is never
silently without effect. `*` stands for one name of the author's choice, `**` for anything below.
"""

from __future__ import annotations

from collections.abc import Iterable

from nkbook.render.labels import PREFIXED, TITLED

_EXECUTE = ("enabled", "echo", "output", "eval", "include", "timeout")
_VIEW = ("echo", "output", "include")
_FORMATS = ("html", "epub", "typst")

HONOURED = frozenset(
    {
        "project.type",
        "project.output-dir",
        "project.pre-render",
        "project.post-render",
        "project.resources",
        "book.title",
        "book.subtitle",
        "book.author",
        "book.description",
        "book.license",
        "book.chapters",
        "book.appendices",
        "book.cover-image",
        "book.cover-image-alt",
        "book.favicon",
        "book.output-file",
        "book.site-url",
        "bibliography",
        "csl",
        "crossref.title-delim",
        *(f"crossref.{kind}-title" for kind in TITLED),
        *(f"crossref.{kind}-prefix" for kind in PREFIXED),
        "lang",
        "toc-depth",
        "code-fold",
        *(f"execute.{key}" for key in _EXECUTE),
        *(f"format.{name}.execute.{key}" for name in _FORMATS for key in _VIEW),
        *(f"format.{name}.{key}" for name in _FORMATS for key in ("toc-depth",)),
        *(f"format.{name}.echo" for name in _FORMATS),
        "format.html.code-fold",
        "format.html.code-summary",
        "format.epub.epub-metadata",
    }
)
"""Keys with the same effect in both engines."""

_THEME = "the portable engine has one theme of its own, in assets/"
_SITE = "a feature of Quarto's website theme"
_REFERENCES = "the portable ebook and PDF always end with a chapter of references"
_CACHE = "the portable engine keeps its own cache of executed chapters"

QUARTO_ONLY: dict[str, str] = {
    "project.execute-dir": "the portable engine always runs a chapter in its own folder",
    "project.render": "the portable engine renders the chapters of the book",
    "project.preview.**": "`nkbook serve` takes the place of `quarto preview`",
    "number-sections": "the portable book always numbers its sections",
    **{
        f"format.{name}.number-sections": "the portable book always numbers its sections"
        for name in _FORMATS
    },
    "book.date": "an edition is dated by its sources",
    "book.downloads": "the portable site always offers every edition it has",
    "book.repo-url": _SITE,
    "book.repo-actions": _SITE,
    "book.search": _SITE,
    "book.sidebar.**": _SITE,
    "book.navbar.**": _SITE,
    "book.page-navigation": "the portable site always has previous and next",
    "book.page-footer.**": _SITE,
    "book.page-footer": _SITE,
    "book.reader-mode": _SITE,
    "book.sharing": "the portable site asks nothing of other hosts",
    "book.back-to-top-navigation": _SITE,
    **{
        f"format.{name}.execute.{key}": "the portable engine runs a chapter once for all formats"
        for name in _FORMATS
        for key in _EXECUTE
        if key not in _VIEW
    },
    "execute.freeze": _CACHE,
    "execute.cache": _CACHE,
    "execute.daemon": "the portable engine starts a fresh kernel for each chapter",
    "execute.warning": "standard error is never printed in the portable book",
    "format.html.theme": _THEME,
    "format.html.theme.**": _THEME,
    "format.html.css": _THEME,
    "format.html.toc": "the portable site always has contents",
    "format.html.toc-title": _THEME,
    "format.html.code-tools": _SITE,
    "format.html.code-copy": _SITE,
    "format.html.link-external-newwindow": _SITE,
    "format.html.fig-responsive": "figures of the portable site always fit the page",
    "format.html.smooth-scroll": _SITE,
    "format.html.anchor-sections": _SITE,
    "format.html.citations-hover": _SITE,
    "format.html.footnotes-hover": _SITE,
    "format.html.crossrefs-hover": _SITE,
    "format.html.lightbox": _SITE,
    "format.epub.css": "the portable EPUB has one style of its own, in assets/",
    "format.epub.reference-section-title": _REFERENCES,
    "format.epub.toc": "an EPUB always has contents",
    "format.epub.epub-cover-image": "the portable engine draws the cover",
    "format.typst.citeproc": "the portable PDF always has its citations from citeproc",
    "format.typst.reference-section-title": _REFERENCES,
    "format.typst.toc": "the portable PDF always has contents",
    "format.typst.papersize": "the portable PDF has the size of a book, in assets/",
    "format.typst.keep-typ": "kept on request by Quarto only",
    "format.typst.mainfont": "the portable PDF has one design of its own, in assets/",
    "format.typst.margin.**": "the portable PDF has one design of its own, in assets/",
    "format.typst.section-numbering": "the portable PDF numbers sections as the site does",
    "format.typst.fontsize": "the portable PDF has one design of its own, in assets/",
    "format.typst.font-paths": "the portable PDF has one design of its own, in assets/",
    "format.typst.template-partials": "the portable PDF has one design of its own, in assets/",
    "filters": "filters are programs for Quarto; the portable engine runs none",
    "jupyter": "the portable engine runs the kernel `python3` of its own environment",
    "crossref.sec-prefix": "books say “Chapter”, “Appendix” and “Section” in both engines",
    "crossref.eq-title": "equations have no caption in both engines",
    "crossref.chapters": "books number by chapter in both engines",
    "editor": "an editor's setting",
    "editor.**": "an editor's setting",
}
"""Keys without effect in the portable engine, each with the reason."""

LEAVES = HONOURED | QUARTO_ONLY.keys()


def is_known(path: str) -> bool:
    """Whether a dotted key path is one that an engine knows."""
    if path in LEAVES:
        return True
    parts = path.split(".")
    return any(".".join([*parts[:depth], "**"]) in LEAVES for depth in range(1, len(parts)))


def is_group(path: str) -> bool:
    """Whether known keys lie below a dotted key path."""
    return any(leaf.startswith(path + ".") for leaf in LEAVES)


def siblings(path: str) -> Iterable[str]:
    """The known names beside the last name of a dotted key path."""
    parent = path.rsplit(".", 1)[0] + "." if "." in path else ""
    return {
        leaf.removeprefix(parent).split(".")[0] for leaf in LEAVES if leaf.startswith(parent)
    } - {"**"}
