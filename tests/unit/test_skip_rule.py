"""The rule of `make test`: nothing may be skipped but for want of shared data."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_INNER = """
import pytest

def test_component():
    pytest.skip("没有浏览器")

@pytest.mark.skipif(True, reason="没有引擎")
def test_marked():
    pass

def test_shared_data():
    pytest.skip("共享数据不在这台机器上")

@pytest.mark.xfail(reason="已知缺陷", strict=True)
def test_defect():
    raise AssertionError
"""
_MODULE = "import pytest\npytest.skip('没有 mvn', allow_module_level=True)\n"


def _pytest(folder: Path, *, required: bool) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(_INNER, encoding="utf-8")
    (folder / "test_module.py").write_text(_MODULE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "ZHIKU_REQUIRE_COMPONENTS"}
    environment |= {"PYTHONPATH": str(_ROOT)} | ({"ZHIKU_REQUIRE_COMPONENTS": "1"} if required else {})
    plain = ["-p", "tests.conftest", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plain],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_where_components_are_required_only_shared_data_may_be_absent(tmp_path: Path) -> None:
    done = _pytest(tmp_path, required=True)
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 skipped, 1 xfailed, 2 errors" in done.stdout
    assert done.stdout.count("不可因缺少组件而跳过") >= 3


def test_without_the_rule_a_skip_stays_a_skip(tmp_path: Path) -> None:
    done = _pytest(tmp_path, required=False)
    assert done.returncode == 0, done.stdout
    assert "4 skipped, 1 xfailed" in done.stdout
