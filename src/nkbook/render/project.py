"""The project: `_quarto.yml`, read once into a frozen record. Nobody else opens that file."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from nkbook.errors import BookError, Finding, Findings, nearest
from nkbook.paths import CONFIG
from nkbook.render import keys, words
from nkbook.render.active import check_drawing, runs
from nkbook.render.addresses import is_own, own_file
from nkbook.render.labels import Words, label_words
from nkbook.render.words import Language
from nkbook.render.yaml_text import YamlError, read_tree, read_yaml

_CHECK = "Check the indentation and the quotes here."

FORMATS = {"html": "html", "epub": "epub", "pdf": "pdf", "typst": "pdf"}
"""Quarto's name of each format we render, and ours. Its own `pdf` comes from LaTeX."""

CHAPTER_SUFFIXES = (".ipynb", ".qmd", ".md")


@dataclass(frozen=True)
class Entry:
    """One chapter in the order of the book."""

    file: str
    """The chapter's file, relative to the project, with forward slashes."""
    kind: str
    """`home`, `part` (the page of a part), `chapter` or `appendix`."""
    part: str
    """The part it stands in, by its title or by the file of its page; or an empty string."""

    @functools.cached_property
    def href(self) -> str:
        """The chapter's page, relative to the root of the site."""
        return str(PurePosixPath(self.file).with_suffix(".html"))

    @property
    def offprint(self) -> str:
        """The chapter's own PDF, beside its page; empty for a page that is no chapter."""
        path = str(PurePosixPath(self.file).with_suffix(".pdf"))
        return "" if self.kind in {"home", "part"} else path


@dataclass(frozen=True)
class Project:
    """What `_quarto.yml` says, with every default filled in."""

    root: Path
    title: str
    subtitle: str
    authors: tuple[str, ...]
    description: str
    licence: str
    language: Language
    entries: tuple[Entry, ...]
    output: Path
    output_file: str
    formats: tuple[str, ...]
    """Formats to build, in our names: `html`, `epub`, `pdf`."""
    options: Mapping[str, Mapping[str, Any]]
    """Options of each format, with the project's options underneath."""
    bibliography: tuple[Path, ...]
    csl: Path | None
    nocite: tuple[str, ...]
    """Keys of sources that are listed without being cited; `*` stands for all."""
    pre_render: tuple[str, ...]
    post_render: tuple[str, ...]
    resources: tuple[str, ...]
    cover_image: str
    """A picture for the home page, relative to the project, or an empty string."""
    cover_image_alt: str
    favicon: str
    site_url: str
    """Where the site is published, ending in a slash, or an empty string: `https://host/path/`."""
    metadata: Mapping[str, Any]
    """The whole file, for `{{< meta … >}}`."""
    execute: Mapping[str, Any]
    """How code is run, for all formats: the section `execute:`."""
    words: Words
    """What figures, tables and all else with a label are called."""
    remarks: tuple[Finding, ...] = ()
    """Keys of the file without effect, and faults that were spared."""

    @property
    def lang(self) -> str:
        """The language of the book, such as `en-GB`."""
        return self.language.tag

    def main_file(self, form: str) -> str:
        """The file of the edition by which a reader opens a format."""
        return "index.html" if form == "html" else f"{self.output_file}.{form}"

    def resource_files(self) -> list[Path]:
        """The files that `project.resources`, or `resources` for all chapters, names."""
        found: set[Path] = set()
        for pattern in self.resources:
            for match in self.root.glob(pattern):
                # As in Quarto, a folder stands for all that is in it.
                inside = match.rglob("*") if match.is_dir() else [match]
                found |= {file for file in inside if is_own(self.root, file)}
        return sorted(found)

    def option(self, form: str, name: str, default: Any = None) -> Any:
        """An option of a format, such as `option("html", "toc-depth")`."""
        return self.options[form].get(name, default)

    def references_title(self, form: str) -> str:
        """The title of a list of references in a format."""
        return str(self.option(form, "reference-section-title", self.language.word("References")))


