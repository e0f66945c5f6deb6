# The two commands of the README, and their helpers. Each sets up what it needs; a second call starts at once.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
WEB := dashboard/static/dist/.ready
export UV_LINK_MODE := hardlink

.PHONY: help setup run test dev bench results lint format lock browser screenshots docs texts clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found; install Python 3.11 or set PYTHON=..."; exit 1; }
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q orchestration assets ml dashboard
	@touch $@

$(WEB): $(STAMP) dashboard/package.json dashboard/package-lock.json $(shell find dashboard/templates dashboard/static -type f -not -path '*/dist/*' 2>/dev/null)
	@echo "Building the dashboard's styles and scripts ..."
	@PATH="$$PATH:$(CURDIR)/$(BIN)" bash dashboard/build.sh
	@touch $@

setup: $(STAMP) $(WEB)

run: setup ## Set up, run the pipeline on the sample with 12 months of history, publish
	@CRM_HISTORY_START=$${CRM_HISTORY_START:-2017-09} $(BIN)/crm run --source sample --history

dev: setup ## Dagster UI on 3000, MLflow UI on 5000, dashboard on 8000; one Ctrl-C ends all
	@$(BIN)/crm dev

browser: $(STAMP)
	@bash .ci/browser

test: setup browser ## Set up and run every test, browser tests included
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

bench: setup ## Run the benchmarks and print their table
	@$(BIN)/python -m tests.benchmarks

results: setup ## Run all months on the real data and on simulated shops, write docs/results.md (half an hour)
	@$(BIN)/python -m tests.benchmarks.results

lint: $(STAMP) ## Lint, format check, type check, import floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## Format and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(STAMP) ## Compile requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock

docs: $(STAMP) ## Write docs/tables.md anew from the contracts
	@$(BIN)/python -m assets.glossary

texts: $(STAMP) ## Level the catalogues of the dashboard with the texts of its pages
	@$(BIN)/python -m dashboard.catalogues

screenshots: setup browser ## Pictures of the dashboard over the published snapshot, into screenshots/
	@$(BIN)/python -m tests.browser.screenshots $${CRM_HOME:-.crm}/published screenshots

clean: ## Remove what set-up and runs made (state included)
	rm -rf $(VENV) .crm dashboard/node_modules dashboard/static/dist
