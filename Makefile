# Everything starts here. `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ONLY ?=
# What differs between SQLite and PostgreSQL; the rest needs no database and is run once.
WITH_A_DATABASE := tests/stories tests/test_outbox.py tests/test_migrations.py tests/test_crash.py \
	tests/test_ledger.py tests/test_ledger_found.py tests/test_reminders_late.py tests/test_soak.py
# The stories wait as much as they compute, hence more workers than cores. Each has stand-ins, folders and a PostgreSQL
# of its own. WORKERS=0: one test after the other, in this process.
WORKERS ?= 4
SHARED := -n $(WORKERS) --dist worksteal
# Whole files to a worker: the tests of one share a bot that runs, or the clients that npm has installed.
BY_FILE := -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help sandbox run migrate test test-browser check soak bench lock docs

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.made: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.made-dev: requirements-dev.lock $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

sandbox: $(VENV)/.made ## try it with no account anywhere: prints one address to open
	$(BIN)/python -m sandbox

run: $(VENV)/.made migrate ## run the bot for real, with .env and policy.toml
	$(BIN)/python -m bot run

migrate: $(VENV)/.made ## bring the database's tables up to date
	$(BIN)/python -m bot migrate

test: $(VENV)/.made-dev ## the whole suite, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest $(SHARED) -m "not browser" --db=sqlite
	$(BIN)/python -m pytest $(SHARED) -m "not browser" --db=postgres $(WITH_A_DATABASE)

test-browser: $(VENV)/.made-dev ## the page in Debian's chromium, and the JavaScript clients
	$(BIN)/python -m pytest $(BY_FILE) -m browser

check: $(VENV)/.made-dev ## ruff, mypy, import contracts, migrations, documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_docs.py tests/test_architecture.py tests/test_migrations.py

bench: $(VENV)/.made-dev ## figures against named peers; ONLY=name for one
	$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

soak: $(VENV)/.made-dev ## the long proofs at full size
	$(BIN)/python -m pytest -m slow --full-size --db=sqlite
	$(BIN)/python -m pytest -m slow --full-size --db=postgres

docs: $(VENV)/.made-dev ## draw the state diagrams and the README's pictures anew
	$(BIN)/python -m tests.test_docs
	$(BIN)/python -m pytest tests/browser/test_red_accounts.py tests/browser/test_reminders.py --pictures

lock: $(VENV)/.made-dev ## pin every dependency anew, with hashes and without an index's address
	$(BIN)/uv pip compile -q pyproject.toml --extra sandbox --generate-hashes --no-emit-index-url --no-annotate -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --extra sandbox --extra dev --generate-hashes --no-emit-index-url --no-annotate -o requirements-dev.lock
