"""The command line. Exit codes: 0 done, 1 faults in the sources, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from collections.abc import Iterable, Set
from dataclasses import asdict
from pathlib import Path

import click

from nkbook import __version__
from nkbook.errors import BookError, Finding
from nkbook.paths import Paths, find_root
from nkbook.render.edition import Edition
from nkbook.render.engines import ENGINES, choose_engine
from nkbook.render.freshness import Wish, find_edition
from nkbook.render.progress import Progress

# What else a command needs is loaded when it runs: all of it takes longer than most commands.

FORMATS = ("html", "epub", "pdf")

_ALL = "*"
"""What `--fresh` without a name stands for."""


class _Group(click.Group):
    """Reports findings as text and leaves with the documented exit code."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BookError as error:
            report(error.findings)
            sys.exit(1)
        except BrokenPipeError:
            raise  # `nkbook … | head`, which click ends without a word
        except OSError as error:
            # The disk is full, a folder is write-protected, a drive was pulled out.
            hint = "Check that the disk has room and that you may write there, then build again."
            message = error.strerror or str(error)
            report([Finding(str(error.filename or "files"), "NB803", message, hint)])
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            if threading.active_count() > 1:
                # What still renders would be waited for.
                os._exit(130)
            sys.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nkbook")
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the book (default: here or the nearest above with _quarto.yml).",
)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but faults and results.")
@click.pass_context
def main(context: click.Context, project: Path | None, quiet: bool) -> None:
    """The press of an open book: website, EPUB, PDF and figures from Jupyter notebooks.

    Exit codes: 0 done, 1 faults in the sources, 2 wrong usage, 130 interrupted.
    """
    # Readers verify an edition where its sources are not; a new book has no project yet.
    anywhere = context.invoked_subcommand in {"init", "verify"} and project is None
    root = Path.cwd() if anywhere else find_root(project)
    context.obj = (Paths(root), Progress(quiet=quiet))


