"""Runs the code of chapters: a fresh Jupyter kernel for each, several chapters at once.

The reference is `nbclient`, the program behind `jupyter execute`. What a chapter printed, drew or
returned is kept in `_cache/execution/`, under a key made of everything that could change it.
"""

from __future__ import annotations

import ast as python_ast
import asyncio
import contextlib
import hashlib
import importlib.metadata
import json
import logging
import os
import re
import sys
import tempfile
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
from nkbook.paths import ASSETS
from nkbook.render.document import INLINE, Cell, Document
from nkbook.render.kernels import Nursery, place_sockets, raise_kernel, raised_nursery

TIMEOUT = 300
"""Seconds that one cell may take, where `execute: timeout:` does not say otherwise."""

Output = Mapping[str, Any]


@dataclass
class Result:
    """What the code of one chapter gave."""

    outputs: dict[int, list[Output]] = field(default_factory=dict)
    """Outputs in Jupyter's format, by cell number."""
    inline: dict[int, list[str]] = field(default_factory=dict)
    """Values of inline code, by cell number, in the order of the text."""


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


def execute_documents(
    documents: Sequence[Document],
    root: Path,
    *,
    findings: Findings,
    jobs: int = 0,
    timeout: float = TIMEOUT,
    environment: Mapping[str, str] | None = None,
    fresh: bool = False,
    frozen: Collection[str] = (),
    ignore: Iterable[str] = (),
    done: Callable[[str, bool], None] = print,
) -> dict[str, Result]:
    """Run every document that has code and return the results by file.

    A chapter whose code, inputs, packages and engine are unchanged comes from the cache unless
    `fresh`; of the files in `frozen` only the code counts. Faults of all chapters are added to
    `findings`. `done(file, cached)` is called as each one ends; `ignore` names folders, relative to
    the project, that no chapter reads.
    """
    steps = {document.file: _steps(document) for document in documents}
    inputs = _inputs_key(root, ignore) if any(steps.values()) else ""
    results: dict[str, Result] = {}
    waiting: list[tuple[Document, Path]] = []
    for document in documents:
        if not steps[document.file]:
            results[document.file] = Result()
            continue
        read = "" if document.file in frozen else inputs
        name = _key(document, steps[document.file], read)
        store = root / "_cache" / "execution" / f"{name}.json"
        cached = None if fresh else _load(store)
        if cached is not None:
            results[document.file] = cached
            done(document.file, True)
        else:
            waiting.append((document, store))

    variables = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **(environment or {}),
    }

    async def run_all(nursery: Nursery | None) -> None:
        # Half of the time that a kernel takes, it and we wait for each other's messages.
        gate = asyncio.Semaphore(jobs or 2 * (os.cpu_count() or 1))

        async def run(document: Document, store: Path) -> None:
            async with gate:
                try:
                    result = await _execute(
                        document, steps[document.file], root, timeout, variables, nursery
                    )
                except BookError as error:
                    findings.extend(error.findings)
                else:
                    results[document.file] = result
                    _save(store, result)
                done(document.file, False)

        await asyncio.gather(*(run(document, store) for document, store in waiting))

    if waiting:
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        codes = [step.code for document, _ in waiting for step in steps[document.file]]
        with raised_nursery(codes, variables) if len(waiting) > 1 else nullcontext() as nursery:
            asyncio.run(run_all(nursery))
        _trim(root / "_cache" / "execution")
    return results


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


async def _execute(
    document: Document,
    steps: Sequence[_Step],
    root: Path,
    timeout: float,
    environment: Mapping[str, str],
    nursery: Nursery | None,
) -> Result:
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
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str((root / document.file).parent)}},
            on_cell_start=starts,
        )
        client.nursery, client.folder = nursery, home
        # An author's own IPython start-up files must not change the book.
        kernel_environment = {**environment, "IPYTHONDIR": home}
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
    result = Result()
    for step, cell in zip(steps, notebook.cells, strict=True):
        if step.inline:
            result.inline.setdefault(step.cell.number, []).append(_inline_text(cell.outputs))
        else:
            result.outputs[step.cell.number] = [_plain(output) for output in cell.outputs]
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


def _key(document: Document, steps: Sequence[_Step], inputs: str) -> str:
    code = [[step.cell.number, step.code, step.inline, step.may_fail] for step in steps]
    text = json.dumps([inputs, document.file, code], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _inputs_key(root: Path, ignore: Iterable[str]) -> str:
    """A digest of all that a chapter may read: the project's files, the package, the packages."""
    digest = hashlib.sha256(sys.version.encode())
    for name in sorted(
        f"{found.metadata['Name']}=={found.version}" for found in importlib.metadata.distributions()
    ):
        digest.update(name.encode() + b"\0")
    package = Path(__file__).parents[1]
    # What writes editions runs after the chapters, which never read it.
    writers = {
        *(package / name for name in ("render", "checks", "cli.py")),
        *(ASSETS / name for name in ("ebook", "nbconvert", "print", "site", "starter")),
    }
    for folder in (root, package):
        skipped = {folder / name for name in ("figures", "tests", *ignore)} | writers
        for file in _files(folder, skipped):
            digest.update(str(file.relative_to(folder)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path, skipped: set[Path]) -> list[Path]:
    found: list[Path] = []
    for child in sorted(folder.iterdir()):
        if child.name.startswith((".", "_cache", "__pycache__")) or child in skipped:
            continue
        if child.is_dir() and not child.is_symlink():
            found += _files(child, skipped)
        elif child.is_file():
            found.append(child)
    return found


def _load(store: Path) -> Result | None:
    try:
        loaded = json.loads(store.read_text(encoding="utf-8"))
        return Result(
            {int(k): v for k, v in loaded["outputs"].items()},
            {int(k): v for k, v in loaded["inline"].items()},
        )
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def _save(store: Path, result: Result) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"outputs": result.outputs, "inline": result.inline}, ensure_ascii=False, sort_keys=True
    )
    temporary = store.with_suffix(f".{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(store)


def _trim(folder: Path, keep: int = 400) -> None:
    """Forget the oldest results beyond `keep`, so that the cache stays small."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[keep:]:
        file.unlink(missing_ok=True)
