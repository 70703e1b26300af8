"""Every key of `_quarto.yml` that the engine knows: honoured, or Quarto's only and why.

An unknown key is a fault that names the nearest known one, so that a misspelt option is never
silently without effect. `**` stands for anything below a key; what is below a key without effect
has none either.
"""

from __future__ import annotations

from collections.abc import Iterable

from nkbook.render.labels import PREFIXED, TITLED

_SHOW = ("echo", "output", "include", "warning")
_CODE = ("code-fold", "code-summary", "code-line-numbers", "code-overflow")
_EXECUTE = ("enabled", "eval", "error", "timeout", *_SHOW)

_COLUMNS = ("column", "fig-column", "tbl-column")
_NOTES = ("reference-location", "citation-location")

VIEW = frozenset({*_SHOW, *_CODE, *_NOTES})
"""Options that say what a format shows: the book, a format or a chapter may, and most a cell."""
SHARED = ("toc-depth", "reference-section-title")
"""Options that a book may give for all formats, and each format for itself."""
_FORMATS = ("html", "epub", "typst")

NUMBERING = ("number-sections", "number-depth")
"""Options that all formats share: what one says holds for all, unless another contradicts it."""

HONOURED = frozenset(
    {
        "project.type",
        "project.output-dir",
        "project.pre-render",
        "project.post-render",
        *("project.resources", "resources"),
        "book.title",
        "book.subtitle",
        "book.author",
        "book.description",
        "book.license",
        "book.chapters",
        *("book.references", "book.appendices"),
        "book.cover-image",
        "book.cover-image-alt",
        "book.favicon",
        "book.output-file",
        "book.site-url",
        *(f"book.{key}" for key in ("repo-url", "repo-actions", "repo-branch", "repo-subdir")),
        *(f"book.page-footer.{place}" for place in ("left", "center", "right")),
        "book.issue-url",
        "book.page-footer",
        "book.page-navigation",
        "book.downloads",
        "bibliography",
        "csl",
        "crossref.title-delim",
        *(f"crossref.{kind}-title" for kind in TITLED),
        *(f"crossref.{kind}-prefix" for kind in PREFIXED),
        "lang",
        "language",
        "nocite",
        *NUMBERING,
        "execute.freeze",
        *_CODE,
        *_NOTES,
        *(f"execute.{key}" for key in _EXECUTE),
        *(f"format.{name}.execute.{key}" for name in _FORMATS for key in _SHOW),
        *SHARED,
        *(f"format.{name}.{key}" for name in _FORMATS for key in (*SHARED, *_CODE, *_SHOW)),
        *(f"format.html.{key}" for key in _NOTES),
        *(f"format.{name}.{key}" for name in _FORMATS for key in NUMBERING),
        "format.epub.epub-metadata",
    }
)
"""Keys with the same effect in both engines.

`execute.freeze` (`true` or `auto`) means here that a chapter runs again only when its own code
changed, whatever else did; Quarto's folder `_freeze` is not read.
"""

_THEME = "the portable engine has one theme of its own, in assets/"
_SITE = "a feature of Quarto's website theme"
_CACHE = "the portable engine keeps its own cache of executed chapters"

_WEB = (
    *("theme", "css", "toc-location", "toc-title", "toc-expand", "code-tools", "code-copy"),
    *("code-link", "code-annotations", "code-block-bg", "code-block-border-left", "page-layout"),
    *("highlight-style", "syntax-highlighting", "link-external-newwindow", "link-external-icon"),
    *("smooth-scroll", "anchor-sections", "citations-hover", "footnotes-hover", "crossrefs-hover"),
    *("lightbox", "grid", "mainfont", "monofont", "fontsize", "linestretch", "linkcolor"),
    *("backgroundcolor", "max-width", "title-block-banner", "title-block-style", "comments"),
    *("include-in-header", "include-before-body", "include-after-body", "html-math-method"),
    *("embed-resources", "self-contained", "minimal", "email-obfuscation", "body-classes"),
    *("date-format", "back-to-top-navigation", "axe", "colorlinks", "document-css"),
    *("notebook-links", "notebook-view", "notebook-preview-options", "format-links", "code-links"),
    *("other-links", "link-external-filter", "appendix-style", "appendix-cite-as", "mermaid"),
    *("title-block-banner-color", "title-block-categories", "respect-user-color-scheme"),
    *("sansfont", "fontcolor", "monobackgroundcolor", "canonical-url"),
)
"""Options of HTML that dress Quarto's own pages."""

_PICTURES = ("fig-width", "fig-height", "fig-dpi", "fig-format", "fig-asp", "fig-align")
_DRAWN = "the code of a cell decides how its picture is drawn"
_CAPTIONS = dict.fromkeys(
    ("cap-location", "fig-cap-location", "tbl-cap-location", "lst-cap-location"),
    "captions have one place in the portable book",
)
_PLACES = {
    **_CAPTIONS,
    **dict.fromkeys(_COLUMNS, "write it in the cell, or as a class of the block, that it is for"),
}
"""Options for a whole book of where something stands."""

