# make notebooks    re-execute every notebook; are the results the committed ones?
# make latest       the same with the newest releases instead of the locked ones
# make test         run the tests
# make test-browser open the pages in Chromium, on a phone and a desk
# make lab          open JupyterLab
# make test-spark   run the tests that need Spark (Java 17, half a gigabyte)
# make refresh      renew the committed notebook outputs, the checksums and the codebook
# make lock         renew the locked dependencies
# make clean        take away what these commands made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := env -u PYTHONPATH -u PYTHONHOME JUPYTER_PREFER_ENV_PATH=1 $(BIN)/python
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

lab: $(READY)
	$(RUN) -m jupyterlab --notebook-dir notebooks

lint: $(READY)
	$(RUN) -m ruff check . && $(RUN) -m ruff format --check .

benchmarks: $(READY)
	$(RUN) -m pytest tests/benchmarks -m benchmark -n 0 -s

refresh: $(READY)
	$(RUN) -m relations check --seal
	$(RUN) -m relations reproduce notebooks --build build --refresh
	$(RUN) -m relations seminar notebooks/seminar
	$(RUN) .ci/readme_figure.py

$(READY): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ...'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python lacks its venv module; on Debian: apt-get install python3-venv'; exit 1; }
	@echo 'Making the environment in $(VENV); the first time this takes a minute or two.'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.spark: $(READY) $(SPARK_LOCK)
	@java -version 2>/dev/null || \
	  { echo 'Spark needs Java 17; on Debian: apt-get install openjdk-17-jre-headless'; exit 1; }
	@echo 'Installing Spark (half a gigabyte).'
	$(BIN)/python -m pip install --quiet --no-build-isolation --require-hashes --requirement $(SPARK_LOCK)
	@touch $@

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra notebooks --extra test --group build --universal \
	  --fork-strategy fewest --python-version 3.11 --generate-hashes --quiet \
	  --custom-compile-command 'make lock' --output-file $(LOCK)
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['spark'])" | \
	  $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --quiet \
	  --custom-compile-command 'make lock' --output-file $(SPARK_LOCK)
	$(BIN)/python .ci/environment.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .hypothesis .ruff_cache
