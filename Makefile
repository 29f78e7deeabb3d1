# Everything runs in a virtual environment of its own, made on first use. PYTHON names the interpreter (3.11 or later).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FACTS ?= 100000
DEMO_DATABASE ?= sqlite:///demo.db
SAMPLE := samples/istanbul-2025/istanbul-2025.chronicle.yaml

.PHONY: help demo test nightly fuzz hostile survival lint fmt bench clean

help:  ## Say what each target does.
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile

demo: $(VENV)/run  ## Load the sample chronology and serve it with its page on http://127.0.0.1:8000 (PORT changes the port).
	CHRONOLOGY_DATABASE=$(DEMO_DATABASE) $(BIN)/chronology import $(SAMPLE)
	CHRONOLOGY_DATABASE=$(DEMO_DATABASE) exec $(BIN)/chronology serve

test: $(VENV)/test  ## Run the tests on SQLite and on a PostgreSQL that pip brings.
	$(BIN)/pytest -n auto

nightly: $(VENV)/test fuzz hostile  ## Run the tests with 10,000 examples for each property and twenty times the kills and races, after the two below.
	HYPOTHESIS_PROFILE=nightly SURVIVAL_SCALE=20 $(BIN)/pytest -n auto

fuzz: $(VENV)/fuzz  ## Fuzz the API by its own document, as each role, on both databases, for FUZZ_MINUTES (30); FUZZ_SEED repeats a run.
	$(BIN)/python -m tests.hostile.fuzz

hostile: $(VENV)/test  ## Meet the service with hostile texts, hostile bodies, 400 slow clients and dear questions, on both databases.
	$(BIN)/python -m tests.hostile.injections
	$(BIN)/python -m tests.hostile.bodies sqlite
	$(BIN)/python -m tests.hostile.bodies postgres
	$(BIN)/python -m tests.hostile.slow sqlite
	$(BIN)/python -m tests.hostile.slow postgres
	$(BIN)/python -m tests.hostile.dear sqlite
	$(BIN)/python -m tests.hostile.dear postgres
	$(BIN)/python -m tests.hostile.turns
	$(BIN)/python -m tests.hostile.revisions sqlite
	$(BIN)/python -m tests.hostile.revisions postgres

lint: $(VENV)/lint  ## Check style, types and import contracts.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/lint  ## Put the code into its form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench  ## Measure ourselves and what people would use instead, in one run; FACTS says with how many facts.
	$(BIN)/python -m benchmarks --facts $(FACTS)

survival: $(VENV)/test  ## Kill, fill, take away, race and fail over; print what was lost (half an hour; SURVIVAL=crashes, faults, races or failover for one).
	$(BIN)/python -m tests.survival $(SURVIVAL)

clean:  ## Remove what these targets made.
	rm -rf $(VENV) demo.db demo.db-shm demo.db-wal artefacts

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(VENV)/fuzz: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,fuzz]'
	touch $@

$(VENV)/bench: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	touch $@

$(VENV)/lint: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@
