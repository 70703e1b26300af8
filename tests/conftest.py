from __future__ import annotations

from pathlib import Path

import pytest

from tests.books import TinyBook


@pytest.fixture
def tiny(tmp_path: Path) -> TinyBook:
    """A new tiny book."""
    return TinyBook(tmp_path / "book")
