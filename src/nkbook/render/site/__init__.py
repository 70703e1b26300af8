"""The website: one page for each chapter, static, with no request to any other host."""

from nkbook.render.site.pages import Download, Site

__all__ = ["Download", "Site"]
