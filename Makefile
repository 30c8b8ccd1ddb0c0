# Two commands a stranger needs: `make run` and `make test`. Everything else stands under `make help`.
#
# Nothing here needs root but the test tools, and those only when they are missing. Recipes are plain sh.

PLAN   ?= halls/kaiyang.toml
VAR    ?= var
PYTHON ?= python3
ARGS   ?=
TESTS  ?=
# two test files at a time: most of what a test does is wait for wires
WORKERS ?= 2

VENV := .venv
BIN  := $(VENV)/bin
# a stamp is named after what was installed, so a changed lock file or setup.cfg means a new install and nothing else does
PRINT := $(shell cat requirements/run.txt setup.cfg pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEVPRINT := $(shell cat requirements/dev.txt setup.cfg pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
RUN_READY := $(VENV)/ready-$(PRINT)
DEV_READY := $(VENV)/ready-dev-$(DEVPRINT)
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# ESPHome wants versions of its own, so it lives beside us; only make proof asks it to judge the firmware
ESPHOME := .venv-esphome
ESPHOME_READY := $(ESPHOME)/ready-$(shell cksum <requirements/esphome.txt 2>/dev/null | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help run install test proof check format docs lock clean test-tools proof-tools bench storm mutants
.SUFFIXES:

help:
	@echo 'Onewindow 一窗: the queue and the devices of a service hall'
	@echo
	@echo '  make run              install into .venv if need be, start the Kaiyang hall with simulated devices'
	@echo '  make run FRESH=1      the same with an empty state (var/ is removed first)'
	@echo '  make run PLAN=FILE    another hall;  ARGS="--port-shift 1000" and more: see .venv/bin/hall run --help'
	@echo '  make test             every test (needs mosquitto, chromium, espeak-ng, a Chinese font; says so)'
	@echo '  make test TESTS=PATH  some of them'
	@echo '  make proof            what takes longer: the installation files before the real programs, and more'
	@echo '  make storm SECONDS=3600   days of a hall under faults, seed after seed;  SEED=123: one again, with a trace'
	@echo '  make mutants          planted bugs, each to be found by the storm'
	@echo '  make check            format, lint, types, import walls'
	@echo '  make format           put the format right'
	@echo '  make bench            how fast it is, with ratios to bare baselines of the same run (needs mosquitto)'
	@echo '  make docs             write topics.md, settings.md, asyncapi.json and openapi-*.json of docs/ anew'
	@echo '  make lock             lock the versions anew from setup.cfg (needs uv)'
	@echo '  make clean            remove .venv, var and everything made'

run: $(RUN_READY)
	@exec $(BIN)/python -m cli run '$(PLAN)' --var '$(VAR)' $(if $(filter-out 0 no,$(FRESH)),--fresh) $(ARGS)

install: $(RUN_READY)

$(RUN_READY): | $(BIN)/python
	@echo 'Installing into $(VENV) (once; a minute or two) / 正在安装，仅首次需要…'
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/ready-*
	@touch $@

$(DEV_READY): | $(BIN)/python
	@echo 'Installing the tools of builders and testers into $(VENV) (once)…'
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/ready-*
	@touch $@ $(RUN_READY)

$(BIN)/python:
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo 'python3 was not found. Install Python 3.11 or newer (Debian, Ubuntu: apt install python3 python3-venv).'; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $$('$(PYTHON)' --version) was found. Point to another: make run PYTHON=python3.12"; exit 1; }
	@'$(PYTHON)' -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'This Python cannot make a virtual environment. Debian, Ubuntu: apt install python3-venv'; exit 1; }
	@'$(PYTHON)' -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo 'Making $(VENV) failed. Debian, Ubuntu: apt install python3-venv'; exit 1; }

test: $(DEV_READY) test-tools
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS) $(ARGS)

test-tools:
	@sh tests/tools.sh

proof: $(DEV_READY) proof-tools $(ESPHOME_READY)
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/proof $(ARGS)

# how often each case of make bench is run
ROUNDS  ?= 3
# SECONDS of storm over as many seeds as fit, or one SEED again, with a trace when it breaks
SECONDS ?= 60
SEED    ?=
PROOFPATH := PYTHONPATH=.:tests/support:tests/proof

storm: $(DEV_READY)
	@$(PROOFPATH) exec $(BIN)/python -m storm --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

# planted bugs, each to be found by the storm within a minute: make mutants ARGS="lifo wraps"
mutants: $(DEV_READY)
	@$(PROOFPATH) exec $(BIN)/python -m mutants $(ARGS)

proof-tools:
	@sh tests/tools.sh proof

$(ESPHOME_READY): requirements/esphome.txt | $(BIN)/python
	@echo 'Installing ESPHome into $(ESPHOME) (once; a minute or two, 250 MB)…'
	@rm -rf $(ESPHOME)
	@$(BIN)/python -m venv $(ESPHOME)
	@$(ESPHOME)/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements/esphome.txt
	@touch $@

check: $(DEV_READY)
	@$(BIN)/ruff format --check --quiet . || { echo 'Format: run `make format`.'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

format: $(DEV_READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

docs: $(DEV_READY)
	@$(BIN)/python docs/generate.py
	@$(BIN)/python -m hall.plan.settings.page >docs/settings.md.new && mv docs/settings.md.new docs/settings.md

lock:
	@command -v uv >/dev/null || { echo 'uv was not found: pip install uv'; exit 1; }
	uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command 'make lock' --quiet -o requirements/run.txt
	uv pip compile setup.cfg --extra dev -c requirements/run.txt --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command 'make lock' --quiet -o requirements/dev.txt
	uv pip compile requirements/esphome.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command 'make lock' --quiet -o requirements/esphome.txt

clean:
	rm -rf $(VENV) $(ESPHOME) var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

bench: $(DEV_READY)
	@PYTHONPATH=.:tests/support $(BIN)/python -m benchmarks $(CASES) --rounds $(ROUNDS) --json bench.json
