# The service, for use with a Neo4j beside it (docker-compose.yml). Not built in CI: no container engine runs there; the
# file is linted and tests/unit/test_packaging.py checks what it promises. The base is pinned by its exact tag, not by
# digest: no registry could be asked when this was written. Add "@sha256:…" after the first pull.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1
RUN pip install uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
# Dependencies first: this layer is rebuilt only when the lock changes.
RUN uv sync --frozen --no-dev --no-install-project
COPY README.md LICENSE NOTICE ./
COPY graph graph
COPY ingest ingest
COPY queries queries
COPY panels panels
COPY viz viz
COPY api api
COPY cli cli
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="zhiku" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 zhiku \
 && useradd --system --uid 10001 --gid zhiku --home-dir /var/lib/zhiku --create-home zhiku
COPY --from=build /app/.venv /app/.venv
COPY LICENSE NOTICE /app/
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ZHIKU_HOME=/var/lib/zhiku
USER 10001:10001
WORKDIR /var/lib/zhiku
VOLUME ["/var/lib/zhiku"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=5 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# All interfaces of the container; docker-compose.yml publishes the port on the host's loopback only.
CMD ["zhiku", "serve", "--host", "0.0.0.0", "--port", "8000"]