_CITED = "citations always come from citeproc, and each leads to its source"
_KEPT = "kept on request by Quarto only"
_HOSTS = "the portable site asks nothing of other hosts"

_DOCUMENT = {
    **dict.fromkeys(("citeproc", "cite-method", "link-citations", "link-bibliography"), _CITED),
    **dict.fromkeys(("keep-md", "keep-ipynb", "keep-tex", "keep-typ"), _KEPT),
    **dict.fromkeys(("lof", "lot"), "the portable PDF has these lists of its own"),
    **dict.fromkeys(
        ("citation", "google-scholar"), "every chapter of the site says how to cite it"
    ),
    "df-print": "a table stands as its library wrote it",
    "from": "chapters are read as Quarto's Markdown without extensions",
    "number-offset": "chapters count from 1",
    "shift-heading-level-by": "headings have the levels that they are written with",
}
"""Options of a document that have no effect in any format, each with the reason."""

_WEBSITE = (
    *("search", "sidebar", "navbar", "reader-mode", "back-to-top-navigation", "announcement"),
    *("body-header", "body-footer", "margin-header", "margin-footer", "bread-crumbs", "site-path"),
    *("repo-link-target", "repo-link-rel", "llms-txt", "image", "image-alt", "open-graph"),
    *("twitter-card", "cookie-consent", "drafts", "draft-mode", "tools"),
)
"""Options of Quarto's website, which a book may have, too."""

QUARTO_ONLY: dict[str, str] = {
    **_DOCUMENT,
    **{f"format.{name}.{key}": reason for name in _FORMATS for key, reason in _DOCUMENT.items()},
    **{f"format.html.{key}": _THEME for key in _WEB},
    **dict.fromkeys((*_WEB, "toc"), _THEME),
    **{f"format.{name}.{key}": _DRAWN for name in _FORMATS for key in _PICTURES},
    **dict.fromkeys(_PICTURES, _DRAWN),
    **_PLACES,
    **{f"format.{name}.{key}": why for name in _FORMATS for key, why in _PLACES.items()},
    **{
        f"format.{name}.{key}": "only the site has room beside the text"
        for name in ("epub", "typst")
        for key in _NOTES
    },
    "format.pdf.**": "the portable PDF is made with Typst and has one design of its own",
    **{
        f"format.{name}.**": "the portable engine makes HTML, EPUB and PDF"
        for name in ("docx", "odt", "latex", "revealjs", "gfm", "jats", "asciidoc", "beamer")
    },
    "project.execute-dir": "the portable engine always runs a chapter in its own folder",
    "project.render": "the portable engine renders the chapters of the book",
    "project.preview": "`nkbook serve` takes the place of `quarto preview`",
    "project.title": "the title of a book is `book.title`",
    "project.lib-dir": "the portable site has no libraries",
    "project.brand": _THEME,
    "brand": _THEME,
    "book.date": "an edition is dated by its sources",
    **{f"book.{key}": _SITE for key in _WEBSITE},
    **dict.fromkeys(("search", "open-graph", "twitter-card", "website"), _SITE),
    "book.page-footer.**": _SITE,
    **{
        f"book.{key}": _HOSTS
        for key in ("sharing", "comments", "google-analytics", "plausible-analytics")
    },
    "book.doi": "the home page of the portable site shows none",
    **{
        f"format.{name}.execute.{key}": "the portable engine runs a chapter once for all formats"
        for name in _FORMATS
        for key in _EXECUTE
        if key not in _SHOW
    },
    "execute.cache": _CACHE,
    "execute.daemon": "the portable engine starts a fresh kernel for each chapter",
    "format.html.toc": "the portable site always has contents",
    "format.html.fig-responsive": "figures of the portable site always fit the page",
    "format.epub.css": "the portable EPUB has one style of its own, in assets/",
    "format.epub.toc": "an EPUB always has contents",
    "format.epub.epub-cover-image": "the portable engine draws the cover",
    "format.typst.toc": "the portable PDF always has contents",
    "format.typst.papersize": "the portable PDF has the size of a book, in assets/",
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
}
"""Keys without effect in the portable engine, each with the reason."""

CELL_HONOURED = frozenset(
    {
        *("label", "fig-cap", "fig-subcap", "fig-alt", "tbl-cap", "tbl-subcap"),
        *_COLUMNS,
        *("layout", "layout-ncol", "layout-nrow", "layout-valign", "lst-cap", "lst-label"),
        *("echo", "output", "eval", "include", "warning", "error"),
        *("code-fold", "code-summary", "code-line-numbers", "code-overflow", "filename"),
    }
)
"""Cell options with an effect, by Quarto's names (`#| name: value`)."""

