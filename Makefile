# The two that a newcomer needs: `make run` (a field kit on this computer) and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Most tests wait on devices and brokers, so that three at a time keep two cores busy; a file's tests stay together.
PARALLEL := -n 3 --dist loadfile

.PHONY: help venv run test test-pythons lint lock bench soak late lighthouse image image-test packages-run packages-test packages-image packages-image-test clean

help:
	@echo "make run           a whole field kit on this computer, with a bench page"
	@echo "make test          everything that has to hold, on this Python and those that boxes have"
	@echo "make test-pythons  the quick part of it on every other Python from 3.11 to 3.13"
	@echo "make bench         the figures"
	@echo "make soak          the long campaigns: power cuts, kills"
	@echo "make late          the pages again, with every answer of the box up to a second late"
	@echo "make lighthouse    what Lighthouse says of every page (needs node and npm)"
	@echo "make lint          ruff and mypy"
	@echo "make image         the card for a Raspberry Pi (root on Debian; 20 to 40 minutes the first time)"
	@echo "make image-test    boot that card in QEMU and use it from outside"
	@echo "make venv          only the virtual environment"
	@echo "make lock          renew constraints.txt"

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@.ci/packages run
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[sim,dev]'
	@touch $@

run: venv
	$(BIN)/stallbox simulate $(ARGS)

packages-test:
	@.ci/packages test

test: venv packages-test lint
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)
	.ci/other-pythons

test-pythons: venv packages-test
	.ci/other-pythons 3.11 3.12 3.13

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: venv packages-test
	$(BIN)/python -m benchmarks $(ARGS)

soak: venv packages-test
	STALLBOX_SOAK=1 $(BIN)/python -m pytest -m soak --timeout 3600 $(ARGS)

late: venv packages-test
	STALLBOX_LATE=$${STALLBOX_LATE:-1} $(BIN)/python -m pytest -m browser tests/web -n 4 --dist worksteal $(ARGS)

lighthouse: venv packages-test
	@command -v npm >/dev/null || { echo "make lighthouse needs node (18 or newer) and npm." >&2; exit 1; }
	npm ci --prefix tests/lighthouse --omit=dev --ignore-scripts --no-audit --no-fund
	$(BIN)/python -m tests.lighthouse $(ARGS)

lock:
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet --upgrade pip
	.venv-lock/bin/python -m pip install --quiet --editable '.[sim,dev,camera]'
	@echo "# Exact versions of everything that is installed. Written by \`make lock\`." > constraints.txt
	.venv-lock/bin/python -m pip freeze --exclude-editable --exclude setuptools >> constraints.txt
	rm -rf .venv-lock

image: packages-image
	image/build $(ARGS)

packages-image:
	@.ci/packages image

packages-image-test:
	@.ci/packages image-test

image-test: venv packages-image-test
	@ls build/image/stallbox-*-arm64.img >/dev/null 2>&1 || { echo "There is no card to boot: run 'make image' first." >&2; exit 1; }
	$(BIN)/python -m pytest -m image tests/image --durations=0 --durations-min=1 $(ARGS)

clean:
	rm -rf $(VENV) .venv-* build *.egg-info .pytest_cache .mypy_cache .ruff_cache
