"""Kernels that start at once: forked from a process that has imported what takes long.

A fresh kernel takes a second to start and to import what draws; a forked one has all that already
and shares nothing else with the others. Where forking is not safe, kernels start as ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from nkbook.render.nursery import READY

_WARM = {
    "nkbook": ("nkbook.notebook",),
    "numpy": ("numpy",),
    "pandas": ("pandas",),
    # Not pyplot, which must find the shell of its kernel when it is imported.
    "matplotlib": ("matplotlib.figure", "matplotlib.backends.backend_agg"),
}
"""What is imported beforehand where a chapter imports it: known to start no thread."""

_NURSERY = "nkbook.render.nursery"
_SETTINGS = {"OPENBLAS_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""The pool of threads that NumPy would start could not be forked; the debugger that every kernel
loads would warn of Python's own modules."""
_LONGEST_PATH = 90
"""Characters of a socket's path: the shortest limit is 103 bytes, on macOS, with its number."""
_IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)


class Nursery:
    """The process that kernels are forked from."""

    def __init__(
        self, modules: Iterable[str], environment: Mapping[str, str], root: Path | None
    ) -> None:
        ours, theirs = socket.socketpair()
        descriptor = theirs.fileno()
        with ours, theirs:
            self._stream = ours.makefile("rw", encoding="utf-8")
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    _NURSERY,
                    str(descriptor),
                    ",".join(modules),
                    str(root or ""),
                ],
                env={**environment, **_SETTINGS, "JPY_PARENT_PID": str(os.getpid())},
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                # Ctrl-C is for the build, which then ends its kernels.
                start_new_session=True,
            )
        self.is_safe = self._stream.readline().strip() == READY
        """Whether it can be forked: its imports started no thread."""

    def fork(self, argv: list[str], cwd: str, env: Mapping[str, str]) -> int:
        """The id of a new process that is the kernel; `OSError` where the nursery has ended."""
        request = {"argv": argv, "cwd": cwd, "env": dict(env)}
        print(json.dumps(request), file=self._stream, flush=True)
        answer = self._stream.readline()
        if not answer:
            raise OSError("the process that kernels are forked from has ended")
        return int(answer)

    def close(self) -> None:
        """End it, and every kernel that is left."""
        with contextlib.suppress(OSError):
            self._stream.close()
        self._process.wait()


@contextlib.contextmanager
def raised_nursery(
    codes: Iterable[str], environment: Mapping[str, str], root: Path | None = None
) -> Iterator[Nursery | None]:
    """A nursery for kernels that run these codes; `None` where forking is not safe.

    Where they ask for records of the book at `root`, it has read them already.
    """
    if not hasattr(os, "pidfd_open"):
        yield None
        return
    named = {name for code in codes for name in _IMPORT.findall(code)}
    modules = (one for name in _WARM if name in named for one in _WARM[name])
    nursery = Nursery(modules, environment, root)
    try:
        yield nursery if nursery.is_safe else None
    finally:
        nursery.close()


def place_sockets(manager: KernelManager, folder: str) -> None:
    """Let a kernel be spoken to through files of a folder that is its own.

    A free port could be taken by another program before the kernel has it, and anybody on the
    machine could knock at it. Ports it is where the path of a socket would be too long.
    """
    file = Path(folder) / "kernel.json"
    if len(str(file)) < _LONGEST_PATH:
        manager.transport = "ipc"
        manager.connection_file = str(file)


def raise_kernel(manager: KernelManager, nursery: Nursery) -> None:
    """Let a manager fork its kernel where it would start one."""
    manager.kernel_id = str(uuid.uuid4())
    provisioner = _Provisioner(
        kernel_id=manager.kernel_id, kernel_spec=manager.kernel_spec, parent=manager
    )
    provisioner.nursery = nursery
    manager.provisioner = provisioner


class _Provisioner(LocalProvisioner):
    """Launches a kernel as a fork, and starts it by itself where it is another Python's."""

    nursery: Nursery

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        if cmd[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
            return await super().launch_kernel(cmd, **options)
        try:
            child = self.nursery.fork(cmd[2:], str(options["cwd"]), options["env"])
        except OSError:
            return await super().launch_kernel(cmd, **options)
        self.process = cast("Any", _Process(child))
        self.pid = self.pgid = child
        self.cwd = options["cwd"]
        return self.connection_info


class _Process:
    """A kernel that another process forked, as far as `subprocess.Popen` is asked about it."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._handle: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None

    def poll(self) -> int | None:
        """`None` while it runs. How it ended, only the nursery could know."""
        if self._handle is not None and not select.select([self._handle], [], [], 0)[0]:
            return None
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        return 1

    def wait(self) -> int:
        """Wait until it has ended."""
        while self._handle is not None:
            select.select([self._handle], [], [])
            self.poll()
        return 1

    def send_signal(self, number: int) -> None:
        """Send a signal; one that has ended gets none."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)
