PYTHON ?= python
TESTS ?= -n auto

.PHONY: check lint types contracts workflows test
check: lint types contracts workflows test

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

contracts:
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

workflows:
	$(PYTHON) -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(PYTHON) -m check_jsonschema --builtin-schema vendor.github-actions action.yml
	$(dir $(shell command -v $(PYTHON)))zizmor --offline --no-config --strict-collection .github/workflows action.yml

test:
	$(PYTHON) -m pytest $(TESTS)
