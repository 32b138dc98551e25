# make notebooks    re-execute every notebook; are the results the committed ones?
# make latest       the same with the newest releases instead of the locked ones
# make test         run the tests
# make test-browser open the pages in Chromium, on a phone and a desk
# make lab          open JupyterLab
# make test-spark   run the tests that need Spark (Java 17, half a gigabyte)
# make refresh      renew the committed outputs, the checksums, the counts and the codebook
# make lint         check style and types
# make lock         renew the locked dependencies
# make clean        take away what these commands made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The environment is ours, so that what is compiled may be kept in it.
RUN := env -u PYTHONPATH -u PYTHONHOME -u PYTHONDONTWRITEBYTECODE JUPYTER_PREFER_ENV_PATH=1 $(BIN)/python
READY := $(VENV)/.ready
LOCK := requirements.lock
SPARK_LOCK := requirements-spark.lock

.PHONY: notebooks latest test test-spark test-browser benchmarks lab lint refresh lock clean

notebooks: $(READY)
	$(RUN) -m relations reproduce notebooks --build build

latest: $(READY)
	$(RUN) -m relations reproduce notebooks --build build --latest

test: $(READY)
	$(RUN) -m pytest

test-spark: $(VENV)/.spark
	$(RUN) -m pytest -m spark -n 0

test-browser: $(READY)
	$(RUN) -m pytest tests/browser -m browser -n 0

# JupyterLab will not start as root unasked; in a container there is often nobody else.
lab: $(READY)
	$(RUN) -m jupyterlab --notebook-dir notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

lint: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

benchmarks: $(READY)
	$(RUN) -m pytest tests/benchmarks -m benchmark -n 0 -s

refresh: $(READY)
	$(RUN) -m relations check --seal
	$(RUN) -m relations reproduce notebooks --build build --refresh
	$(RUN) -m relations seminar notebooks/seminar
	$(RUN) .ci/readme.py

$(READY): $(LOCK) pyproject.toml .ci/setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ...'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python lacks its venv module; on Debian: apt-get install python3-venv'; exit 1; }
	@env -u PYTHONPATH -u PYTHONHOME $(PYTHON) .ci/setup.py $(VENV) $(LOCK)
	@touch $@

$(VENV)/.spark: $(READY) $(SPARK_LOCK)
	@java -version 2>/dev/null || \
	  { echo 'Spark needs Java 17; on Debian: apt-get install openjdk-17-jre-headless'; exit 1; }
	@echo 'Installing Spark (half a gigabyte).'
	@$(PYTHON) .ci/setup.py --add $(VENV) $(SPARK_LOCK)
	@touch $@

COMPILE := $(PYTHON) .ci/setup.py --uv $(VENV) pip compile --universal --python-version 3.11 \
  --generate-hashes --quiet --custom-compile-command 'make lock'

lock: $(READY)
	$(COMPILE) pyproject.toml --extra notebooks --extra test --group build \
	  --fork-strategy fewest --output-file $(LOCK)
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['spark'])" | \
	  $(COMPILE) - --output-file $(SPARK_LOCK)
	$(BIN)/python .ci/environment.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .hypothesis .ruff_cache
