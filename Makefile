# One verb a line. Every verb bootstraps what it needs into .uv and .venv; Python 3.11+ is the only thing needed before.
PYTHON ?= python3
UV := .uv/bin/uv
BIN := .venv/bin
MEMBERS := shared deploy $(wildcard services/*)
DATA ?= .claims
SEEDS ?= 0:200
export UV_PYTHON_DOWNLOADS = never

.PHONY: help setup run test check bench soak mutation pictures up down lock catalog
.DEFAULT_GOAL := help

help: ## say what each verb does
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):[^#]*## /  make \1|/' | column -t -s '|'

setup: .venv/.ready ## install everything into .venv (about a minute the first time)

run: setup ## the demo on an embedded broker and store: claims from portal to citizen, checked
	$(BIN)/claims demo

pictures: setup .uv/pictures/.ready ## make the pictures of the letters in docs/pictures with a browser of its own
	$(BIN)/python -m tests.pictures

up: setup ## start the local stack in the background
	$(BIN)/claims up --detach

down: setup ## stop it
	$(BIN)/claims down

test: setup ## every test, real broker and stores included
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: setup ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## speed and latency, one JSON line a figure
	$(BIN)/python -m tests.bench

soak: setup ## simulate whole claims under faults, a run a seed: make soak SEEDS=0:1000
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

mutation: setup .uv/mutation/.ready ## change process, engine, waits and money in one place at a time: their tests must notice
	$(BIN)/python -m tests.mutation

catalog: setup ## regenerate the message catalogue, schemas, AsyncAPI, README tables, the page of the law
	$(BIN)/python -m claims_cli.catalog
	$(BIN)/python -m tests.hostile --page

lock: $(UV) ## resolve the dependencies anew
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
		--group pyproject.toml:dev --all-extras $(addprefix --no-emit-package claims-,shared identity orchestrator scheduler) \
		--custom-compile-command "make lock" -o requirements.lock $(MEMBERS:=/pyproject.toml)
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
		--custom-compile-command "make lock" -o tests/mutation/requirements.lock tests/mutation/requirements.in
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
		--custom-compile-command "make lock" -o tests/pictures/requirements.lock tests/pictures/requirements.in

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Claimworks needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target .uv uv

.venv/.ready: $(UV) requirements.lock pyproject.toml $(MEMBERS:=/pyproject.toml)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --require-hashes requirements.lock
	$(UV) pip install --quiet --no-deps $(MEMBERS:%=-e ./%)
	touch $@

# The browser stands apart: 200 MB for a dozen pictures.
.uv/pictures/.ready: $(UV) tests/pictures/requirements.lock
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .uv/pictures
	$(UV) pip sync --quiet --require-hashes --python .uv/pictures tests/pictures/requirements.lock
	touch $@

# The mutation tool stands apart: what it needs is nobody else's.
.uv/mutation/.ready: $(UV) tests/mutation/requirements.lock
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .uv/mutation
	$(UV) pip sync --quiet --require-hashes --python .uv/mutation tests/mutation/requirements.lock
	touch $@
