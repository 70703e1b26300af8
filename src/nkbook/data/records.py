"""Records that tell which of them are asked for.

Whoever keeps what a chapter printed has to know what it rests on, and a chapter that asks for one
number does not rest on the whole table. So records raise audit events, as Python itself does when
a file is opened (`sys.audit`): they cost next to nothing where nobody listens.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping, ValuesView
from typing import Any, TypeVar

ASKED = "nkbook.records.asked"
"""The event: some records, and the id that was asked for, or `WHOLE`."""
LOADING, LOADED = "nkbook.records.loading", "nkbook.records.loaded"
"""Events around the reading of the files that records come from: the folder of their book."""
WHOLE = "*"
"""What stands for an id where all records of a table are gone through."""

_R = TypeVar("_R")


class Records(Mapping[str, _R]):
    """Records of one table by id, each look-up of which is an audit event."""

    def __init__(self, root: str, table: str, records: Mapping[str, _R]) -> None:
        self.root = root
        """The folder of the book that they are from."""
        self.table = table
        """The name of the table in the library."""
        self._records = records

    def __getitem__(self, id: str) -> _R:
        sys.audit(ASKED, self, id)
        return self._records[id]

    def __iter__(self) -> Iterator[str]:
        sys.audit(ASKED, self, WHOLE)
        return iter(self._records)

    def __len__(self) -> int:
        sys.audit(ASKED, self, WHOLE)
        return len(self._records)

    def values(self) -> ValuesView[_R]:
        """All records."""
        sys.audit(ASKED, self, WHOLE)
        return self._records.values()

    def __repr__(self) -> str:
        sys.audit(ASKED, self, WHOLE)
        return repr(self._records)

    def state(self, id: str) -> str:
        """A digest of a record (of all, in their order, for `WHOLE`); empty where there is none."""
        found: Any = dict(self._records) if id == WHOLE else self._records.get(id)
        return hashlib.sha256(repr(found).encode()).hexdigest() if found is not None else ""
