# Every target sets up what it needs by itself, into .venv, from the locked requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8025
# Most of the long tests wait: more of them at a time than there are cores.
WORKERS ?= 4

# Empty: modules are compiled once, not by each of the many processes that a test starts.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench torture fuzz lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.run ## Run the bot on stand-ins, with a chat page: no account needed (PORT=8025)
	@$(BIN)/python -m bot demo --port $(PORT)

run: $(VENV)/.run ## Run the bot for real, with the settings in .env
	@$(BIN)/python -m bot run

test: $(VENV)/.dev ## Run all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.dev ## Check style, types, room arrows and the Dockerfile
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/hadolint Dockerfile

bench: $(VENV)/.dev ## Measure, next to the bars
	@$(BIN)/python -m bench

torture: $(VENV)/.dev ## Kill the bot again and again, then compare the log with the gateway (SEED=7)
	@$(BIN)/python -m tests.torture $(if $(SEED),--seed $(SEED))

fuzz: $(VENV)/.dev ## Feed any bytes to the reading of lists (RUNS=20000)
	@$(BIN)/python -m tests.fuzz_intake --runs $(or $(RUNS),20000)

lock: $(VENV)/.dev ## Resolve the requirements anew and write the hashes
	@$(LOCK) -o requirements.txt pyproject.toml
	@$(LOCK) --group dev -c requirements.txt -o requirements-dev.txt pyproject.toml

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

clean: ## Remove what was set up
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# One environment. The running set is a part of the development set, so either may come first.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one with PYTHON=…") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV), once …"
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) for development, once …"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
