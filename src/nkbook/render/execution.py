"""Runs the code of chapters: a fresh Jupyter kernel for each, several chapters at once.

The reference is `nbclient`, the program behind `jupyter execute`. What a chapter printed, drew or
returned is kept (`cache.py`) and used again for as long as its code and all that it read are as
they were (`reads.py`).
"""

from __future__ import annotations

import ast as python_ast
import asyncio
import contextlib
import hashlib
import json
import logging
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbconvert.filters import strip_ansi

from nkbook.errors import BookError, Finding, Findings, parse_findings
from nkbook.render import tracing
from nkbook.render.cache import Cache, Entry, Given
from nkbook.render.document import INLINE, Cell, Document
from nkbook.render.kernels import Nursery, place_sockets, raise_kernel, raised_nursery
from nkbook.render.now import SET, Now
from nkbook.render.reads import Reads, find_difference, gather_reads

TIMEOUT = 300
"""Seconds that one cell may take, where `execute: timeout:` does not say otherwise."""


MOST_OUTPUT = 50_000_000
"""Characters that a chapter may put out: fifty times what the longest of this book does."""

Output = Mapping[str, Any]

_TRACING = f"--IPKernelApp.extra_extensions={tracing.__name__}"


@dataclass
class Result:
    """What the code of one chapter gave."""

    outputs: dict[int, list[Output]] = field(default_factory=dict)
    """Outputs in Jupyter's format, by cell number."""
    inline: dict[int, list[str]] = field(default_factory=dict)
    """Values of inline code, by cell number, in the order of the text."""
    reads: Reads | None = field(default=None, compare=False)
    """What it rests on beside the code, where that was run."""


@dataclass(frozen=True)
class _Step:
    """One piece of code to run: a whole cell, or one inline expression of a Markdown cell."""

    cell: Cell
    code: str
    inline: bool
    may_fail: bool = False
    """Whether an exception is part of what the cell shows (`error: true`)."""


def stored_result(document: Document) -> Result:
    """The outputs that the notebook's file holds, for projects that do not execute notebooks."""
    return Result({cell.number: list(cell.stored) for cell in document.cells if cell.stored})


@dataclass
class _Run:
    """A chapter that has code, and why it is to be run; an empty reason if it is not."""

    document: Document
    steps: list[_Step]
    code: tuple[str, ...]
    reason: str = ""
    known: Entry | None = None
    """What is known of it: its entry, or that of its code as it was before."""

    @property
    def order(self) -> tuple[bool, float]:
        """What sorts chapters so that the longest begin first, before them those not known."""
        return (self.known is not None, -self.known.seconds if self.known else 0)


def execute_documents(
    documents: Sequence[Document],
    root: Path,
    *,
    findings: Findings,
    jobs: int = 0,
    timeout: float = TIMEOUT,
    environment: Mapping[str, str] | None = None,
    fresh: bool | Collection[str] = False,
    frozen: Collection[str] = (),
    ignore: Iterable[str] = (),
    done: Callable[[str, str], object] = print,
) -> dict[str, Result]:
    """Run every document that has code and return the results by file.

    A chapter whose code is unchanged, with all that it read, comes from the cache, unless all are
    asked for afresh or its file is among `fresh`; of the files in `frozen` only the code counts.
    Faults of all chapters are added to `findings`. `done(file, reason)` is called as each one ends,
    with the reason why it ran, empty if it did not; `ignore` names folders, relative to the
    project, that no chapter reads.
    """
    cache = Cache(root / "_cache" / "execution")
    variables = {**os.environ, **SET, **(environment or {})}
    now = Now(root, ignore, variables, environment or ())
    results: dict[str, Result] = {}
    waiting: list[_Run] = []
    for document in documents:
        steps = _steps(document)
        run = _Run(document, steps, tuple(map(_digest, steps)))
        if not steps:
            results[document.file] = Result()
            continue
        run.known = cache.find(document.file, run.code)
        is_asked = fresh if isinstance(fresh, bool) else document.file in fresh
        if is_asked:
            run.reason = "asked for (--fresh)"
        elif run.known is None:
            run.known = cache.last(document.file)
            run.reason = _changed_code(run)
        elif document.file not in frozen:
            run.reason = find_difference(run.known.reads, now)
        if run.known is not None and not run.reason:
            results[document.file] = _result(steps, run.known)
            done(document.file, "")
        else:
            waiting.append(run)

    async def run_all(nursery: Nursery | None) -> None:
        # Half of the time that a kernel takes, it and we wait for each other's messages.
        gate = asyncio.Semaphore(jobs or 2 * (os.cpu_count() or 1))

        async def run_one(run: _Run) -> None:
            async with gate:
                file = run.document.file
                try:
                    entry = await _execute(run, now, timeout, nursery)
                except BookError as error:
                    findings.extend(error.findings)
                else:
                    results[file] = _result(run.steps, entry)
                    _keep(entry, cache, findings)
                done(file, run.reason)

        await asyncio.gather(*map(run_one, sorted(waiting, key=lambda run: run.order)))

    if waiting:
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        codes = [step.code for run in waiting for step in run.steps]
        raised = raised_nursery(codes, variables, root) if len(waiting) > 1 else nullcontext()
        with raised as nursery:
            asyncio.run(run_all(nursery))
        cache.trim()
    return results


