"""The process that kernels are forked from: it has imported what takes long, and run no chapter.

`python -m nkbook.render.nursery FD MODULES ROOT` answers on the socket with the descriptor FD:
first `ready`, or `unsafe` where an import started a thread, which a fork would leave behind; then,
to each request (a line of JSON: the arguments, the folder and the environment of a kernel), the id
of the process that became it. It ends, and its kernels with it, when the socket is closed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

from nkbook.render.system import end_with_parent
from nkbook.render.tracing import start_tracing

_KERNEL = ("ipykernel.kernelapp", "ipykernel.debugger", "ipykernel.zmqshell")
"""What every kernel loads before its first cell, if it is not there."""
READY, UNSAFE = "ready", "unsafe"


def main() -> None:
    """Import, say so, and fork until nobody asks any more."""
    control = socket.socket(fileno=int(sys.argv[1]))
    # As in a kernel started by itself, which imports nothing from the folder of its caller, and
    # does not know what is needed to start it.
    del sys.path[0]
    del sys.modules[end_with_parent.__module__]
    for name in _KERNEL:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    start_tracing()
    for name in filter(None, sys.argv[2].split(",")):
        # What is missing or broken is told by the chapter that needs it, with its cell.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if sys.argv[3] and "nkbook.notebook" in sys.modules:
        # What is wrong with the data is told by the chapter that asks for them, too.
        with contextlib.suppress(Exception):
            importlib.import_module("nkbook.data").load_library(Path(sys.argv[3]).resolve())
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    # A kernel nobody waits for leaves nothing behind, and garbage is not looked for again in each.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with control, control.makefile("rw", encoding="utf-8") as stream:
        print(UNSAFE if threads > 1 else READY, file=stream, flush=True)
        for line in stream:
            child = os.fork()
            if not child:
                os.close(control.fileno())
                _become_kernel(**json.loads(line))
            print(child, file=stream, flush=True)
    # A thread that an import started would be waited for.
    os._exit(0)


def _become_kernel(argv: list[str], cwd: str, env: dict[str, str]) -> NoReturn:
    """Do what a Python started anew would do, and be the kernel until it ends."""
    try:
        end_with_parent()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        launcher = importlib.util.find_spec(argv[0])
        sys.argv = [str(launcher and launcher.origin), *argv[1:]]
        if numpy := sys.modules.get("numpy.random"):
            # Python's own generator does this by itself; two chapters must not draw the same.
            numpy.seed()
        _serve(argv[1:])
    finally:
        os._exit(1)


def _serve(arguments: list[str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize(arguments)
    app.start()


if __name__ == "__main__":
    main()
