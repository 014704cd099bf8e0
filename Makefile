# The only door: every target sets up what it needs inside .venv and leaves nothing else behind.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tencent's command line needs libraries of its own choice; nothing of ours runs beside them.
CLIENTS := .venv-clients
# Without bytecode every start compiles every import again; set-up compiles once instead.
unexport PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test crashes crowd lint format bench lock docs new-resource clean model trust mutants soak test-clients evidence faults fuzz audit

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

crashes: setup  ## Kill climc at every statement that writes (minutes); make test does it around commits.
	@CRASHES=all $(BIN)/python -m pytest tests/crash/test_kill.py --timeout=1200

crowd: setup  ## Run eight processes on one cache for CROWD_SECONDS (180); make test does it for a moment.
	@CROWD_SECONDS=$${CROWD_SECONDS:-180} $(BIN)/python -m pytest tests/crash/test_crowd.py -n0 --timeout=1200

model: setup  ## Let anything happen in any order, thousands of steps: MODEL_EXAMPLES=200 runs of 40 steps.
	@MODEL_EXAMPLES=$${MODEL_EXAMPLES:-200} $(BIN)/python -m pytest tests/model -n0 -q

trust: setup  ## Try every command in all ways with every type: read-only accounts, and rules that deny all.
	@EVERY_COMMAND=1 $(BIN)/python -m pytest tests/e2e/test_trust.py tests/aws/test_trust.py --timeout 280

$(CLIENTS)/.ready: requirements-clients.lock
	@echo "Setting up $(CLIENTS) …" >&2
	@$(PYTHON) -m venv $(CLIENTS)
	@$(BIN)/uv pip sync --quiet --python $(CLIENTS)/bin/python --require-hashes --build-constraints $< $<
	@touch $@

test-clients: setup $(CLIENTS)/.ready  ## Ask the emulator for every type by each of the vendors' own clients.
	@$(BIN)/python -m pytest tests/emulator -m "clients or not clients"

evidence: setup  ## Record, replay and check every type; run the page for users as it stands (minutes).
	@$(BIN)/python -m pytest tests/evidence/long_recording.py --timeout 600

faults: setup  ## Hold every call against every fault, and write docs/faults.md (an hour). ONLY=words chooses some.
	@$(BIN)/python -m tests.faults $(ONLY)

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

mutants: setup  ## Break the code in listed ways; fails if a break turns no test red. ONLY=words chooses some.
	@$(BIN)/python -m tests.mutants $(ONLY)

soak: setup  ## Load the programs for SOAK_MINUTES (60) with faults; fails if something grows or is lost.
	@$(BIN)/python -m tests.soak

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
	@printf 'tccli>=3.1.189,<4\nsetuptools\nwheel\n' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header - -o requirements-clients.lock

clean:  ## Remove everything that the targets made.
	rm -rf $(VENV) $(CLIENTS) .demo .soak .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
