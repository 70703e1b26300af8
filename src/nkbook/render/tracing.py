"""Notes, inside a kernel, what a chapter reads: an extension of IPython that changes nothing.

Python tells of every file that is opened, every folder that is listed and every program that is
started (`sys.addaudithook`). When each of them is first met, a line of JSON goes into a file of the
kernel's own folder, which `nkbook.render.reads` reads. A kernel that is forked has the hook from
the process it comes from, with what that imported.

Python does not tell of these: whether a file is there (`os.path.exists`), a file that is opened
relative to the descriptor of a folder, a further database that SQLite attaches, and a module that
`importlib.import_module` does not find. `reads` is careful about the first; nobody is about the
others.
"""

from __future__ import annotations

import contextlib
import json
import os
import site
import stat
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable
from typing import Any

NOTES = "reads.jsonl"
"""The name of the file with the notes, in the kernel's own folder."""

_HERE = "nkbook.render."
INSTALLED = tuple(
    dict.fromkeys(
        os.path.join(form(folder), "")
        for folder in (
            *map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")),
            *site.getsitepackages(),
            site.getusersitepackages(),
        )
        for form in (str, os.path.realpath)
    )
)
"""Folders whose content has versions: Python's own library and packages."""
_ZIPPED = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
_APART = (*INSTALLED, "/proc/", "/sys/", "/dev/")
_METADATA = os.path.join(sysconfig.get_path("stdlib"), "importlib", "metadata")
_PYTHONIC = {
    *("numpy", "pandas", "matplotlib", "kiwisolver", "contourpy", "zmq", "tornado", "psutil"),
    *("markupsafe", "yaml", "PIL._imaging", "PIL._webp", "PIL._avif", "scipy", "_pydevd_bundle"),
}
"""Compiled modules, or packages of such, that open files by means of Python alone: tried out."""
_NATIVE = {"scipy.io._fast_matrix_market._fmm_core"}
"""Modules of these packages that do not."""
_HARMLESS = "fc-list"
"""A program that reads nothing of a book: matplotlib asks it for the fonts of the system."""
_PROGRAMS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty")


