"""A packed PDF is the same document in less room."""

from __future__ import annotations

import zlib
from pathlib import Path

import pikepdf
import pytest
import typst

from nkbook.render.pdf_packing import pack

SOURCE = b"""
#set document(title: "Many things")
#for n in range(400) [= Heading #n <h#n>\n #link(<first>)[To the first] #metadata(n)] <first>
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return bytes(typst.compile(SOURCE.replace(b"<h#n>", b""), format="pdf", pdf_standards=["ua-1"]))


def test_every_object_is_the_same(plain: bytes, tmp_path: Path) -> None:
    before, after = tmp_path / "before.pdf", tmp_path / "after.pdf"
    before.write_bytes(plain)
    after.write_bytes(pack(plain))
    with pikepdf.open(before) as first, pikepdf.open(after) as second:
        assert second.check_pdf_syntax() == []
        assert len(first.objects) > 1000
        for number in range(1, len(first.objects) + 1):
            old, new = first.get_object(number, 0), second.get_object(number, 0)
            assert old.unparse() == new.unparse()
            if isinstance(old, pikepdf.Stream):
                assert old.read_raw_bytes() == new.read_raw_bytes()
        for key in ("/Root", "/Info", "/ID"):
            assert first.trailer[key].unparse() == second.trailer[key].unparse()


def test_it_takes_much_less_room(plain: bytes) -> None:
    assert len(pack(plain)) < len(plain) / 2


def test_what_is_packed_or_no_pdf_stays_as_it_is(plain: bytes) -> None:
    packed = pack(plain)
    assert pack(packed) == packed
    assert pack(b"%PDF-1.7\nnothing") == b"%PDF-1.7\nnothing"
    assert pack(zlib.compress(plain)) == zlib.compress(plain)
