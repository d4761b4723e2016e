"""What Dockerfile and docker-compose.yml promise; no container engine runs here, so their text is read."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

_ROOT = Path(__file__).parents[2]
_COMPOSE: dict[str, Any] = yaml.safe_load((_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
_DOCKERFILE = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
_SERVICES: dict[str, dict[str, Any]] = _COMPOSE["services"]
_PINNED = re.compile(r"^[a-z0-9/]+:\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$")


def _instructions(word: str) -> list[str]:
    joined = _DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(word).strip() for line in joined.splitlines() if line.startswith(word + " ")]


@pytest.mark.parametrize("name", _SERVICES)
def test_every_service_is_pinned_healthy_bounded_and_on_loopback(name: str) -> None:
    service = _SERVICES[name]
    assert _PINNED.match(service["image"])
    assert service["healthcheck"]["test"]
    assert service["mem_limit"]
    assert service["ports"]
    assert all(str(port).startswith("127.0.0.1:") for port in service["ports"])


def test_passwords_come_from_files_that_are_neither_committed_nor_sent_to_the_builder() -> None:
    assert all(set(secret) == {"file"} for secret in _COMPOSE["secrets"].values())
    for service in _SERVICES.values():
        for key, value in service["environment"].items():
            if "AUTH" in key or "PASSWORD" in key:
                assert key.endswith("_FILE")
                assert Path(value).name in service["secrets"]
    assert "secrets/" in (_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (_ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")[1] == "*"


def test_neo4j_has_its_memory_set_within_the_limit() -> None:
    environment = _SERVICES["neo4j"]["environment"]
    sizes = {key: int(value.removesuffix("g")) for key, value in environment.items() if "memory" in key}
    assert len(sizes) == 3
    heap, cache = sizes["NEO4J_server_memory_heap_max__size"], sizes["NEO4J_server_memory_pagecache_size"]
    assert heap + cache < int(_SERVICES["neo4j"]["mem_limit"].removesuffix("g"))


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    images = [line.split()[0] for line in _instructions("FROM")]
    assert images
    assert all(_PINNED.match(image) for image in images)
    assert all("--frozen" in run and "--no-dev" in run for run in _instructions("RUN") if "uv sync" in run)
    assert _instructions("USER") == ["10001:10001"]
    assert "/healthz" in _instructions("HEALTHCHECK")[0]
    assert ":latest" not in _DOCKERFILE


def test_the_image_gets_every_package_and_the_uv_of_the_makefile() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["uv"]["build-backend"]["module-name"])
    copied = {word for line in _instructions("COPY") for word in line.split()[:-1]}
    assert packages <= copied
    sent = {line.removeprefix("!") for line in (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()}
    assert packages <= sent
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (_ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert f"uv=={version}" in _DOCKERFILE