def recall_documents(
    documents: Sequence[Document], root: Path, findings: Findings
) -> dict[str, Result]:
    """What documents gave when this code of theirs was last run; nothing is run.

    Where nobody ran it here, what the notebook's own file holds. NB406: neither knows it.
    """
    cache = Cache(root / "_cache" / "execution")
    results = {}
    for document in documents:
        steps = _steps(document)
        entry = cache.find(document.file, tuple(map(_digest, steps)))
        ran = [cell for cell in document.cells if cell.stored]
        if entry is not None or not steps:
            results[document.file] = _result(steps, entry) if entry else Result()
        elif ran and not any(step.inline for step in steps):
            results[document.file] = stored_result(document)
        else:
            hint = "Read its code; if you trust it, build once without --no-execute."
            findings.add("NB406", document.file, "nobody has run this code here", hint)
    return results


def _keep(entry: Entry, cache: Cache, findings: Findings) -> None:
    try:
        cache.keep(entry)
    except OSError as error:
        message = f"what chapters gave cannot be kept ({error.strerror}): they will run again"
        findings.remark("NB405", str(cache.folder.relative_to(cache.folder.parents[1])), message)


def _changed_code(run: _Run) -> str:
    """What the code of a chapter says that it did not say before."""
    if run.known is None:
        return "never run before"
    steps = zip(run.steps, run.code, strict=True)
    cells = dict.fromkeys(step.cell.number for step, one in steps if one not in run.known.code)
    if not run.document.file.endswith(".ipynb"):
        return "its code changed"
    if not cells:
        return "cells moved or are gone"
    return f"cell{'s' * (len(cells) > 1)} {', '.join(map(str, cells))} changed"


def _steps(document: Document) -> list[_Step]:
    steps: list[_Step] = []
    for cell in document.cells:
        if cell.kind == "code" and cell.options.get("eval", True) and cell.source.strip():
            may_fail = bool(cell.options.get("error"))
            steps.append(_Step(cell, cell.source, inline=False, may_fail=may_fail))
        elif cell.kind == "markdown":
            steps += [
                _Step(cell, match["expression"], inline=True)
                for match in INLINE.finditer(cell.source)
            ]
    return steps


