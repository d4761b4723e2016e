"""What is shipped: our package names are ours alone, the wheel is whole and runs, no dependency binds its user."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_PROJECT: dict[str, Any] = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_PACKAGES: list[str] = _PROJECT["tool"]["uv"]["build-backend"]["module-name"]

# The families house rules allow, as they are written in package metadata.
_PERMISSIVE = re.compile(r"Apache|MIT|BSD|ISC|PSF-2\.0|Zlib", re.IGNORECASE)
_BINDING = re.compile(r"GPL|SSPL|BUSL|Commons Clause|General Public", re.IGNORECASE)


def _uv() -> str:
    for folder in sorted((_ROOT / ".cache").glob("uv-*"), reverse=True):
        if (folder / "bin" / "uv").is_file():
            return str(folder / "bin" / "uv")
    found = shutil.which("uv")
    if found is None:
        pytest.skip("没有 uv：请运行 make setup")
    return found


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(_uv(), "build", "--wheel", "--out-dir", folder, "--python", sys.executable, _ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_no_dependency_ships_a_package_named_like_ours() -> None:
    providers = importlib.metadata.packages_distributions()
    taken = {name: set(providers.get(name, ())) - {"zhiku"} for name in [*_PACKAGES, "bench"]}
    assert {name: by for name, by in taken.items() if by} == {}


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    source = {
        path.relative_to(_ROOT).as_posix()
        for package in _PACKAGES
        for path in (_ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if not name.endswith("/")}
    metadata = {name for name in shipped if ".dist-info/" in name}
    assert shipped - metadata == source
    assert {Path(name).name for name in metadata} >= {"LICENSE", "NOTICE", "entry_points.txt"}


def test_the_wheel_installs_into_an_empty_environment_and_its_command_runs(wheel: Path, tmp_path: Path) -> None:
    uv, venv, pins = _uv(), tmp_path / "venv", tmp_path / "pins.txt"
    _run(uv, "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--output-file", pins, cwd=_ROOT)
    _run(uv, "venv", "--quiet", "--python", sys.executable, venv, cwd=tmp_path)
    python = venv / "bin" / "python"
    _run(uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", pins, cwd=tmp_path)
    _run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel, cwd=tmp_path)
    assert _PROJECT["project"]["version"] in _run(venv / "bin" / "zhiku", "--version", cwd=tmp_path)


def _licence(distribution: str) -> str:
    """Everything the metadata says about the licence, in one string.

    Only the first line of the old field: some packages put the whole text there, which may name other licences.
    """
    metadata = importlib.metadata.metadata(distribution)
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    old_field = [text.strip().split("\n")[0] for text in metadata.get_all("License") or []]
    return " | ".join([*(metadata.get_all("License-Expression") or []), *classifiers, *old_field])


def _runtime_closure() -> Iterator[str]:
    """Names of all distributions that `uv sync --no-dev` installs here."""
    lock: dict[str, Any] = tomllib.loads((_ROOT / "uv.lock").read_text(encoding="utf-8"))
    needs = {entry["name"]: [d["name"] for d in entry.get("dependencies", ())] for entry in lock["package"]}
    open_names, seen = ["zhiku"], {"zhiku"}
    while open_names:
        for name in needs[open_names.pop()]:
            if name not in seen:
                seen.add(name)
                open_names.append(name)
    installed = {re.sub(r"[-_.]+", "-", d.name).lower() for d in importlib.metadata.distributions()}
    yield from sorted((seen - {"zhiku"}) & installed)  # the rest is for other platforms


def test_every_runtime_dependency_is_permissively_licensed() -> None:
    licences = {name: _licence(name) for name in _runtime_closure()}
    assert len(licences) > len(_PROJECT["project"]["dependencies"]) - 2
    assert {n: text for n, text in licences.items() if _BINDING.search(text) or not _PERMISSIVE.search(text)} == {}
