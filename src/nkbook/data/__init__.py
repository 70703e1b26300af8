"""The data of the book: loaded, checked against its data package, worded and exported."""

from nkbook.data.copies import write_copies
from nkbook.data.exports import write_exports
from nkbook.data.library import load_library

__all__ = ["load_library", "write_copies", "write_exports"]