def load_project(root: Path, spared: frozenset[str] = frozenset()) -> Project:
    """Read and check `_quarto.yml` in `root`; raises `BookError` with all its faults.

    Faults with a code among `spared` are remarks of the project instead.
    """
    file = root / CONFIG
    findings = Findings(spared=spared)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        findings.add("NB101", CONFIG, f"cannot be read: {error}", "Save it as UTF-8 text.")
        raise BookError(findings) from error
    try:
        config, tree = read_yaml(text), read_tree(text)
    except YamlError as error:
        findings.add("NB102", error.place(CONFIG), error.problem, _CHECK)
        raise BookError(findings) from error
    if not isinstance(config, dict):
        findings.add("NB102", CONFIG, "is empty", "A book needs project, book and format.")
        raise BookError(findings)

    _check_keys(tree, findings)
    for value, line in _scalars(tree):
        if runs(value):
            message = f"“{value[:60]}” is an address that runs"
            findings.add("NB606", f"{CONFIG}, line {line}", message, "Write one of a page.")
    book = _mapping(config.get("book"), "book", findings, required=True)
    project = _mapping(config.get("project"), "project", findings, required=True)
    execute = _mapping(config.get("execute"), "execute", findings)
    if project.get("type") != "book":
        findings.add(
            "NB104", CONFIG, "project.type is not “book”", "Write `type: book` under `project:`."
        )
    if not book.get("title"):
        findings.add("NB105", CONFIG, "book.title is missing", "Give the book a title.")
    entries = _entries(book, root, tree, findings)
    bibliography = tuple(root / name for name in _texts(config.get("bibliography")))
    csl = root / str(config["csl"]) if config.get("csl") else None
    if csl and not is_own(root, csl):
        findings.add("NB107", CONFIG, f"csl: no file {config['csl']}", "Check the path.")
    cover, favicon = (_file(book, key, root, findings) for key in ("cover-image", "favicon"))
    site_url = _site_url(book, findings)
    output = root / str(project.get("output-dir", "_book"))
    sources = [file, root / "figures", *(root / entry.file for entry in entries), *bibliography]
    _check_output(output, root, sources, findings)
    resources = (*_texts(project.get("resources")), *_texts(config.get("resources")))
    for pattern in resources:
        path = PurePosixPath(pattern)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            message = f"resources: “{pattern}” is outside the project"
            findings.add("NB107", CONFIG, message, "Name files and folders of the project.")
    form = config.get("format") or "html"
    declared = {form: {}} if isinstance(form, str) else _mapping(form, "format", findings)
    formats = tuple(dict.fromkeys(ours for name, ours in FORMATS.items() if name in declared))
    options: dict[str, dict[str, Any]] = {}
    for name, ours in FORMATS.items():
        if ours not in options or name in declared:
            options[ours] = _options(config, execute, name, declared.get(name), findings)
    _share_numbering(config, declared, findings)
    for name in sorted({*_texts(book.get("downloads"))} - {*FORMATS}):
        message = f"“book.downloads: {name}” has no effect: the portable engine makes EPUB and PDF"
        findings.remark("NB112", CONFIG, message)
    own = _own_words(config.get("language"), root, findings)
    language = Language(str(config.get("lang", "en")), own)
    labels = label_words(_mapping(config.get("crossref"), "crossref", findings), language)
    findings.raise_any()
    return Project(
        root=root,
        title=str(book["title"]),
        subtitle=str(book.get("subtitle", "")),
        authors=_authors(book.get("author")),
        description=" ".join(str(book.get("description", "")).split()),
        licence=str(book.get("license", "")),
        language=language,
        entries=entries,
        output=output,
        output_file=str(book.get("output-file") or slug(str(book["title"]))),
        formats=formats,
        options=options,
        bibliography=bibliography,
        csl=csl,
        nocite=_nocite(config.get("nocite")),
        pre_render=_texts(project.get("pre-render")),
        post_render=_texts(project.get("post-render")),
        resources=resources,
        cover_image=cover,
        cover_image_alt=str(book.get("cover-image-alt", "")),
        favicon=favicon,
        site_url=site_url,
        metadata=config,
        execute=execute,
        words=labels,
        remarks=tuple(findings.remarks),
    )


