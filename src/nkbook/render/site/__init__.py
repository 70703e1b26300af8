"""The website: one page for each chapter, static, with no request to any other host."""

from nkbook.render.site.pages import Site

__all__ = ["Site"]
