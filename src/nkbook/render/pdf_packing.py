"""Packs a PDF: its small objects go into compressed object streams (PDF 1.5), byte for byte.

Typst writes each as plain text with a line in a table of offsets. A tagged book has tens of
thousands of them (structure, links, destinations), and they take up more room than its pages.
Streams, which hold pages and fonts, are copied as they are.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import islice, pairwise

_TOGETHER = 200
"""So many objects share one stream: a reader unpacks all of them to see one."""

_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_TABLE = re.compile(rb"xref\s+0 (\d+)\s+")
_TRAILER = re.compile(rb"\s*trailer\s*<<(.*)>>\s*\Z", re.DOTALL)
_OBJECT = re.compile(rb"\s*\d+ 0 obj\s*(.*?)\s*endobj\s*\Z", re.DOTALL)
_LINE = 20
"""Bytes of a line in the table of offsets."""

Place = tuple[int, int, int]
"""A line of the new table: kind, offset or number of the stream, position in the stream."""


def pack(data: bytes) -> bytes:
    """The same document in less room; `data` itself where it has no plain table of offsets."""
    end = _END.search(data)
    table = _TABLE.match(data, int(end[1])) if end else None
    if not end or not table:
        return data
    offsets = _offsets(data, table.end(), int(table[1]))
    trailer = _TRAILER.match(data, table.end() + _LINE * int(table[1]), end.start())
    if not trailer:
        return data
    places: dict[int, Place] = {0: (0, 0, 65535)}
    out = bytearray(data[: min(offsets.values())])
    small: list[tuple[int, bytes]] = []
    ends = dict(pairwise([*sorted(offsets.values()), int(end[1])]))
    for number, offset in offsets.items():
        whole = data[offset : ends[offset]]
        found = _OBJECT.match(whole)
        if not found or found[1].endswith(b"endstream"):
            places[number] = (1, len(out), 0)
            out += whole
        else:
            small.append((number, found[1]))
    following = int(table[1])
    for group in _groups(small):
        places[following] = (1, len(out), 0)
        places |= {number: (2, following, index) for index, (number, _) in enumerate(group)}
        out += _object_stream(following, group)
        following += 1
    places[following] = (1, len(out), 0)
    start = len(out)
    out += _table(following, places, re.sub(rb"/Size \d+", b"", trailer[1]))
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def _offsets(data: bytes, start: int, count: int) -> dict[int, int]:
    """Where each object in use begins, by its number."""
    lines = (data[at : at + _LINE] for at in range(start, start + _LINE * count, _LINE))
    return {number: int(line[:10]) for number, line in enumerate(lines) if line[17:18] == b"n"}


def _groups(objects: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    remaining = iter(objects)
    while group := list(islice(remaining, _TOGETHER)):
        yield group


def _object_stream(number: int, group: list[tuple[int, bytes]]) -> bytes:
    heads, position = [], 0
    for name, body in group:
        heads.append(b"%d %d" % (name, position))
        position += len(body) + 1
    head = b" ".join(heads) + b"\n"
    entries = b"/Type/ObjStm/N %d/First %d" % (len(group), len(head))
    return _stream(number, entries, head + b"\n".join(body for _, body in group))


def _table(number: int, places: dict[int, Place], trailer: bytes) -> bytes:
    """The table of all objects, each line as its difference from the line above (PNG's “up”)."""
    rows = []
    above = bytes(7)
    for name in range(number + 1):
        kind, place, index = places.get(name, (0, 0, 65535))
        row = bytes([kind]) + place.to_bytes(4, "big") + index.to_bytes(2, "big")
        rows.append(b"\2" + bytes((new - old) % 256 for new, old in zip(row, above, strict=True)))
        above = row
    parameters = b"/DecodeParms<</Predictor 12/Columns 7>>"
    entries = b"/Type/XRef/Size %d/W[1 4 2]" % (number + 1) + parameters + trailer
    return _stream(number, entries, b"".join(rows))


def _stream(number: int, entries: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    start = b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>\n" % (number, entries, len(packed))
    return start + b"stream\n" + packed + b"\nendstream\nendobj\n"
