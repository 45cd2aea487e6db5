# What one types. Needs only make and Python 3.11 or 3.12 with venv; `make help` says what each does.
.DEFAULT_GOAL := help
.PHONY: help run test check bench drill fuzz pictures requirements clean install install-dev

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

help: ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# `exec`: make then signals the supervisor itself, which stops everything in order.
run: install ## 在本机运行整个服务（数据库、网站、后台任务、微信沙箱），Ctrl-C 停下
	@exec .venv/bin/zpt demo

# As many processes as there are processors share the tests, but for those that measure time. They
# need servers of their own: where one is given, one process uses it.
ifeq ($(DATABASE_URL)$(REDIS_URL),)
TOGETHER := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
endif

test: install-dev ## 跑全部测试；只跑一部分：make test ARGS="tests/unit -k 名字"
ifdef ARGS
	@exec .venv/bin/pytest $(ARGS)
else
	@status=0; \
	.venv/bin/pytest -m "not alone" $(TOGETHER) || status=$$?; \
	.venv/bin/pytest -m alone || status=$$?; \
	exit $$status
endif

check: install-dev ## 检查格式、写法、类型和内容
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy .
	.venv/bin/zpt content check

bench: install ## 跑性能测试，最后给表；五百万条签到也要测：make bench ARGS=--scale
	@exec .venv/bin/python -m scripts.bench $(ARGS)

drill: install-dev ## 一边发消息一边强杀各个进程，看答复断不断、丢不丢、多久恢复
	@exec .venv/bin/python -m tests.kills $(ARGS)

pictures: install-dev ## 重新拍 README 里的图片（要有 Chromium），放到 docs/pictures
	@exec .venv/bin/python -m scripts.pictures $(ARGS)

SECONDS ?= 600
fuzz: install-dev ## 拿乱数据试公众号的门和接口，默认十分钟；换个时长：make fuzz SECONDS=60
	@.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check \
		--only-binary :all: --require-hashes -r requirements-fuzz.txt || true
	@exec .venv/bin/python -m tests.fuzz --seconds $(SECONDS)

requirements: ## 重新锁定依赖的版本（要有 uv）
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) requirements-fuzz.in -o requirements-fuzz.txt

clean: ## 删掉 .venv 和各种缓存；var/ 里的数据留着
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

install: ## 只安装运行要的依赖
	@sh scripts/install.sh requirements.txt

install-dev: install ## 再安装测试和检查要的依赖
	@sh scripts/install.sh requirements-dev.txt
