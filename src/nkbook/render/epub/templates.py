"""The templates of `assets/ebook/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2
from markupsafe import Markup

from nkbook.paths import ASSETS
from nkbook.render.language import mark_korean_text


class Templates:
    """The templates, with what all of them know."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = context
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(ASSETS / "ebook"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["korean"] = self._korean

    def __call__(self, name: str, **more: Any) -> str:
        """Render a template."""
        return self.environment.get_template(name).render({**self.context, **more}).lstrip()

    def page(self, heading: str, matter: str, body: str, kind: str = "text") -> str:
        """A content document around `body`, which is XHTML."""
        return self("page.xhtml.j2", heading=heading, matter=matter, body=body, kind=kind)

    def front(self, name: str) -> str:
        """A page before the contents."""
        body = self(f"{name}.xhtml.j2")
        return self.page(str(self.context["title"]), "frontmatter", body, f"{name}-page")

    def _korean(self, text: str) -> Markup:
        marked = mark_korean_text(text, str(self.context["lang"]))
        # Readers of today ask `lang`, those of yesterday `xml:lang`.
        return Markup(str(marked).replace('lang="ko"', 'lang="ko" xml:lang="ko"'))
