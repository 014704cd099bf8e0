# The only door: every target sets up what it needs inside .venv and leaves nothing else behind.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Without bytecode every start compiles every import again; set-up compiles once instead.
unexport PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test lint fuzz audit format bench lock docs new-resource clean

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

lint: setup  ## Format check, rules, types, and the import contracts.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy src tests benchmarks demo docs tools examples/cloudmux-py-secgroup/src
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.secret_scan

fuzz: setup  ## Fuzz the readers, led by coverage (atheris) and by many examples: SECONDS=60 for each.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target .fuzz/lib --require-hashes -r tools/fuzz.lock
	@PYTHONPATH=.fuzz/lib $(BIN)/python -m tools.fuzz $(or $(SECONDS),60)
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),500) $(BIN)/python -m pytest tests/fuzz -q --timeout=1800

audit: setup  ## Ask the public lists whether what is locked has known vulnerabilities.
	@$(PYTHON) -m venv .fuzz/audit && .fuzz/audit/bin/pip install --quiet --require-hashes -r tools/audit.lock
	@$(BIN)/python -m tools.audit .fuzz/audit/bin

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
	rm -rf $(VENV) .demo .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
