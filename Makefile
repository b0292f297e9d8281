# `make help` lists what there is. All of it works in a fresh clone with Python 3.10 to 3.13.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN ?= runs/demo

export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test serving lint benchmark docs guides wheel clean

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/.installed ## Train MD-GAN on the grid, measure it, write its report: runs/demo.
	$(BIN)/python -m apps.mdgan --dataset=grid --output_dir=$(RUN)
	@echo "The report, to open in a browser: $(abspath $(RUN))/report.html"

test: $(VENV)/.installed-test ## Install all that the tests need, and run them.
	$(BIN)/python -m pytest -q -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder \
	  --durations=15

serving: $(VENV)/.installed-test ## Ask servers of saved_models/: KGAN_SERVING="http://... grpc://...".
	$(BIN)/python -m pytest -q tests/serving/test_served_models.py

lint: $(VENV)/.installed-lint ## Check style, format and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: $(VENV)/.installed $(VENV)/.installed-peers ## Time train steps beside plain Keras and PyTorch; wants an idle machine.
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.startup

docs: $(VENV)/.installed-docs ## Write the site of the documents and docstrings: runs/site/index.html.
	$(BIN)/python -m sphinx -q -W --keep-going -j auto -c docs/site . runs/site
	$(BIN)/python docs/site/check.py runs/site

guides: $(VENV)/.installed-docs ## Run the guides, and keep what they print and draw: docs/guides/*.ipynb.
	$(BIN)/python docs/site/guides.py

wheel: $(VENV)/.installed-wheel ## Build source distribution and wheel, and try it in an environment and a folder of its own.
	.ci/try_wheel $(BIN)/python

clean: ## Remove the environment and what tools have left; keeps runs/.
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: .installed for the package, .installed-EXTRA for one of its extras besides.
$(VENV)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	$(call install,.[tensorflow])

$(VENV)/.installed-%: setup.cfg pyproject.toml | $(BIN)/python
	$(call install,.[$*])

define install
@echo "Installing $(1) and what it needs into $(VENV): some minutes the first time."
@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '$(1)'
@touch $@
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || { \
	  echo "kgan needs Python 3.10 to 3.13: TensorFlow has wheels for these. $(PYTHON) is" \
	    "$$($(PYTHON) --version 2>/dev/null || echo missing): make PYTHON=python3.11"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: apt-get install python3-venv"; \
	  exit 1; } >&2
	@$(PYTHON) -m venv $(VENV)
