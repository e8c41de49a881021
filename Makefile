# Shorthand; each line is a command that works without make too.
.PHONY: play test nightly check format constraints wheel screenshot bench

play:
	./orchsim play incident-revenue-zero

test:
	tests/run

nightly:
	HYPOTHESIS_PROFILE=nightly tests/run -m 'slow or hypothesis'

check:
	.ci/check

format:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

constraints:
	.ci/constraints

wheel:
	.venv/bin/python -m build --wheel --no-isolation

screenshot:
	.venv/bin/python docs/make_screenshot.py

bench:
	.venv/bin/python tests/bench/processes.py