class _Tracer:
    """What was met so far, and where the notes of it go."""

    def __init__(self) -> None:
        self.file = ""
        self.waiting: list[str] = []
        self.seen: set[tuple[Any, ...]] = set()
        self.loading: dict[int, str] = {}
        """The book whose records a thread is reading."""
        self.known = frozenset(sys.modules)
        """What a kernel is made of reads nothing of a book, compiled or not."""
        self.handlers: dict[str, Callable[..., None]] = {
            "open": self.opens,
            "os.listdir": self.lists,
            "os.scandir": self.lists,
            **dict.fromkeys(("os.rename", "os.link", "os.symlink"), self.moves),
            "import": self.imports,
            "sqlite3.connect": self.connects,
            "ctypes.dlopen": self.links,
            "subprocess.Popen": self.starts,
            **dict.fromkeys(_PROGRAMS, self.starts),
            "nkbook.records.asked": self.asks,
            "nkbook.records.loading": self.begins,
            "nkbook.records.loaded": self.ends,
        }

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The hook. It never fails: where it cannot follow, it says so."""
        if handler := self.handlers.get(event):
            try:
                handler(*arguments)
            except Exception:
                self.note("unknown", "it does what cannot be followed")

    def note(self, *key: Any, more: Any = None) -> None:
        """Write a note once, or keep it until there is a file for it."""
        key = (self.loading.get(threading.get_ident(), ""), *key)
        if key not in self.seen:
            self.seen.add(key)
            self.waiting.append(json.dumps([*key, more() if more else None]))
        if self.file and self.waiting:
            lines, self.waiting = self.waiting, []
            with contextlib.suppress(OSError):
                # Opened each time: a chapter may close what it did not open.
                stream = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                os.write(stream, "".join(f"{line}\n" for line in lines).encode())
                os.close(stream)

    def opens(self, path: Any, _mode: object, flags: int) -> None:
        """A file is read, or made anew."""
        if isinstance(path, int) or _is_apart(name := _absolute(path)):
            return
        folder, base = os.path.split(name)
        anew = flags & (os.O_TRUNC | os.O_EXCL) or not flags & os.O_RDWR
        is_made = bool(flags & os.O_CREAT and anew)
        if os.path.basename(folder) == "__pycache__":
            if not is_made and base.endswith(".pyc"):
                source = f"{base.partition('.')[0]}.py"
                self.reads(os.path.join(os.path.dirname(folder), source))
        elif is_made:
            if name != self.file:
                self.note("made", name)
        else:
            self.reads(name)

    def reads(self, name: str) -> None:
        """A file is read: what tells it from what it may be later."""
        self.note("file", name, more=lambda: _stamp(name))

    def lists(self, path: Any) -> None:
        """A folder is listed; where modules are looked for, their names are what matters."""
        if isinstance(path, int) or _is_apart(name := _absolute(path or ".")):
            return
        caller = sys._getframe(2).f_code.co_filename
        if caller.startswith("<frozen importlib") or caller.startswith(_METADATA):
            self.note("path", name)
        else:
            self.note("folder", name, more=lambda: _names(name))

    def moves(self, _source: object, target: Any, *_: object) -> None:
        """A file gets a name."""
        if not isinstance(target, int):
            self.note("made", _absolute(target))

    def imports(self, module: str, file: Any, path: Iterable[Any] | None, *_: object) -> None:
        """A module is looked for, or a compiled one is loaded."""
        if file:
            self.compiles(module, str(file))
            return
        self.note("module", module.partition(".")[0])
        if module.startswith("multiprocessing.popen_"):
            self.starts()
        self.seeks(path or ())

    def compiles(self, module: str, file: str) -> None:
        """A compiled module is there: does it read what Python does not see?"""
        if not file.startswith(INSTALLED):
            self.reads(_absolute(file))
        elif module in self.known or "/lib-dynload/" in file or module.endswith("__mypyc"):
            return
        top = module.partition(".")[0]
        if module in _NATIVE or not {module, top} & _PYTHONIC:
            self.note("unknown", f"it uses {top}")

    def seeks(self, path: Iterable[Any]) -> None:
        """Modules are looked for in these folders."""
        for entry in path:
            if isinstance(entry, str) and not _is_apart(name := _absolute(entry or ".")):
                self.note("path", name)

    def connects(self, database: Any) -> None:
        """A database is opened, perhaps made."""
        name = os.fsdecode(database).removeprefix("file:").partition("?")[0]
        if name and name != ":memory:":
            for part in (_absolute(name), f"{_absolute(name)}-wal"):
                self.reads(part)
                self.note("made", part)

    def links(self, library: Any) -> None:
        """A library of the system is loaded."""
        if library:
            self.note("unknown", f"it uses {os.path.basename(str(library))}")

    def starts(self, program: Any = "", *_: object) -> None:
        """Another program is started. Before there is a file, kernels themselves are."""
        if self.file and os.path.basename(os.fsdecode(program or "")) != _HARMLESS:
            self.note("unknown", "it starts other programs")

    def asks(self, records: Any, id: str) -> None:
        """A record is asked for, and not the file that it is from."""
        self.note("record", records.root, records.table, id, more=lambda: records.state(id))

    def begins(self, root: str) -> None:
        """The records of a book are read from their files."""
        self.loading[threading.get_ident()] = root

    def ends(self, _root: str) -> None:
        """They have been."""
        self.loading.pop(threading.get_ident(), None)

    def watch_variables(self) -> None:
        """Note which variables are looked up one by one; a copy of all of them asks for none."""
        environment: Any = os.environ
        encode, decode = environment.encodekey, environment.decodekey
        copied: set[Any] = set()

        def encodekey(name: Any) -> Any:
            if name in copied:
                copied.discard(name)
            elif isinstance(name, str) and not _is_measured():
                self.note("variable", name)
            return encode(name)

        def decodekey(name: Any) -> Any:
            found = decode(name)
            copied.add(found)
            return found

        environment.encodekey, environment.decodekey = encodekey, decodekey

    def write_to(self, file: str) -> None:
        """Let the notes go into a file, first those that were kept."""
        self.seeks(sys.path)
        self.file = file
        self.note("ready", sys.version)


_tracer: _Tracer | None = None


def start_tracing() -> _Tracer:
    """Begin to note what is read, with the modules that are there already."""
    global _tracer
    _tracer = tracer = _Tracer()
    for name, module in list(sys.modules.items()):
        tracer.note("module", name.partition(".")[0])
        file = getattr(module, "__file__", None)
        if not file or name == "__main__" or name.startswith(_HERE) or name == _HERE[:-1]:
            continue
        if not _is_apart(_absolute(file)):
            tracer.reads(_absolute(file))
    sys.addaudithook(tracer.hear)
    return tracer


def load_ipython_extension(shell: Any) -> None:
    """Write the notes of this kernel into its own folder, and be seen by nobody."""
    tracer = _tracer or start_tracing()
    tracer.write_to(os.path.join(os.environ["IPYTHONDIR"], NOTES))

    def begin() -> None:
        # What the kernel itself looks up before the first cell is no matter of the chapter.
        shell.events.unregister("pre_execute", begin)
        tracer.watch_variables()

    shell.events.register("pre_execute", begin)
    del sys.modules[__name__]
    if not any(name.startswith("nkbook.") and name != "nkbook.render" for name in sys.modules):
        del sys.modules["nkbook.render"], sys.modules["nkbook"]


def _absolute(path: Any) -> str:
    name = os.path.join(os.getcwd(), os.fsdecode(path))
    plain = os.path.normpath(name)
    # Above a link there is another folder than the one that its name is in.
    if ".." in name and os.path.realpath(plain) != os.path.realpath(name):
        return name
    return plain


def _is_measured() -> bool:
    """Whether matplotlib draws only to measure: what it looks up for that is thrown away."""
    frame = sys._getframe(2)
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_name == "_get_renderer" and "matplotlib" in frame.f_code.co_filename:
            return True
    return False


def _is_apart(name: str) -> bool:
    return f"{name}/".startswith(_APART) or name.endswith(_ZIPPED)


def _stamp(name: str) -> list[int] | None:
    try:
        found = os.stat(name)
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size] if stat.S_ISREG(found.st_mode) else [0, 0]


def _names(name: str) -> list[str] | None:
    try:
        return sorted(os.listdir(name))
    except OSError:
        return None
