# WeatherTrigger: everything is one `make` away. It needs Python >= 3.11 and make, nothing else.

PYTHON ?= python3
ARGS ?=

VENV := .venv
python := $(VENV)/bin/python
install := $(python) -m pip install -qq --disable-pip-version-check --require-hashes
uv := $(VENV)/lock/bin/uv
compile := $(uv) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--python-version 3.11

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench test-faults lock

help: ## print this
	@awk -F ' *## *' '/^[a-z-]+:.*## / { sub(/:.*/, "", $$1); printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo '  ARGS="..." is passed on: make run ARGS="--help". PYTHON=python3.13 chooses the interpreter of $(VENV).'

run: $(VENV)/run.stamp ## start everything and watch it work, until Ctrl-C
	@exec $(python) -P -m services.automation_cli up $(ARGS)

test: $(VENV)/dev.stamp ## run every test but the long fault runs; ARGS="-n 0 tests/unit" for a part, in one process
	$(python) -m pytest -m "not faults" -n auto --dist worksteal $(ARGS)

check: $(VENV)/dev.stamp ## lint, formatting, types, import contracts
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy -p weathertrigger -p services -p tests
	$(VENV)/bin/lint-imports

bench: $(VENV)/dev.stamp ## measure speed, lateness and memory; ARGS="--only schedule" for a part
	$(python) -m tests.benchmarks $(ARGS)

test-faults: $(VENV)/dev.stamp ## run the long fault runs: kills, outages, lost messages
	$(python) -m pytest -m faults $(ARGS)

lock: $(uv) ## write the lock files anew from pyproject.toml; ARGS=--upgrade takes newer versions
	$(compile) $(ARGS) pyproject.toml -o requirements.lock
	$(compile) $(ARGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

# The stamps are younger than the lock files they were made from, or the installation is done again.
$(VENV)/run.stamp: requirements.lock | $(python)
	@echo "installing what is locked in $<"
	@$(install) -r $<
	$(link)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(python)
	@echo "installing what is locked in $<"
	@$(install) -r $<
	$(link)
	@touch $@

$(python):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'WeatherTrigger needs Python 3.11 or newer, and $(PYTHON) is: '"$$($(PYTHON) --version 2>&1)"; \
		echo 'Name another one: make PYTHON=python3.13 ...'; exit 1; }
	@echo "making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(uv): | $(python)
	@$(python) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install -qq --disable-pip-version-check uv

# The checkout is used where it lies: two lines in a .pth file (relative, so a tree that is moved still works) say more than
# an editable build and need no build tool. The command is a script of /bin/sh, since a path may be longer than a #! line.
define link
@packages="$$($(python) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" && \
	printf '../../../..\n../../../../libs\n' > "$$packages/weathertrigger.pth"
@printf '#!/bin/sh\nexec "$$(dirname "$$(readlink -f "$$0")")/python" -P -m services.automation_cli "$$@"\n' \
	> $(VENV)/bin/automation-cli && chmod +x $(VENV)/bin/automation-cli
endef
