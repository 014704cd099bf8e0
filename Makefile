# The only door: every target sets up what it needs inside .venv and leaves nothing else behind.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Without bytecode every start compiles every import again; set-up compiles once instead.
unexport PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test faults lint format bench lock docs new-resource clean

help:  ## Show the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.ready  ## Make .venv with all that is locked.

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) …" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet "uv>=0.5"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --build-constraints requirements.lock requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@# The Tencent SDK holds 394 MB of modules: compile only what is ever imported.
	@$(BIN)/python -m compileall -q -j 0 -x 'tencentcloud/(?!common/|es/|cvm/|region/|sts/)|/(tests?|lib2to3)/' $(VENV)/lib src || true
	@touch $@

demo: setup  ## Show the main job on the embedded emulator.
	@$(BIN)/python demo/demo.py

test: setup  ## Run the tests.
	@$(BIN)/python -m pytest

faults: setup  ## Hold every call against every fault, and write docs/faults.md (5 to 15 minutes).
	@$(BIN)/python -m tests.faults

lint: setup  ## Format check, rules, types, and the import contracts.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy src tests benchmarks demo docs tools examples/cloudmux-py-secgroup/src
	@$(BIN)/lint-imports

format: setup  ## Put the code into shape.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup  ## Measure against the floors and goals (see benchmarks/).
	@$(BIN)/python benchmarks/bench.py

docs: setup  ## Write the README's generated parts and picture anew.
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/picture.py

new-resource: setup  ## Write a type's files: NAME=nas_file_system ALIYUN=… QCLOUD=service:version:List[:Get[:Delete]].
	@$(BIN)/python -m tools.new_resource "$(NAME)" --aliyun "$(ALIYUN)" --qcloud "$(QCLOUD)"

lock:  ## Lock the dependencies with their hashes.
	@$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet "uv>=0.5"
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml --all-extras -o requirements.lock

clean:  ## Remove everything that the targets made.
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
