"""The press of an open book: data, figures and chapters in; website, EPUB and PDF out."""

__version__ = "0.1.0"
