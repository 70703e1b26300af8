"""What Linux can do and Python has no words for; other systems do without."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
"""`prctl(2)`: the signal that a process gets when the thread that started it has ended."""
_HERE = -100
"""`AT_FDCWD`: paths are as they are written."""
_RENAME_EXCHANGE = 2
"""`renameat2(2)`: the two change places."""


def end_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places at once; says whether the system could."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if rename is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(_HERE, names[0], _HERE, names[1], _RENAME_EXCHANGE) == 0)
