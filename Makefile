# Everything runs in a virtual environment of its own, made on first use. PYTHON names the interpreter (3.11 or later).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FACTS ?= 100000
DEMO_DATABASE ?= demo.db
COMPILE := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-config \
	--custom-compile-command 'make constraints'

# Many processes are started, which need not compile the same again, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test nightly fuzz hostile survival lint fmt bench constraints pinned clean

help:  ## Say what each target does.
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile

demo: $(VENV)/run  ## Load the sample chronology and serve it with its page on http://127.0.0.1:8000 (PORT changes the port).
	exec $(BIN)/chronology demo --database $(DEMO_DATABASE)

test: $(VENV)/test  ## Run the tests on SQLite and on a PostgreSQL that pip brings.
	$(BIN)/pytest -n auto

nightly: $(VENV)/test fuzz hostile  ## Run the tests with 10,000 examples for each property and twenty times the kills and races, after the two below.
	HYPOTHESIS_PROFILE=nightly SURVIVAL_SCALE=20 $(BIN)/pytest -n auto

fuzz: $(VENV)/fuzz  ## Fuzz the API by its own document, as each role, on both databases, for FUZZ_MINUTES (30); FUZZ_SEED repeats a run.
	$(BIN)/python -m tests.hostile.fuzz

hostile: $(VENV)/test  ## Meet the service with hostile texts, hostile bodies, 400 slow clients, redactions under readers and dear questions, on both databases.
	$(BIN)/python -m tests.hostile.injections
	$(BIN)/python -m tests.hostile.bodies sqlite
	$(BIN)/python -m tests.hostile.bodies postgres
	$(BIN)/python -m tests.hostile.slow sqlite
	$(BIN)/python -m tests.hostile.slow postgres
	$(BIN)/python -m tests.hostile.erasing sqlite
	$(BIN)/python -m tests.hostile.erasing postgres
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

survival: $(VENV)/test  ## Kill, fill, take away, race and fail over; print what was lost (half an hour; SURVIVAL=crashes, faults, races, failover or deliveries for one).
	$(BIN)/python -m tests.survival $(SURVIVAL)

constraints: | $(BIN)/pip  ## Choose versions anew and write them with the hashes of their files: constraints.txt for checks, constraints-image.txt for the image.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8,<1'
	$(BIN)/$(COMPILE) --extra oidc --extra test --extra fuzz --extra lint --output-file constraints.txt
	$(BIN)/$(COMPILE) --extra oidc --constraint constraints.txt --output-file constraints-image.txt

pinned: | $(BIN)/pip  ## Install just the files that constraints.txt names, before another target: a run that can be repeated.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(VENV)/run $(VENV)/test $(VENV)/fuzz $(VENV)/lint

clean:  ## Remove what these targets made.
	rm -rf $(VENV) demo.db* artefacts build *.egg-info

# Where pip is not there, an environment was left half-made, and is made anew.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks venv: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/run: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/test: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(VENV)/fuzz: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,fuzz]'
	touch $@

$(VENV)/bench: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	touch $@

$(VENV)/lint: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@
