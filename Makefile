# Everything below works on a machine that has Python 3.11 or 3.12 with pip and venv, make and bash.
SHELL := bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TESTS ?= tests
BACKEND_TESTS ?= tests/test_backends.py tests/test_network_proxies.py tests/test_supernet.py tests/test_oneshot.py

.DEFAULT_GOAL := help
.PHONY: help env run test networks backends check format lock bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/installed ## the virtual environment, from the lock file

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"hyperdsl needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}. Try: make PYTHON=python3.11")'
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: env ## search pipelines for a real credit table; model and script go to runs/
	@mkdir -p runs
	$(BIN)/hyperdsl search examples/credit.hyp --study runs/credit.db -o runs/credit

test: env ## the tests
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 $(TESTS)

networks: env ## the tests of networks, which install Keras, JAX and Pillow
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check "keras>=3.5" "jax>=0.4.30" "pillow>=10"
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps "sktime>=1"
	@OMP_NUM_THREADS=1 KERAS_BACKEND=jax JAX_DISABLE_MOST_OPTIMIZATIONS=1 $(BIN)/python -m pytest -q -n 2 tests/test_networks.py tests/test_backends.py tests/test_images.py tests/test_text.py tests/test_training.py \
		tests/test_network_examples.py tests/test_shapes.py tests/test_costs.py tests/test_nas.py tests/test_network_counts.py tests/test_catalog_keras.py \
		tests/test_network_proxies.py tests/test_morphisms.py tests/test_supernet.py tests/test_oneshot.py tests/test_reference.py tests/test_explain.py tests/test_bad.py

backends: env ## a short file of tests with PyTorch and with TensorFlow, which it installs, and networks in plain PyTorch
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check "keras>=3.5" "torch>=2.3" "tensorflow-cpu>=2.17"
	@for backend in torch tensorflow; do OMP_NUM_THREADS=1 KERAS_BACKEND=$$backend $(BIN)/python -m pytest -q -n 2 \
		$(BACKEND_TESTS) || exit 1; done
	@OMP_NUM_THREADS=1 KERAS_BACKEND=torch $(BIN)/python -m pytest -q -n 2 tests/test_torch_scripts.py

check: env ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/hyperdsl fmt --check examples/*.hyp examples/*/*.hyp hyperdsl/std/*.hyp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: env ## format and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/hyperdsl fmt examples/*.hyp examples/*/*.hyp hyperdsl/std/*.hyp
	$(BIN)/ruff check --fix .

lock: ## write requirements.lock anew (needs uv)
	uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --extra dev --extra examples --extra boosting-cpu \
		pyproject.toml -o requirements.lock

bench: env ## the benchmarks, each beside its peer
	@for script in tests/benchmarks/bench_*.py; do OMP_NUM_THREADS=1 $(BIN)/python $$script || exit 1; done

clean: ## everything that git does not know
	git clean -fdx