@main.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Start a new small book in FOLDER (default: here). Nothing is overwritten."""
    from nkbook.render.starter import start_book

    for file in start_book(folder):
        click.echo(f"Written: {os.path.relpath(file)}")
    where = os.path.relpath(folder)
    there = "" if where == os.curdir else f"cd {shlex.quote(where)} && "
    click.echo(f"Next: {there}nkbook build")
    click.echo("It makes a website, an EPUB and a PDF; nkbook serve shows the book as you write.")


@main.command()
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True)
@click.option("--format", "formats", default="", help="html, epub, pdf (default: all), by comma.")
@click.option("--jobs", type=click.IntRange(min=1), help="Chapters to run at once.")
@click.option(
    "--fresh",
    is_flag=False,
    flag_value=_ALL,
    multiple=True,
    metavar="[ID]",
    help="Run every chapter again, cached or not; or this one: its file or id (may be repeated).",
)
@click.option("--lenient", is_flag=True, help="Leave unknown constructs as plain text, and say so.")
@click.option(
    "--no-execute",
    is_flag=True,
    help="Run no code of the project, neither chapters nor hooks: use what it gave before.",
)
@click.pass_obj
def build(
    obj: tuple[Paths, Progress],
    engine: str,
    formats: str,
    jobs: int | None,
    fresh: tuple[str, ...],
    lenient: bool,
    no_execute: bool,
) -> None:
    """Build the book into its output folder (`_site/`)."""
    paths, progress = obj
    names = tuple(name.strip() for name in formats.split(",") if name.strip())
    for name in names:
        if name not in FORMATS:
            wrong = f"“{name}” is not one of {', '.join(FORMATS)}"
            raise click.BadParameter(wrong, param_hint="--format")
    if fresh and no_execute:
        raise click.UsageError("--fresh runs chapters, and --no-execute runs none: choose one")
    if engine == "quarto" and no_execute:
        raise click.UsageError("--no-execute is the portable engine’s: leave --engine away")
    name, reason = choose_engine("portable" if no_execute else engine)
    progress.say(reason)
    if name == "quarto":
        from nkbook.render import quarto

        edition = quarto.build(paths.root, progress, formats=names)
    elif not fresh and (found := find_edition(paths.root, Wish(names, lenient))):
        _tell(found, progress, "Nothing has changed since this edition was built:")
        return
    else:
        from nkbook.render import portable

        edition = portable.build(
            paths.root,
            progress,
            formats=names,
            jobs=jobs or 0,
            fresh=_ALL in fresh or fresh,
            lenient=lenient,
            execute=not no_execute,
        )
    _tell(edition, progress, f"Built in {progress.seconds:.1f} s:")


@main.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--check", is_flag=True, help="Change no figure; fail, and show how they differ.")
@click.option("--fresh", is_flag=True, help="Run every chapter again, cached or not.")
@click.pass_obj
def figures(obj: tuple[Paths, Progress], ids: tuple[str, ...], check: bool, fresh: bool) -> None:
    """Redraw `figures/`: SVG, plotted data (CSV) and provenance (JSON) of every figure.

    With the ID of a figure (fig-…), or several: only these, and only their chapters are run.
    """
    from nkbook.render.differences import compare_figures
    from nkbook.render.figures import write_figures
    from nkbook.render.portable import read_book, read_figures
    from nkbook.render.project import load_project

    paths, progress = obj
    project = load_project(paths.root)
    if ids:
        drawn = read_figures(project, progress, ids, fresh=fresh)
    else:
        drawn = read_book(project, progress, fresh=fresh).figures
    if check:
        findings = compare_figures(drawn, project, paths, whole=not ids)
        report(findings)
        sys.exit(1 if findings else 0)
    changed = write_figures(drawn, project, paths.figures, whole=not ids)
    click.echo(f"Figures drawn: {len(drawn)}. Files changed in figures/: {len(changed)}.")


@main.command()
@click.option("--untied", is_flag=True, help="List words of direction and rank without a test.")
@click.option("--engines", is_flag=True, help="Compare what Quarto and the portable engine make.")
@click.pass_obj
def check(obj: tuple[Paths, Progress], untied: bool, engines: bool) -> None:
    """Check data, chapters and figures against the house rules, or one engine with the other.

    With --engines, Quarto 1.9 or newer on PATH builds the whole book, which takes minutes. Without
    it, the portable engine is compared with what Quarto made of small projects before.
    """
    from nkbook.checks import list_untied, run_checks
    from nkbook.parity.check import check_engines

    paths, progress = obj
    findings = check_engines(paths.root, progress) if engines else run_checks(paths.root)
    if untied:
        sentences = list_untied(paths.root)
        for sentence in sentences:
            click.echo(str(sentence))
        words = sum(len(sentence.words) for sentence in sentences)
        where = f"{len(sentences)} of the sentences with a number"
        click.echo(f"Words without a test: {words}, in {where}.")
    report(findings)
    if findings:
        sys.exit(1)
    click.echo("No findings.")


@main.command()
@click.pass_obj
def prepare(obj: tuple[Paths, Progress]) -> None:
    """Check `data/`; write what prose and analysts need of it (runs itself before each build)."""
    from nkbook.data import write_copies, write_exports

    paths, _ = obj
    write_exports(paths.root)
    write_copies(paths.root)


@main.command()
@click.argument("edition", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--rebuild", is_flag=True, help="Build it again from its sources and compare.")
@click.pass_obj
def verify(obj: tuple[Paths, Progress], edition: Path | None, rebuild: bool) -> None:
    """Prove that EDITION is whole: a folder, a zip, or a file beside its SHA256SUMS.

    By default this is the edition in the output folder of the project here.
    """
    from nkbook.render.project import load_project
    from nkbook.render.proof import check_edition
    from nkbook.render.rebuild import rebuild_edition

    paths, progress = obj
    edition = edition or load_project(find_root(paths.root)).output
    click.echo(check_edition(edition))
    if rebuild:
        click.echo(rebuild_edition(edition, find_root(paths.root), progress))


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.pass_obj
def serve(obj: tuple[Paths, Progress], port: int) -> None:
    """Build, show the book at a local address, and rebuild it on every change."""
    from nkbook.render.preview import Preview
    from nkbook.render.serve import Changes, follow_changes, start_server

    paths, progress = obj
    output = paths.cache / "preview"
    preview = Preview(paths.root, output, progress)
    changes = Changes()

    told: tuple[Finding, ...] = ()

    def make(files: Set[Path]) -> None:
        """Make the pages of these files, or without any the whole site, and tell who is reading."""
        nonlocal told
        try:
            changes.tell(preview.refresh(files) if files else preview.rebuild())
            told = ()
        except BookError as error:
            # The whole site is made after the page, and finds the same again.
            if error.findings != told:
                told = error.findings
                report(told)
                click.echo("The last good pages stay. Waiting for a change ...", err=True)

    make(set())
    server = start_server(output, port, changes)
    click.echo(f"{server.address}  (Ctrl-C to stop)")
    try:
        follow_changes(paths.root, output, make)
    except KeyboardInterrupt:
        server.close()


@main.command("explain")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="The chain for programs.")
@click.pass_obj
def explain_id(obj: tuple[Paths, Progress], id: str, as_json: bool) -> None:
    """Tell what stands behind a statistic, testimony, figure, series, source or chapter.

    ID as it stands in data/, in the prose or in an address: arrivals-2009, stat.arrivals-2009,
    fig-leaving-arrivals, @coi2014, leaving.
    """
    from nkbook.evidence.chain import explain
    from nkbook.evidence.terminal import chain_lines

    paths, _ = obj
    chain = explain(paths.root, id)
    if as_json:
        click.echo(json.dumps(chain, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(chain_lines(chain)))


@main.command()
@click.argument("id")
@click.pass_obj
def withdraw(obj: tuple[Paths, Progress], id: str) -> None:
    """Take the words of testimony ID out of the data, all caches and the edition, and build anew.

    What is published already, and the history of the sources, it cannot reach.
    """
    from nkbook.evidence.withdrawal import withdraw as take_out
    from nkbook.render import portable
    from nkbook.render.project import load_project

    paths, progress = obj
    done = take_out(paths.root, id, load_project(paths.root).output)
    click.echo(f"data/testimonies.csv: “{id}” has no words any more.")
    click.echo(f"Removed: {', '.join(done.removed) or 'nothing'}.")
    if done.named:
        report(done.named)
        sys.exit(1)
    _tell(portable.build(paths.root, progress), progress, f"Built in {progress.seconds:.1f} s:")


@main.command()
@click.argument("before")
@click.argument("after", default="now")
@click.option("--json", "as_json", is_flag=True, help="The changes for programs.")
@click.pass_obj
def diff(obj: tuple[Paths, Progress], before: str, after: str, as_json: bool) -> None:
    """Tell readers what changed from edition BEFORE to edition AFTER, by how much and why.

    An edition is the number of a recorded one, a built one (its folder, or the zip of its data or
    of the offline edition), or `now`, which is what the sources would make.
    """
    from nkbook.evidence.differences import differences
    from nkbook.evidence.terminal import change_lines

    paths, _ = obj
    changes = differences(paths.root, before, after)
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(change_lines(changes)))


@main.command()
@click.argument("edition")
@click.pass_obj
def record(obj: tuple[Paths, Progress], edition: str) -> None:
    """Record what EDITION says (a number such as 0.2.0) when it is published: once, for good.

    From then on `nkbook check` asks for the reason of every change (data/changes.csv), and ids
    that readers may have cited stay.
    """
    from nkbook.clock import edition_date
    from nkbook.evidence.editions import keep_record

    paths, _ = obj
    file = keep_record(paths.root, edition, edition_date(paths.root).date().isoformat())
    click.echo(f"Recorded in {os.path.relpath(file)}: commit it with the edition.")


def report(findings: Iterable[Finding]) -> None:
    """Print findings on standard error, and how many there are."""
    items = list(findings)
    for finding in items:
        click.echo(str(finding), err=True)
    if items:
        plural = "" if len(items) == 1 else "s"
        click.echo(f"{len(items)} finding{plural}.", err=True)


def _tell(edition: Edition, progress: Progress, how: str) -> None:
    labels = {"html": "Website", "epub": "EPUB", "pdf": "PDF", "offline": "Offline edition"}
    for remark in edition.remarks:
        progress.say(str(remark))
    # What was made comes last, where it is looked for.
    click.echo(how)
    for form, file in edition.files.items():
        size = "" if form == "html" else f"  ({file.stat().st_size / 1e6:.1f} MB)"
        click.echo(f"  {labels[form]:<16} {os.path.relpath(file)}{size}")
    if "html" in edition.files:
        click.echo(f"Open {edition.files['html'].as_uri()}")
