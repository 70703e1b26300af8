"""The portable engine: from `_quarto.yml` and its chapters to a whole edition, in Python alone."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from nkbook.clock import edition_date
from nkbook.errors import BookError, Finding, Findings, nearest, parse_findings
from nkbook.paths import CONFIG, Paths
from nkbook.render import pandoc
from nkbook.render.addresses import is_own
from nkbook.render.assembly import build_book, renew_book
from nkbook.render.chapter import Book
from nkbook.render.checksums import seal
from nkbook.render.document import Document, find_named, load_document, load_documents
from nkbook.render.downloads import Download, offer, pack_data, pack_figures, pack_site
from nkbook.render.edition import Edition, staged
from nkbook.render.epub import write_epub
from nkbook.render.execution import (
    TIMEOUT,
    Result,
    execute_documents,
    recall_documents,
    stored_result,
)
from nkbook.render.figures import edition_files, write_figures
from nkbook.render.freshness import (
    Watch,
    Wish,
    is_prepared,
    is_watched,
    keep_prepared,
    present,
)
from nkbook.render.lowering import FigureRecord, lower
from nkbook.render.now import date_variable
from nkbook.render.pdf import write_pdf
from nkbook.render.progress import Progress, Stage, reason_lines
from nkbook.render.project import Project, load_project, load_variables
from nkbook.render.provenance import named_files, provenance
from nkbook.render.reads import find_difference
from nkbook.render.site import Site
from nkbook.render.store import keeping

Writer = Callable[[Book, Path, Path, datetime], object]
"""Writes a book to a file, with images from a staging folder, as the edition of a date."""

LENIENT = frozenset(
    {
        *("NB103", "NB205", "NB206", "NB216", "NB301", "NB304"),
        *("NB601", "NB602", "NB603", "NB604", "NB607", "NB608"),
    }
)
"""Faults that `nkbook build --lenient` only tells: what they name stays as plain text."""


def read_book(
    project: Project,
    progress: Progress,
    *,
    jobs: int = 0,
    fresh: bool | Collection[str] = False,
    spared: frozenset[str] = frozenset(),
    execute: bool = True,
) -> Book:
    """Read, execute and number the whole book; raises `BookError` with every fault found.

    `fresh` has chapters run again that need not: all, or those with these names. Faults with a code
    among `spared` are remarks of the book instead. If it is not to `execute` anything, what
    chapters gave before is used, and hooks of other programs are left out.
    """
    with keeping(Paths(project.root).programs, fresh=fresh is True):
        return _read_book(project, progress, jobs, fresh, spared, execute)


def draw_book(
    project: Project,
    progress: Progress,
    *,
    jobs: int = 0,
    fresh: bool | Collection[str] = False,
    spared: frozenset[str] = frozenset(),
    execute: bool = True,
) -> Book:
    """Read the whole book as `read_book` does, and write the `figures/` that its chapters draw.

    A chapter that reads those runs again where they are no longer as it found them.
    """
    book = read_book(project, progress, jobs=jobs, fresh=fresh, spared=spared, execute=execute)
    if write_figures(book.figures, project, Paths(project.root).figures) and execute:
        now = present(project.root, project.output)
        if any(find_difference(reads, now) for reads in book.reads):
            progress.say("Chapters read figures that were drawn anew:")
            book = read_book(project, progress, jobs=jobs, spared=spared)
    return book


def _read_book(
    project: Project,
    progress: Progress,
    jobs: int,
    fresh: bool | Collection[str],
    spared: frozenset[str],
    execute: bool,
) -> Book:
    findings = Findings(spared=spared)
    run_hooks(project, project.pre_render, execute=execute)
    for command in (*project.pre_render, *project.post_render):
        if not execute and not _is_own(command):
            findings.remark("NB113", CONFIG, f"the hook “{command}” was not run")
    variables = load_variables(project.root, findings)
    citations = _citation_keys(project, findings)
    documents = load_documents(project, findings)
    results = _results(
        project, documents, progress, findings, jobs=jobs, fresh=fresh, execute=execute
    )
    with progress.stage("Reading chapters", len(documents)) as stage:
        lowered = {
            document.file: lower(document, results.get(document.file), project, variables, findings)
            for document in documents
        }
        book = build_book(project, documents, lowered, citations, findings)
        stage.done = len(documents)
    findings.raise_any()
    book.remarks = (*project.remarks, *findings.remarks)
    book.reads = tuple(result.reads for result in results.values() if result.reads)
    return book


def reread_book(book: Book, files: Collection[str]) -> Book | None:
    """The book with the chapters in these files as they are now; `None` where all may change.

    Raises `BookError` with every fault found in them.
    """
    project, progress = book.project, Progress(quiet=True)
    findings = Findings()
    variables = load_variables(project.root, findings)
    citations = _citation_keys(project, findings)
    loaded = [load_document(project.root, file, findings) for file in sorted(files)]
    documents = [document.settled(project.execute) for document in loaded if document]
    results = _results(project, documents, progress, findings)
    lowered = {
        document.file: lower(document, results.get(document.file), project, variables, findings)
        for document in documents
    }
    findings.raise_any()
    changed = {book.positions[document.file]: document for document in documents}
    renewed = renew_book(book, changed, lowered, citations, findings)
    findings.raise_any()
    return renewed


def read_figures(
    project: Project, progress: Progress, ids: Collection[str], *, fresh: bool = False
) -> list[FigureRecord]:
    """The figures of these ids, in the order of the book; runs only the chapters that draw them.

    Raises `BookError` with every fault found in those chapters, and where there is no such figure.
    """
    findings = Findings()
    documents = load_documents(project, findings)
    labels = {cell.label: document for document in documents for cell in document.figures}
    for id in ids:
        if id not in labels:
            hint = nearest(id, labels, "The labels of cells with figures begin with fig-.")
            findings.add("NB213", id, "no chapter draws a figure of this id", hint)
    findings.raise_any()
    run_hooks(project, project.pre_render)
    variables = load_variables(project.root, findings)
    files = {labels[id].file for id in ids}
    drawing = [document for document in documents if document.file in files]
    results = _results(project, drawing, progress, findings, fresh=fresh)
    drawn = [
        figure
        for document in drawing
        for figure in lower(
            document, results.get(document.file), project, variables, findings
        ).figures
        if figure.id in ids
    ]
    findings.raise_any()
    for id in sorted(set(ids) - {figure.id for figure in drawn}):
        hint = "Hand the figure with its data, unit and sources to show(fig, data=…)."
        findings.add("NB213", id, "its cell does not end in show(), so it has no files", hint)
    findings.raise_any()
    return drawn


def _results(
    project: Project,
    documents: Sequence[Document],
    progress: Progress,
    findings: Findings,
    *,
    jobs: int = 0,
    fresh: bool | Collection[str] = False,
    execute: bool = True,
) -> Mapping[str, Result]:
    """What the code of documents gives, run or stored, by file."""
    asked = fresh if isinstance(fresh, bool) else find_named(documents, fresh)
    running = [document for document in documents if document.runs(project.execute)]
    results = {
        document.file: stored_result(document) for document in documents if document not in running
    }
    if not execute:
        return results | recall_documents(running, project.root, findings)
    frozen = {doc.file for doc in running if doc.executing(project.execute).get("freeze")}
    if running:
        reasons: dict[str, str] = {}

        def done(file: str, reason: str) -> None:
            reasons[file] = reason
            stage.step(f"{file}{'' if reason else ' (cached)'}")

        with progress.stage("Executing chapters", len(running)) as stage:
            results |= execute_documents(
                running,
                project.root,
                findings=findings,
                jobs=jobs,
                timeout=float(project.execute.get("timeout", TIMEOUT)),
                environment=date_variable(project.root),
                fresh=asked,
                frozen=frozen,
                ignore=[str(project.output.relative_to(project.root))],
                done=done,
            )
        for line in reason_lines(reasons):
            progress.say(line)
    return results


def build(
    root: Path,
    progress: Progress,
    *,
    formats: Sequence[str] = (),
    jobs: int = 0,
    fresh: bool | Collection[str] = False,
    lenient: bool = False,
    execute: bool = True,
) -> Edition:
    """Build the formats (default: those of `_quarto.yml`) and swap the edition in at the end.

    Without `html` among the formats, the website that is there stays. `lenient` renders what it can
    of constructs it does not know. If it is not to `execute` anything, no kernel is started.
    """
    spared = LENIENT if lenient else frozenset()
    project = load_project(root, spared)
    wish = Wish(formats, lenient)
    formats = tuple(formats) or project.formats
    watch = Watch(root, project.output)
    book = draw_book(project, progress, jobs=jobs, fresh=fresh, spared=spared, execute=execute)
    watch.settle()
    date = edition_date(root)
    with keeping(Paths(root).programs, fresh=fresh is True), staged(project.output) as staging:
        if "html" not in formats and project.output.is_dir():
            shutil.copytree(project.output, staging, dirs_exist_ok=True)
        with progress.stage("Drawing figures", len(book.figures)) as stage:
            write_media(book, staging, jobs, stage)
        resources = copy_resources(project, staging) if "html" in formats else []
        # Now, when all that is copied is there: every zip takes this record along.
        provenance(project, staging, "portable", formats).write(staging)
        downloads, site = _write_formats(book, staging, date, formats, jobs, progress)
        files = {item.format: project.output / item.file for item in downloads}
        if site:
            with progress.stage("Writing pages", len(book.chapters)) as stage:
                site.compose()
                site.write_assets()
                site.write_pages(downloads)
                stage.done = len(book.chapters)
            with progress.stage("Packing what readers take along"):
                # First the site, which holds figures and data already: no zip lies in a zip.
                offline = pack_site(project, staging, date)
                more = (
                    pack_figures(project, book.figures, staging, date),
                    pack_data(project, resources, staging, date),
                )
                site.write_pages([*downloads, offline, *filter(None, more)])
                # Cards are for where the site is published: not in the zip.
                site.write_cards()
            files = {"html": project.output / "index.html", **files}
            files["offline"] = project.output / offline.file
        seal(staging)
    run_hooks(project, project.post_render, execute=execute)
    if project.post_render:
        seal(project.output)
    edition = Edition(project.output, files, book.remarks)
    hooks = (*project.pre_render, *project.post_render)
    outside = [file.name for file in named_files(project) if not is_watched(file, root)]
    if execute:
        watch.keep(edition, wish, book.reads, hooks, outside)
    return edition


def _write_formats(
    book: Book,
    staging: Path,
    date: datetime,
    formats: Sequence[str],
    jobs: int,
    progress: Progress,
) -> tuple[list[Download], Site | None]:
    """Write the EPUB and the PDF and render the chapters for the website, all at the same time.

    Raises `BookError` with the faults of all.
    """

    def write(label: str, form: str, writer: Writer) -> Download:
        with progress.stage(f"Writing {label}"):
            target = staging / book.project.main_file(form)
            writer(book, staging, target, date)
            return offer(label, target)

    def render() -> Site:
        with progress.stage("Rendering the website"):
            return Site(book, staging, date, jobs or os.cpu_count() or 1)

    findings = Findings()
    downloads: list[Download] = []
    site = None
    # Most of it is done by pandoc and Typst, outside of Python: threads fill all cores.
    with _hasty(ThreadPoolExecutor(1 if jobs == 1 else None)) as pool:
        # The printed book takes longest.
        pdf = pool.submit(write, "PDF", "pdf", write_pdf) if "pdf" in formats else None
        rendering = pool.submit(render) if "html" in formats else None
        epub = pool.submit(write, "EPUB", "epub", write_epub) if "epub" in formats else None
        for writing in filter(None, (epub, pdf)):
            with findings.collecting():
                downloads.append(writing.result())
        if rendering:
            with findings.collecting():
                site = rendering.result()
    findings.raise_any()
    return downloads, site


@contextlib.contextmanager
def _hasty(pool: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    """A pool that is not waited for where the block is left by Ctrl-C."""
    is_left = False
    try:
        yield pool
    except KeyboardInterrupt:
        is_left = True
        raise
    finally:
        pool.shutdown(wait=not is_left, cancel_futures=is_left)


def run_hooks(project: Project, commands: Sequence[str], *, execute: bool = True) -> None:
    """Run `pre-render` or `post-render` commands in the project's folder, as Quarto does.

    Programs installed beside the running Python are found first. If nothing of the project is to
    `execute`, only this program's own are run. Raises `BookError`.
    """
    environment = {**programs_beside(), "QUARTO_PROJECT_OUTPUT_DIR": str(project.output)}
    for command in commands:
        try:
            words = shlex.split(command)
        except ValueError as error:
            hint = "Close the quotation."
            message = f"cannot read “{command}”: {error}"
            raise BookError([Finding("_quarto.yml", "NB110", message, hint)]) from error
        is_own = _is_own(command)
        if not words or (is_own and is_prepared(project.root)) or not (is_own or execute):
            continue
        if words[0].endswith(".py"):
            words = [sys.executable, *words]
        program = shutil.which(words[0], path=environment["PATH"]) or words[0]
        try:
            done = subprocess.run(
                [program, *words[1:]],
                cwd=project.root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise BookError(
                [Finding("_quarto.yml", "NB110", f"cannot run “{command}”: {error}", "")]
            ) from error
        if done.returncode:
            own = parse_findings(done.stderr)
            text = (done.stderr or done.stdout).strip()
            raise BookError(
                own or [Finding("_quarto.yml", "NB110", f"“{command}” failed: {text}", "")]
            )
        if is_own:
            keep_prepared(project.root)


def _is_own(command: str) -> bool:
    return command.split() == ["nkbook", "prepare"]


def programs_beside() -> dict[str, str]:
    """The environment in which programs installed beside the running Python are found first."""
    beside = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([beside, os.environ.get("PATH", "")])}


def _citation_keys(project: Project, findings: Findings) -> set[str]:
    found: set[str] = set()
    for file in project.bibliography:
        if not is_own(project.root, file):
            findings.add("NB107", CONFIG, f"bibliography: no file {file.name}", "Check the path.")
            continue
        form = {".json": "csljson", ".bib": "biblatex", ".yaml": "markdown", ".yml": "markdown"}
        reader = form.get(file.suffix, "biblatex")
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            findings.add("NB107", file.name, "is not UTF-8 text", "Save it as UTF-8.")
            continue
        items = pandoc.run(["--from", reader, "--to", "csljson"], text, place=file.name)
        found |= {str(item["id"]) for item in json.loads(items)}
    return found


def write_media(book: Book, staging: Path, jobs: int = 0, stage: Stage | None = None) -> None:
    """Write the pictures of chapters, and their figures in every form that an edition offers."""
    for chapter in book.chapters:
        for path, data in chapter.media.items():
            target = staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    folder = staging / "figures"
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        drawn = pool.map(lambda figure: edition_files(figure, book.project), book.figures)
        for figure, files in zip(book.figures, drawn, strict=True):
            folder.mkdir(exist_ok=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
            if stage:
                stage.step(figure.id)


def copy_resources(project: Project, staging: Path) -> list[Path]:
    """Copy `project.resources` and the chapters' own files, which readers may take along.

    Returns the resources.
    """
    resources = project.resource_files()
    for file in sorted({*resources, *(project.root / entry.file for entry in project.entries)}):
        target = staging / file.relative_to(project.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    return resources