class _Client(NotebookClient):
    """Runs a notebook in a kernel of its own and ends that kernel, whatever happens.

    nbclient's own handlers of signals would end one chapter's kernel and go on with the others.
    """

    nursery: Nursery | None = None
    """Where its kernel is forked; without one it starts by itself."""
    told: int = 0
    """Characters that the kernel put out."""
    folder: str = ""
    """Where the sockets lie on which it and we talk."""

    async def async_execute_cell(
        self,
        cell: Any,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,
    ) -> Any:
        """Run a cell; code within a sentence does not count as one, as in Quarto."""
        counts = store_history and "inline" not in cell.metadata.get("tags", ())
        return await super().async_execute_cell(cell, cell_index, execution_count, counts)

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Take in what the kernel puts out, until it is too much: then end the kernel."""
        content = msg["content"]
        parts = [content.get("text", ""), *content.get("data", {}).values()]
        before, self.told = self.told, self.told + sum(len(str(part)) for part in parts)
        if self.told <= MOST_OUTPUT:
            return super().process_message(msg, cell, cell_index)
        if before <= MOST_OUTPUT and self.km and self.km.provisioner:
            self.ending = asyncio.ensure_future(self.km.provisioner.kill())
        return None

    @contextlib.asynccontextmanager
    async def async_setup_kernel(self, **options: Any) -> AsyncIterator[None]:
        manager = self.create_kernel_manager()
        place_sockets(manager, self.folder)
        if self.nursery is not None:
            raise_kernel(manager, self.nursery)
        try:
            await self.async_start_new_kernel(**options)
            await self.async_start_new_kernel_client()
            yield
        finally:
            if self.km is not None:
                await self._async_cleanup_kernel()


async def _execute(run: _Run, now: Now, timeout: float, nursery: Nursery | None) -> Entry:
    document, steps = run.document, run.steps
    began = time.monotonic()
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                step.code,
                id=f"step-{i}",
                metadata={"tags": ["inline"] * step.inline + ["raises-exception"] * step.may_fail},
            )
            for i, step in enumerate(steps)
        ]
    )
    current = 0

    def starts(cell_index: int, **_: Any) -> None:
        nonlocal current
        current = cell_index

    with tempfile.TemporaryDirectory(prefix="nkbook-", ignore_cleanup_errors=True) as home:
        client = _Client(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            record_timing=False,
            shutdown_kernel="immediate",
            extra_arguments=["--log-level=CRITICAL", _TRACING],
            resources={"metadata": {"path": str((now.root / document.file).parent)}},
            on_cell_start=starts,
        )
        client.nursery, client.folder = nursery, home
        # An author's own IPython start-up files must not change the book.
        kernel_environment = {**now.variables, "IPYTHONDIR": home}
        try:
            try:
                await client.async_execute(env=kernel_environment)
            except DeadKernelError:
                # Ctrl-C is one of these too: nbclient has no other reason to be cancelled.
                raise
            except RuntimeError:
                # A kernel that never answered ran nothing: on a busy machine, once more.
                await client.async_execute(env=kernel_environment)
        except CellExecutionError as error:
            raise BookError(_raised(document, steps[current], error)) from error
        except CellTimeoutError as error:
            raise _stopped(
                document,
                steps[current],
                "NB402",
                f"ran longer than {timeout:g} seconds and was stopped",
                "Make it faster, or raise `execute: timeout:` in _quarto.yml.",
            ) from error
        except DeadKernelError as error:
            if client.told > MOST_OUTPUT:
                raise _stopped(
                    document,
                    steps[current],
                    "NB407",
                    f"put out more than {MOST_OUTPUT // 1_000_000} MB and was stopped",
                    "Look for a loop that prints without end; show a part of the data.",
                ) from error
            raise _stopped(
                document,
                steps[current],
                "NB403",
                "ended its kernel",
                "Look for exit(), os._exit() or too much memory in this cell.",
            ) from error
        except RuntimeError as error:
            raise _stopped(
                document,
                steps[current],
                "NB404",
                "never ran: its kernel did not start, twice",
                "Is memory free? `python -m ipykernel_launcher` shows what keeps it from starting.",
            ) from error
        reads = gather_reads(Path(home) / tracing.NOTES, [step.code for step in steps], now)
    given: tuple[Given, ...] = tuple(
        _inline_text(cell.outputs) if step.inline else [_plain(output) for output in cell.outputs]
        for step, cell in zip(steps, notebook.cells, strict=True)
    )
    return Entry(document.file, run.code, given, reads, time.monotonic() - began)


def _result(steps: Sequence[_Step], entry: Entry) -> Result:
    """What pieces of code gave, by the cells in which they stand now."""
    result = Result(reads=entry.reads)
    for step, one in zip(steps, entry.given, strict=True):
        if isinstance(one, str):
            result.inline.setdefault(step.cell.number, []).append(one)
        else:
            result.outputs[step.cell.number] = list(one)
    return result


def _raised(document: Document, step: _Step, error: CellExecutionError) -> list[Finding]:
    place = document.place(step.cell)
    if error.ename == "BookError" and (own := parse_findings(strip_ansi(error.evalue))):
        return [Finding(place, f.code, f"{f.place}: {f.message}", f.hint) for f in own]
    lines = re.findall(r"(?:Cell )?In\s?\[\d+\], line (\d+)", strip_ansi(str(error)))
    line = step.code.splitlines()[int(lines[0]) - 1].strip() if lines else ""
    where = f" in “{line}”" if line else ""
    message = " ".join(strip_ansi(f"{error.ename}: {error.evalue}").split())
    return [
        Finding(
            place,
            "NB401",
            f"raised {message}{where}",
            "Run the notebook in JupyterLab from the top to see it happen.",
        )
    ]


def _stopped(document: Document, step: _Step, code: str, what: str, hint: str) -> BookError:
    return BookError([Finding(document.place(step.cell), code, what, hint)])


def _plain(output: Any) -> Output:
    kept = {k: v for k, v in output.items() if k not in {"execution_count", "transient"}}
    return json.loads(json.dumps(kept, sort_keys=True))  # type: ignore[no-any-return]


def _inline_text(outputs: Sequence[Any]) -> str:
    for output in reversed(outputs):
        data = output.get("data", {})
        if "text/markdown" in data:
            return str(data["text/markdown"])
        if "text/plain" in data:
            text = str(data["text/plain"])
            try:
                value = python_ast.literal_eval(text)
            except (ValueError, SyntaxError):
                return text
            return value if isinstance(value, str) else text
    return ""


def _digest(step: _Step) -> str:
    text = json.dumps([step.code, step.inline, step.may_fail])
    return hashlib.sha256(text.encode()).hexdigest()
