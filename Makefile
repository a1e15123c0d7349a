# DeepVID: `make demo` and `make test` are all a newcomer needs.

PYTHON ?= python3
UV     := $(shell command -v uv 2>/dev/null)
BIN    := .venv/bin
PORT   ?= 5006
STORE  ?= runs
SERVE  ?= yes

ADAPTERS := .venv-adapters/bin

.PHONY: demo serve install install-test test test-fast test-slow test-adapters attack lint format browser lock clean help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: install  ## train, explain and serve the embedded data set (PORT=, STORE=, SERVE=no)
	$(BIN)/deepvid demo --store "$(STORE)" --port $(PORT) $(if $(filter no,$(SERVE)),--no-serve)

serve: install  ## the dashboard over STORE
	$(BIN)/deepvid serve "$(STORE)" --port $(PORT)

install: .venv/.run  ## .venv with what the demo needs
install-test: .venv/.test

test: lint browser  ## everything: style, types, imports, unit, contract, property and browser tests
	$(BIN)/python tests/suite.py

test-fast: lint  ## the same without browser and long tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not long and not slow"

test-slow: install-test browser  ## reference forms and real data sets: before a release
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

test-adapters: .venv-adapters/.installed  ## other people's models, with PyTorch and Keras in an environment of their own
	KERAS_BACKEND=jax $(ADAPTERS)/python -m pytest tests/unit/adapters tests/adapters tests/unit/logger tests/unit/test_own_models.py

attack: install-test  ## what strangers try, for 15 minutes: before a release (best as root: it fills disks)
	PYTHONPATH=tests $(BIN)/python -m attack

lint: install-test  ## format, rules and types of both languages, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/biome ci --error-on-warnings
	$(BIN)/deno check -q dashboards/browser/kit
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-test  ## format and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/biome check --write
	$(BIN)/ruff check --fix .

browser: install-test
	sh tests/browser/install.sh $(BIN)

# The two locks agree: the second is what the first holds without tests.
lock:  ## resolve the locks anew (needs uv)
	uv pip compile $(LOCK) --extra compute --group build --group test -o locks/test.txt
	uv pip compile $(LOCK) --extra compute --group build -c locks/test.txt -o locks/run.txt
LOCK := -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header pyproject.toml

clean:  ## remove the environment and caches, never a run
	rm -rf .venv .venv-adapters .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

.venv/bin/python:
	$(if $(UV),uv venv -q --allow-existing --python $(PYTHON) .venv,$(PYTHON) -m venv .venv)

.venv/.run .venv/.test: .venv/.%: locks/%.txt pyproject.toml | .venv/bin/python
ifdef UV
	uv pip install --python $(BIN)/python --require-hashes -r $<
	uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null  # uv leaves pip out
	$(BIN)/python -m pip install --disable-pip-version-check -q --require-hashes -r $<
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
endif
	@touch $@

EXTRAS := -e '.[onnx,torch,keras]' torch==2.13.0 'tensorflow>=2.20; python_version<"3.14"'

.venv-adapters/.installed: locks/test.txt pyproject.toml
ifdef UV
	uv venv -q --allow-existing --python $(PYTHON) .venv-adapters
	uv pip install -q --python $(ADAPTERS)/python --require-hashes -r $<
	uv pip install -q --python $(ADAPTERS)/python --no-build-isolation $(EXTRAS)
else
	$(PYTHON) -m venv .venv-adapters
	$(ADAPTERS)/python -m pip install --disable-pip-version-check -q --require-hashes -r $<
	$(ADAPTERS)/python -m pip install --disable-pip-version-check -q --no-build-isolation $(EXTRAS)
endif
	@touch $@
