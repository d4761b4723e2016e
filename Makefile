# 智库图谱 Zhiku. Needs Python 3.11+ with venv, make and git; everything else is set up here. GNU Make 3.81 (macOS) is enough.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

UV_VERSION := 0.13.9
UV_HOME := .cache/uv-$(UV_VERSION)
UV := $(UV_HOME)/bin/uv
BIN := .venv/bin
# Two stamps: a clerk's `make demo` does not wait for the developers' tools.
RUN := .venv/.synced-run
DEV := .venv/.synced-dev

CODE := graph ingest queries panels viz api cli tests bench
BENCHES := load lookup retrieval questions memory organisations identity identity_batch identity_scale
FRESH_DOCS := $(wildcard tests/unit/test_docs*.py tests/unit/*/test_docs*.py)

# No other Python is fetched, and no variable of the caller's shell points uv at another environment.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV

.PHONY: help setup demo test contract crash corpora check lint fmt bench lookup-scale serve clean components secrets

help: ## 显示本说明
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(DEV) ## 准备开发环境（.venv，含测试工具）

demo: $(RUN) ## 装好一切，载入虚构样例，提问，画图
	@$(BIN)/zhiku demo

serve: $(RUN) ## 启动网页与接口服务（参数用 ARGS="--port 8001"）
	@$(BIN)/zhiku serve $(ARGS)

test: components lint ## 全部检查与测试（嵌入式引擎、真实 Neo4j 5.26 与 2026、浏览器、短崩溃测试）
	@ZHIKU_REQUIRE_COMPONENTS=1 $(BIN)/pytest

contract: components ## 每个查询与写入语句在三个真实引擎上结果一致
	@ZHIKU_REQUIRE_COMPONENTS=1 $(BIN)/pytest tests/contract

crash: $(DEV) ## 完整崩溃测试：每种 kill -9 各 20 次
	@$(BIN)/pytest tests/crash --crash-rounds=20

corpora: $(RUN) ## 把共享的真实数据载入 ZHIKU_HOME
	@$(BIN)/python -m bench.corpora $(ARGS)

check: lint ## 格式、类型、导入次序、文档是否最新、包名是否冲突
	@$(BIN)/pytest -q tests/unit/test_conventions.py tests/unit/test_packaging.py $(FRESH_DOCS)

lint: $(DEV)
	@$(UV) lock --check --quiet
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

fmt: $(DEV) ## 整理代码格式
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEV) ## 依次运行 bench/ 里的每个测量
	@set -e; for name in $(BENCHES); do echo "== bench.$$name"; $(BIN)/python -m bench.$$name; done

lookup-scale: $(DEV) ## 十万专家、百万成果的提问测量（第一次要建库：约 20 分钟、10 GB；参数用 ARGS）
	@$(BIN)/python -m bench.lookup_scale $(ARGS)

secrets: ## 为 docker compose 生成随机口令（secrets/，已存在则不动）
	@.ci/secrets

clean: ## 删除缓存与构建产物（不动用户数据，也不动 .venv）
	@rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist build
	@find $(CODE) -type d -name __pycache__ -prune -exec rm -rf {} +

components: $(DEV)
	@.ci/components $(BIN)

$(UV):
	@.ci/bootstrap $(UV_HOME) $(UV_VERSION)

$(RUN): pyproject.toml uv.lock | $(UV)
	@echo "安装运行所需的软件包到 .venv（第一次约需下载 150 MB）…"
	@$(UV) sync --frozen --no-dev --inexact --python "$$(cat $(UV_HOME)/python)"
	@touch $@

$(DEV): pyproject.toml uv.lock | $(UV)
	@echo "安装开发与测试所需的软件包到 .venv …"
	@$(UV) sync --frozen --python "$$(cat $(UV_HOME)/python)"
	@touch $(RUN) $@
