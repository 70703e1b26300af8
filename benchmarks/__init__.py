"""What the book costs: to build it (`build`), and to read it (`weight`, `search`, `lighthouse`)."""
