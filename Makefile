# make up      everything runs: http://127.0.0.1:8000        make test   all checks and tests
# make setup   only installs: .venv/bin/mainstay             make wheel  dist/*.whl
# make bench   how fast, within minutes                      make lock   pins requirements anew
# make messages   what is to be translated, into src/mainstay/locale
# make faults  processes killed, a relay that misbehaves: is anything lost?
# Settings (docs/settings.md) may stand behind: make up MAINSTAY_PORT=9000 DEMO=0

.PHONY: messages up setup setup-dev test checks format lint types imports bench faults wheel lock clean
.DEFAULT_GOAL := up
BIN := .venv/bin

up: setup
	@exec $(BIN)/mainstay up

setup:
	@scripts/setup product

setup-dev:
	@scripts/setup dev

test: setup-dev
	@scripts/browser
	@scripts/servers
	@$(MAKE) --no-print-directory --output-sync --keep-going -j2 checks
	$(BIN)/pytest -n 2

checks: format lint types imports

format:
	$(BIN)/ruff format --check .

lint:
	$(BIN)/ruff check .

types:
	$(BIN)/mypy src tests

imports:
	$(BIN)/lint-imports

BENCHES := $(sort $(wildcard bench/*.py))
BENCH_WITHIN := 300

bench: setup-dev
	@for bench in $(BENCHES); do \
	    printf '\n== %s\n' "$$bench"; \
	    timeout -s INT $(BENCH_WITHIN) $(BIN)/python "$$bench" || exit 1; \
	done

faults: setup-dev
	$(BIN)/python faults/mail.py

messages: setup-dev
	@$(BIN)/python scripts/messages

wheel: setup-dev
	@rm -rf build dist
	$(BIN)/python -m build --wheel --no-isolation

PIN := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
       --no-header --no-annotate

lock:
	$(PIN) requirements/build.in -o requirements/build.txt
	$(PIN) pyproject.toml requirements/build.in -c requirements/build.txt -o requirements/product.txt
	$(PIN) pyproject.toml requirements/build.in --extra dev -c requirements/product.txt -o requirements/dev.txt

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