def load_variables(root: Path, findings: Findings) -> Mapping[str, Any]:
    """The values of `_variables.yml`, which may be made by a pre-render step; empty if absent."""
    file = root / "_variables.yml"
    if not file.is_file():
        return {}
    try:
        loaded = read_yaml(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        findings.add("NB102", file.name, "is not UTF-8 text", "Save it as UTF-8.")
        return {}
    except YamlError as error:
        findings.add("NB102", error.place(file.name), error.problem, _CHECK)
        return {}
    return loaded if isinstance(loaded, dict) else {}


_NAME_BYTES = 120
"""File systems take names of 255 bytes; editions add words of their own to this one."""


def slug(text: str) -> str:
    """A file name for a title, as Quarto makes it: words joined by hyphens, if they are few."""
    name = re.sub(r"[^\w]+", "-", text.replace("’", "").replace("'", "")).strip("-")
    if len(name.encode()) <= _NAME_BYTES:
        return name
    short = name.encode()[: _NAME_BYTES + 1].decode(errors="ignore")
    return short.rpartition("-")[0] or short[:-1]


def _own_words(value: Any, root: Path, findings: Findings) -> dict[str, str]:
    """The section `language:`, or the file that it names: a book's words in place of ours."""
    if isinstance(value, str):
        name, file = value, own_file(root, value)
        try:
            value = read_yaml(file.read_text(encoding="utf-8")) if file else None
        except (UnicodeDecodeError, YamlError):
            file = None
        if file is None:
            hint = "Check the path; the file holds one word a line, such as `code-summary: Code`."
            findings.add("NB107", CONFIG, f"language: cannot read the file {name}", hint)
            return {}
    given = _mapping(value, "language", findings)
    for key in sorted(given.keys() - words.keys()):
        message = f"“language.{key}” has no effect: the portable engine prints no such word"
        findings.remark("NB112", CONFIG, message)
    return {key: str(given[key]) for key in given.keys() & words.keys()}


def _file(book: Mapping[str, Any], key: str, root: Path, findings: Findings) -> str:
    """A file of the project that a key of `book:` names, or an empty string."""
    name = str(book.get(key) or "")
    path = PurePosixPath(name)
    file = own_file(root, name) if name and ".." not in path.parts else None
    if file:
        check_drawing(name, file.read_bytes(), f"{CONFIG}, book.{key}", findings)
    elif name:
        findings.add("NB107", CONFIG, f"book.{key}: no file {name}", "Check the path.")
    return name


def _site_url(book: Mapping[str, Any], findings: Findings) -> str:
    """The address of `book.site-url`, without what a page adds to it."""
    given = str(book.get("site-url") or "").strip()
    try:
        parts = urlsplit(given)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        whole = False
    if given and (not whole or parts.query or parts.fragment or re.search(r"\s", given)):
        findings.add(
            "NB111",
            CONFIG,
            f"book.site-url: “{given}” is not the address of a site",
            "Write it whole, such as https://example.org/book/.",
        )
    return f"{given.rstrip('/')}/" if given else ""


def _check_output(output: Path, root: Path, sources: Sequence[Path], findings: Findings) -> None:
    """A build replaces its whole output folder, so nothing else may live there."""
    folder = output.resolve()
    if not folder.is_relative_to(root.resolve()):
        reason = "lies outside the project"
    elif held := [source for source in sources if source.resolve().is_relative_to(folder)]:
        reason = f"holds sources of the book ({held[0].relative_to(root).as_posix()})"
    else:
        return
    findings.add(
        "NB108",
        CONFIG,
        f"project.output-dir: “{output}” {reason}, and every build replaces it",
        "Name a folder of its own inside the project, such as _site.",
    )


def _options(
    config: Mapping[str, Any], execute: Mapping[str, Any], name: str, own: Any, findings: Findings
) -> dict[str, Any]:
    """A format's options: its own, then `execute` of the format, of the project, then top level."""
    own = own if isinstance(own, dict) else {}
    shared = {key: config[key] for key in (*keys.SHARED, *keys.VIEW) if key in config}
    nested = _mapping(own.get("execute"), f"format.{name}.execute", findings)
    options = {
        **shared,
        **execute,
        **nested,
        **{key: value for key, value in own.items() if key != "execute"},
    }
    for key in ("toc-depth", "number-depth", "timeout"):
        value = options.get(key, config.get(key, 1))
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            findings.add(
                "NB109", CONFIG, f"{key}: “{value}” is not a number above 0", "Such as `3`."
            )
    return options


def _share_numbering(
    config: dict[str, Any], declared: Mapping[str, Any], findings: Findings
) -> None:
    """Take what formats say of numbers for the whole book, where none contradicts another."""
    own = [declared[name] for name in FORMATS if isinstance(declared.get(name), dict)]
    for key in keys.NUMBERING:
        said = [options[key] for options in own if key in options]
        if said and any(value != config.get(key, said[0]) for value in said):
            message = f"“{key}” differs between formats: all of them have the numbers of the book"
            findings.remark("NB112", CONFIG, message)
        elif said:
            config[key] = said[0]


def _check_keys(tree: yaml.Node | None, findings: Findings) -> None:
    """Add a finding for each unknown key, and a remark for all that are idle for one reason."""
    idle: dict[str, list[tuple[int, str]]] = {}

    def check(node: yaml.Node | None, prefix: str) -> None:
        for key_node, value_node in node.value if isinstance(node, yaml.MappingNode) else ():
            path, line = f"{prefix}{key_node.value}", key_node.start_mark.line + 1
            if keys.is_known(path):
                if reason := keys.idle_reason(path, value_node.value):
                    idle.setdefault(reason, []).append(
                        (line, keys.idle_name(path, value_node.value))
                    )
            elif keys.is_group(path):
                check(value_node, f"{path}.")
            else:
                hint = "See src/nkbook/render/keys.py for the keys that have an effect."
                hint = nearest(str(key_node.value), keys.siblings(path), hint)
                findings.add("NB103", f"{CONFIG}, line {line}", f"unknown key “{path}”", hint)

    check(tree, "")
    for reason, found in idle.items():
        lines = sorted({line for line, _ in found})
        place = f"{CONFIG}, line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}"
        names = [f"“{name}”" for name in dict.fromkeys(name for _, name in found)]
        verb = "has" if len(names) == 1 else "have"
        findings.remark("NB112", place, f"{', '.join(names)} {verb} no effect: {reason}")


def _entries(
    book: Mapping[str, Any], root: Path, tree: yaml.Node | None, findings: Findings
) -> tuple[Entry, ...]:
    # Of words that stand in several lines, the first counts.
    lines = dict(reversed([*_scalars(tree)]))
    entries: dict[str, Entry] = {}

    def add(item: Any, kind: str, part: str) -> None:
        if isinstance(item, dict) and "part" in item:
            name = str(item["part"])
            if PurePosixPath(name).suffix in CHAPTER_SUFFIXES:
                add(name, "part", name)
            for child in _list(item.get("chapters"), f"chapters of “{name}”", findings):
                add(child, kind, name)
            return
        file = item.get("file") if isinstance(item, dict) else item
        if not isinstance(file, str):
            findings.add(
                "NB106", CONFIG, f"not a chapter: {item!r}", "Write a file name or a part."
            )
            return
        place = f"{CONFIG}, line {lines.get(file, 1)}"
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts:
            findings.add("NB106", place, f"“{file}” is outside the project", "Move it inside.")
        elif path.suffix not in CHAPTER_SUFFIXES:
            findings.add("NB106", place, f"“{file}” is not a chapter", "Use .ipynb, .qmd or .md.")
        elif not (root / file).is_file():
            present = [
                str(found.relative_to(root).as_posix())
                for suffix in CHAPTER_SUFFIXES
                for found in (root / path.parent).glob(f"*{suffix}")
            ]
            findings.add(
                "NB106",
                place,
                f"there is no chapter “{file}”",
                nearest(file, present, "Add the file, or take it off the list."),
            )
        elif file in entries:
            findings.add("NB106", place, f"“{file}” is listed twice", "Keep one of the two.")
        else:
            entries[file] = Entry(file, "home" if file.startswith("index.") else kind, part)

    for item in _list(book.get("chapters"), "book.chapters", findings):
        add(item, "chapter", "")
    if book.get("references"):
        add(book["references"], "chapter", "")
    for item in _list(book.get("appendices"), "book.appendices", findings):
        add(item, "appendix", "")
    if not findings and not any(entry.kind == "home" for entry in entries.values()):
        hint = "Put index.qmd (or index.ipynb, index.md) first under `chapters:`."
        findings.add("NB106", CONFIG, "the book has no home page", hint)
    return tuple(entries.values())


def _scalars(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Every key and every single value, with its line."""
    if isinstance(node, yaml.ScalarNode):
        yield node.value, node.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode | yaml.MappingNode):
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from _scalars(part)


def _mapping(
    value: Any, key: str, findings: Findings, *, required: bool = False
) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    if value is not None:
        findings.add(
            "NB105", CONFIG, f"“{key}:” is not a section", "Write its keys below it, indented."
        )
    elif required:
        findings.add("NB105", CONFIG, f"“{key}:” is missing", f"Add a “{key}:” section.")
    return {}


def _list(value: Any, key: str, findings: Findings) -> list[Any]:
    if value is None or isinstance(value, list):
        return value or []
    findings.add("NB105", CONFIG, f"“{key}:” is not a list", "Begin each of its lines with “- ”.")
    return []


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _nocite(value: Any) -> tuple[str, ...]:
    return tuple(re.findall(r"@(\*|[\w:.#$%&+?<>~/-]*\w)", str(value or "")))


def _authors(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value] if value else []
    return tuple(str(i.get("name", "")) if isinstance(i, dict) else str(i) for i in items)
