"""What a browser is told about every page: one policy, as a meta tag and as files for hosts.

A page may load from its own site only, and pictures and frames from hosts that the book names;
nothing in it may be styled in line, and nothing may run in line but the one script of the head,
which is known by its hash. Hosts that send headers say the same, and more that only a header can
say: `_headers` (Netlify, Cloudflare Pages), `.htaccess` (Apache), `nginx.conf` (to include in a
`server`) and `vercel.json`. GitHub Pages sends no headers of ours: there the tag holds.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from nkbook.render.site.bundle import head_script

POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "frame-src": "",
    "img-src": "'self'",
    "manifest-src": "'self'",
    "script-src": "'self' {head}",
    "style-src": "'self'",
    "worker-src": "'self'",
}
"""The Content-Security-Policy: directive and sources; `{head}` is the hash of the head's script.

A directive without any source is left out.
"""

HEADER_ONLY = {"frame-ancestors"}
"""Directives that browsers refuse in a meta tag."""

REFERRER = "no-referrer"
"""Whoever follows a link to a source does not tell it where they came from."""

MEDIA_TYPES: Mapping[str, str] = {
    ".csv": "text/csv; charset=utf-8",
    ".epub": "application/epub+zip",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
}
"""What servers often do not know, by suffix."""

FONTS_AGE = 30 * 24 * 3600
"""How long a browser keeps fonts without asking, in seconds: they hardly change."""


Hosts = Mapping[str, Collection[str]]
"""Other hosts that a book shows pictures or frames of, by directive."""


def policy(*, meta: bool, hosts: Hosts = MappingProxyType({})) -> str:
    """The policy as the content of a meta tag, or as the value of a header."""
    digest = hashlib.sha256(head_script().encode()).digest()
    head = f"'sha256-{base64.b64encode(digest).decode()}'"
    directives = {
        name: " ".join([*sources.format(head=head).split(), *sorted(hosts.get(name, ()))])
        for name, sources in POLICY.items()
        if not (meta and name in HEADER_ONLY)
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items() if sources)


def headers(hosts: Hosts = MappingProxyType({})) -> Mapping[str, str]:
    """What a host sends with every file."""
    # No Strict-Transport-Security: a promise about a whole host, which is its owner's to make.
    return {
        "Content-Security-Policy": policy(meta=False, hosts=hosts),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=(), "
        "payment=(), usb=()",
        "Referrer-Policy": REFERRER,
        "X-Content-Type-Options": "nosniff",
    }


def told_headers(site: Path) -> Mapping[str, str]:
    """What the files of a built site tell hosts to send with every file."""
    try:
        rules = json.loads((site / "vercel.json").read_text(encoding="utf-8"))["headers"]
        return {sent["key"]: sent["value"] for sent in rules[0]["headers"]}
    except (OSError, ValueError, LookupError, TypeError):
        return headers()  # made by Quarto


def host_files(site_url: str, hosts: Hosts = MappingProxyType({})) -> Mapping[str, str]:
    """The files that tell hosts what to send, by name; `site_url` may be empty."""
    sent = headers(hosts)
    return {
        ".htaccess": _apache(urlsplit(site_url).path or "/", sent),
        # GitHub Pages leaves the files alone.
        ".nojekyll": "",
        "_headers": _netlify(sent),
        "nginx.conf": _nginx(urlsplit(site_url).path or "/", sent),
        "vercel.json": _vercel(sent),
    }


def _netlify(headers: Mapping[str, str]) -> str:
    """Pages are asked for anew by default there; a second Cache-Control would be added to ours."""
    rules = {
        "/*": headers,
        "/assets/fonts/*": {"Cache-Control": f"public, max-age={FONTS_AGE}"},
        **{f"/*{suffix}": {"Content-Type": kind} for suffix, kind in _own_types().items()},
    }
    return "".join(
        f"{path}\n" + "".join(f"  {name}: {value}\n" for name, value in sent.items())
        for path, sent in rules.items()
    )


def _apache(root: str, headers: Mapping[str, str]) -> str:
    always = "".join(f'  Header always set {name} "{value}"\n' for name, value in headers.items())
    types = "".join(
        f"  AddType {kind.partition(';')[0]} {suffix}\n" for suffix, kind in MEDIA_TYPES.items()
    )
    return (
        f"ErrorDocument 404 {root}404.html\n"
        "AddDefaultCharset utf-8\n"
        "<IfModule mod_mime.c>\n"
        f"{types}"
        "  AddCharset utf-8 .css .csv .html .js .json .svg .txt .xml\n"
        "</IfModule>\n"
        "<IfModule mod_headers.c>\n"
        f"{always}"
        '  Header set Cache-Control "no-cache"\n'
        '  <FilesMatch "\\.woff2$">\n'
        f'    Header set Cache-Control "public, max-age={FONTS_AGE}"\n'
        "  </FilesMatch>\n"
        "</IfModule>\n"
    )


def _nginx(root: str, headers: Mapping[str, str]) -> str:
    """No `location` has an `add_header` of its own: it would put away those of the `server`."""
    always = "".join(f'add_header {name} "{value}" always;\n' for name, value in headers.items())
    types = "".join(
        f"location ~ \\{suffix}$ {{ types {{}} default_type {kind}; }}\n"
        for suffix, kind in _own_types().items()
    )
    return (
        "# Inside a `server` whose `root` is the folder of the site: include /…/nginx.conf;\n"
        "index index.html;\n"
        f"error_page 404 {root}404.html;\n"
        "server_tokens off;\n"
        "charset utf-8;\n"
        "charset_types text/html text/css text/csv text/javascript application/javascript\n"
        "  application/json application/xml image/svg+xml text/plain text/xml;\n"
        "gzip on;\n"
        "gzip_vary on;\n"
        "gzip_types text/css text/csv text/javascript application/javascript application/json\n"
        "  application/manifest+json application/xml image/svg+xml text/plain text/xml;\n"
        "# Browsers keep what they have, and ask each time whether that is still so.\n"
        "expires epoch;\n"
        f"{always}"
        f"location {root}assets/fonts/ {{ expires {FONTS_AGE}s; }}\n"
        f"{types}"
    )


def _vercel(headers: Mapping[str, str]) -> str:
    rules = {
        "/(.*)": headers,
        "/assets/fonts/(.*)": {"Cache-Control": f"public, max-age={FONTS_AGE}"},
        **{f"/(.*)\\{suffix}": {"Content-Type": kind} for suffix, kind in _own_types().items()},
    }
    content = {
        "headers": [
            {
                "source": source,
                "headers": [{"key": name, "value": value} for name, value in sent.items()],
            }
            for source, sent in rules.items()
        ]
    }
    return json.dumps(content, indent=2) + "\n"


def _own_types() -> dict[str, str]:
    """Types of files that no host of the web knows for sure."""
    return {suffix: MEDIA_TYPES[suffix] for suffix in (".epub", ".webmanifest")}
