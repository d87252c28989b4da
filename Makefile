# Every command of the project. `make` alone lists them; `make run` and `make test` need only
# Python 3.11 or newer, git and make.
.DEFAULT_GOAL := help
.PHONY: help setup tools run dev chat test fast browser bench bench-lms eval rasa rasa-test bench-rasa check lint fmt lock migration i18n nlu docs

PYTHON ?= python3
PY := .venv/bin/python
CHECKED := backend bot lms nlu tests

help: ## liệt kê các lệnh này
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## tạo môi trường .venv và cài những gói cần để chạy
	@command -v $(PYTHON) >/dev/null || { echo "Máy này chưa có Python: xin cài Python 3.11 trở lên rồi chạy lại."; exit 1; }
	@$(PYTHON) -m backend.install requirements.txt

tools: setup
	@$(PYTHON) -m backend.install tests/requirements.txt

run: setup ## chạy sản phẩm với dữ liệu mẫu: http://127.0.0.1:8000
	@$(PY) -m backend run

dev: setup ## như run, tự nạp lại khi mã đổi
	@$(PY) -m backend run --reload

chat: setup ## trò chuyện với trợ lý ngay trong cửa sổ lệnh
	@$(PY) -m bot chat

test: tools ## chạy mọi kiểm thử, trên SQLite rồi trên PostgreSQL
	@$(PY) -m tests.postgres

fast: tools ## phần kiểm thử nhanh, chỉ trên SQLite
	@$(PY) -m pytest -q -m "not slow and not browser"

browser: tools ## các hành trình trên trình duyệt thật (Chromium)
	@$(PY) -m pytest -q -m browser tests/browser

bench: tools ## đo tốc độ trả lời
	@$(PY) -m tests.bench

bench-lms: tools ## đo CPU của phần học tập bên cạnh Kolibri (chừng năm phút)
	@$(PY) -m tests.lms_bench --write

eval: tools ## đo độ đúng trên mọi bộ câu hỏi (khoảng mười phút)
	@$(PY) -m tests.evaluation --write && $(PY) -m tests.readme

rasa: setup ## dựng, huấn luyện và chạy Rasa ở 127.0.0.1 (Python 3.10 riêng, 2,7 GB trong RASA_HOME)
	@$(PY) -m nlu.rasa

rasa-test: tools ## huấn luyện một Rasa thật rồi hỏi nó
	@$(PY) -m tests.rasa_server

bench-rasa: tools ## đo bộ máy nhúng bên cạnh Rasa (khoảng nửa giờ)
	@$(PY) -m tests.rasa_bench --write && $(PY) -m tests.readme

check: lint test ## tất cả những gì CI kiểm

lint: tools
	@$(PY) -m ruff format --check $(CHECKED) && $(PY) -m ruff check $(CHECKED) && .venv/bin/lint-imports --no-cache
	@$(PY) -m mypy && $(PY) -m nlu validate && $(PY) -m tests.readme --check

fmt: tools ## sửa cách trình bày mã
	@$(PY) -m ruff check --fix -q $(CHECKED); $(PY) -m ruff format $(CHECKED)

lock: tools ## biên dịch lại các phiên bản chính xác (requirements.txt)
	@$(PY) -m tests.lock

migration: tools ## tạo một bản di trú mới: make migration m="add fee"
	@$(PY) -m backend migrate --new "$(m)"

i18n: setup ## rút câu chữ ra locales và biên dịch
	@.venv/bin/pybabel -q extract -F pyproject.toml --no-location --sort-output -o locales/messages.pot backend bot lms
	@.venv/bin/pybabel -q update -i locales/messages.pot -d locales --no-fuzzy-matching --ignore-obsolete --omit-header
	@.venv/bin/pybabel -q compile -d locales

nlu: setup ## kiểm dữ liệu hiểu tiếng Việt, huấn luyện
	@$(PY) -m nlu validate && $(PY) -m nlu train

docs: tools ## viết lại các bảng sinh tự động trong README
	@$(PY) -m tests.readme