_MARK = "a mark for other programs"

CELL_QUARTO_ONLY: dict[str, str] = {
    **dict.fromkeys(("fig-width", "fig-height", "fig-dpi", "fig-format"), _DRAWN),
    **dict.fromkeys(
        ("fig-align", "layout-align", "out-width", "fig-responsive"), "figures always fit the page"
    ),
    **dict.fromkeys(("fig-pos", "fig-env", "fig-scap"), "an option of LaTeX"),
    **_CAPTIONS,
    "tbl-colwidths": "columns are as wide as their words need",
    "html-table-processing": "tables in HTML always become tables of the book",
    "classes": _MARK,
    "id": _MARK,
    "tags": _MARK,
    "export": _MARK,
    "message": "Python has warnings only",
    "cache": "the portable engine keeps its own cache of executed chapters",
    "code-annotations": "annotations always stand in a list below their code",
    "code-copy": "the portable site always has it",
}
"""Cell options without effect, each with the reason."""

FRONT_HONOURED = frozenset(
    {
        *("title", "subtitle", "author", "date", "abstract", "description", "aliases"),
        *NUMBERING,
        "toc-depth",
        *(*_CODE, *_NOTES),
        *("echo", "eval", "output", "include", "warning", "error", "freeze"),
        *(f"execute.{key}" for key in (*_EXECUTE, "freeze") if key != "timeout"),
    }
)
"""Keys of a chapter's front matter with an effect, besides its views of each format."""

_BOOK = "it belongs into _quarto.yml, for the whole book"

FRONT_QUARTO_ONLY: dict[str, str] = {
    **dict.fromkeys(("jupyter", "kernel", "kernelspec"), "every chapter runs with `python3`"),
    **dict.fromkeys(("bibliography", "csl", "lang", "crossref", "nocite", "license"), _BOOK),
    **dict.fromkeys(("toc", "execute.timeout"), _BOOK),
    **dict.fromkeys(("categories", "keywords", "tags", "image", "draft"), "a book has no listing"),
    **dict.fromkeys(("engine", "editor", "output-file"), "the book decides it"),
    **_PLACES,
    "execute.cache": _CACHE,
    "execute.daemon": "the portable engine starts a fresh kernel for each chapter",
}
"""Keys of a chapter's front matter without effect, each with the reason."""


def is_front(path: str) -> bool:
    """Whether a key of a chapter's front matter has an effect."""
    if path in FRONT_HONOURED or path == "format":
        return True
    parts = path.split(".")
    if parts[0] != "format" or len(parts) < 3:
        return parts[0] == "format"
    below = ".".join(parts[2:])
    return parts[1] not in _FORMATS or below.removeprefix("execute.") in VIEW


def front_reason(path: str) -> str:
    """Why a key of the front matter has no effect."""
    return FRONT_QUARTO_ONLY.get(path, _BOOK if is_known(path) else "nothing reads it")


LEAVES = HONOURED | QUARTO_ONLY.keys()


def is_known(path: str) -> bool:
    """Whether a dotted key path is one that an engine knows."""
    return path in HONOURED or bool(_idle(path))


def idle_name(path: str, value: object) -> str:
    """How to call a key without effect: as `QUARTO_ONLY` has it, or with the value that is idle."""
    return _idle(path) or f"{path}: {value}"


def idle_reason(path: str, value: object) -> str:
    """Why a key has no effect; an empty string if it has, or its value asks for what is so."""
    if _ALWAYS.get(path.rpartition(".")[2]) == value:
        return ""
    return idle_value(path, value) or QUARTO_ONLY.get(_idle(path), "")


def idle_value(path: str, value: object) -> str:
    """Why a value has no effect, of a key that has one; an empty string for all others."""
    if path.rpartition(".")[2] == "reference-location" and value == "section":
        return "notes stand at the foot of the page, or with `margin` or `block` beside their block"
    return ""


_ALWAYS = {"toc": "true", "citeproc": "true", "link-citations": "true"}
"""Values, as they are written, that say what every edition has anyway."""


def _idle(path: str) -> str:
    if path in HONOURED:
        return ""
    parts = path.split(".")
    above = (".".join(parts[:depth]) for depth in range(len(parts), 0, -1))
    names = (name for key in above for name in (key, f"{key}.**"))
    return next((name for name in names if name in QUARTO_ONLY), "")


def is_group(path: str) -> bool:
    """Whether known keys lie below a dotted key path."""
    return any(leaf.startswith(path + ".") for leaf in LEAVES)


def siblings(path: str) -> Iterable[str]:
    """The known names beside the last name of a dotted key path."""
    parent = path.rsplit(".", 1)[0] + "." if "." in path else ""
    return {
        leaf.removeprefix(parent).split(".")[0] for leaf in LEAVES if leaf.startswith(parent)
    } - {"**"}
