"""The written reference, made from the code: `python -m cli.reference` writes docs/{schema,queries,settings,cli}.md.

A test compares the files with what this module makes, so that they cannot go stale.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import typer
from pydantic_settings import BaseSettings
from typer.main import get_command

from api.settings import ServiceSettings
from cli.exits import EXIT_CODES_ZH
from cli.main import COMMANDS, root
from cli.output import say
from graph.model import NODES, RELATIONSHIP_SYSTEM, RELATIONSHIPS, SYSTEM, NodeType, Property, RelationshipType
from graph.settings import DatabaseSettings, HomeSettings, IndexSettings
from queries.registry import QUERIES, QUESTIONS

_MADE: Final = "<!-- 由 python -m cli.reference 生成，请勿手改 (generated, do not edit) -->"
_SETTINGS: Final = (
    ("数据目录 (home folder)", HomeSettings),
    ("图数据库 (graph store)", DatabaseSettings),
    ("文本索引 (text index)", IndexSettings),
    ("网页与接口服务 (service)", ServiceSettings),
)


def pages() -> dict[str, str]:
    """Return the generated pages: file name in `docs/` → text."""
    return {
        "schema.md": _page(_schema()),
        "queries.md": _page(_queries()),
        "settings.md": _page(_settings()),
        "cli.md": _page(_commands()),
    }


def write(folder: Path) -> list[str]:
    """Write the pages that differ from what lies in `folder`; return their names."""
    changed: list[str] = []
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(name)
    return changed


def _page(lines: Iterable[str]) -> str:
    return "\n".join([_MADE, "", *lines]).rstrip() + "\n"


def _table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(headers)} |"
    yield f"|{'---|' * len(headers)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: object) -> str:
    return re.sub(r"\s+", " ", str(value)).replace("|", "\\|").replace("<", "&lt;").strip()


# --- schema -----------------------------------------------------------------------------------------------------------


def _schema() -> Iterator[str]:
    yield "# 图模型 (graph model)"
    yield ""
    yield "由 `graph/model.py` 生成。日期是 ISO 文字。"
    yield "`valid_from` 是最早可能的第一天，`valid_to` 是最晚可能的最后一天的次日，空 = 不知道。"
    yield ""
    yield "标记：**键** 唯一键；索引；检索 = 进入文本索引；**受限** = 不说明用途就不显示。"
    yield ""
    yield "## 节点 (nodes)"
    yield ""
    for node in NODES:
        yield from _node(node)
    yield "## 关系 (relationships)"
    yield ""
    yield f"每个关系属于一个来源，另带 {'、'.join(f'`{name}`' for name in RELATIONSHIP_SYSTEM)}。"
    yield ""
    for relationship in RELATIONSHIPS:
        yield from _relationship(relationship)


def _node(node: NodeType) -> Iterator[str]:
    yield f"### {node.label} {node.zh}"
    yield ""
    kind = "工作数据 (working data)" if node.working else "领域数据 (domain)"
    prefix = f"，编号以 `{node.prefix}` 开头" if node.prefix else ""
    yield f"{node.en}. {kind}；键 `{node.key}`{prefix}。"
    yield ""
    own = {p.name for second in node.seconds for p in second.properties}
    rows = [_property(p, node.key) for p in node.properties if p.name not in own]
    if not any(p.name == node.key for p in node.properties):
        rows.insert(0, (f"`{node.key}`", "", "唯一键", "key", "**键**"))
    if not node.working:
        rows += [_property(p, node.key) for p in SYSTEM]
    yield from _table(_PROPERTY_HEADERS, rows)
    for second in node.seconds:
        yield f"附加标签 **{second.label}** {second.zh} ({second.en})："
        yield ""
        yield from _table(_PROPERTY_HEADERS, [_property(p, node.key) for p in second.properties])


_PROPERTY_HEADERS: Final = ("属性", "类型", "含义", "meaning", "标记")


def _property(prop: Property, key: str) -> tuple[str, ...]:
    marks = [
        "**键**" if prop.name == key else "",
        "索引" if prop.indexed else "",
        "检索" if prop.searched else "",
        "**受限**" if prop.restricted else "",
    ]
    return (f"`{prop.name}`", prop.kind.value, prop.zh, prop.en, " ".join(mark for mark in marks if mark))


def _relationship(relationship: RelationshipType) -> Iterator[str]:
    yield f"### {relationship.name} {relationship.zh}"
    yield ""
    ends = list(relationship.ends)
    shown = "、".join(f"`({start})→({end})`" for start, end in ends)
    yield f"{relationship.en}. {shown}"
    yield ""
    if relationship.properties:
        yield from _table(_PROPERTY_HEADERS, [_property(p, "") for p in relationship.properties])


# --- queries ----------------------------------------------------------------------------------------------------------


def _queries() -> Iterator[str]:
    yield "# 问题与查询 (questions and queries)"
    yield ""
    yield "由 `queries/registry.py` 生成。每个问题是一个函数；每个查询是一条固定的 Cypher，参数传值。"
    yield ""
    yield "## 问题 (questions)"
    yield ""
    for question in QUESTIONS:
        module = question.__module__
        yield f"### `{question.__name__}`"
        yield ""
        yield "```python"
        yield f"from {module} import {question.__name__}"
        yield ""
        yield from _signature(question)
        yield "```"
        yield ""
        yield from (inspect.getdoc(question) or "").splitlines()
        yield ""
    yield "## 查询 (Cypher)"
    yield ""
    for query in QUERIES:
        yield f"### {query.name}"
        yield ""
        parameters = "、".join(f"`${name}`" for name in sorted(query.parameters)) or "无"
        fields = "、".join(f"`{name}`" for name in query.row.model_fields)
        yield f"参数：{parameters}。返回 `{query.row.__name__}`：{fields}。"
        yield ""
        yield "```cypher"
        yield from query.text.strip().splitlines()
        yield "```"
        yield ""


def _signature(question: Any) -> Iterator[str]:  # noqa: ANN401 - any callable
    signature = inspect.signature(question)
    yield f"{question.__name__}("
    star = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            star = True
            yield "    *,"
        yield "    " + re.sub(r": '([^']*)'", r": \1", str(parameter)) + ","
    yield f") -> {signature.return_annotation}"


# --- settings ---------------------------------------------------------------------------------------------------------


def _settings() -> Iterator[str]:
    yield "# 设置 (settings)"
    yield ""
    yield "全部来自环境变量；不设就用默认值。密码请放文件，不要写在命令行里。"
    yield ""
    for title, kind in _SETTINGS:
        yield f"## {title}"
        yield ""
        yield from _table(("环境变量", "默认值", "说明"), _fields(kind))


def _fields(kind: type[BaseSettings]) -> Iterator[tuple[str, str, str]]:
    prefix = str(kind.model_config.get("env_prefix", ""))
    for name, field in kind.model_fields.items():
        default = "按操作系统" if field.default_factory is not None else _default(field.default)
        yield f"`{prefix}{name.upper()}`", default, field.description or ""


def _default(value: object) -> str:
    text = "" if value is None or value == () else str(value)
    return f"`{text}`" if text.strip("*") else "（空）"


# --- commands ---------------------------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield "# 命令 (commands)"
    yield ""
    yield "每个命令都有 `--help` 和 `--json`。答案写到标准输出，进度、提示和错误写到标准错误。"
    yield ""
    yield "## 退出码 (exit codes)"
    yield ""
    yield from _table(("退出码", "含义"), [(int(code), text) for code, text in EXIT_CODES_ZH.items()])
    yield "## 命令之前的选项 (options before the command)"
    yield ""
    front = typer.Typer(add_completion=False)
    front.command()(root)
    yield from _parameters(get_command(front))
    for name, (module, help_zh) in COMMANDS.items():
        command: Any = get_command(cast(typer.Typer, import_module(module).app))
        command.help = command.help or help_zh
        yield from _described(name, command, "##")


def _described(name: str, command: Any, mark: str) -> Iterator[str]:  # noqa: ANN401 - as below
    """A command, and those below it."""
    parts: dict[str, Any] = getattr(command, "commands", {})
    yield f"{mark} `zhiku {name}`"
    yield ""
    yield command.help or ""
    yield ""
    yield from _parameters(command)
    for part, sub in parts.items():
        yield from _described(f"{name} {part}", sub, f"{mark}#")


def _parameters(command: Any) -> Iterator[str]:  # noqa: ANN401 - click's own class is private to typer
    rows: list[tuple[str, str, str]] = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        argument = parameter.param_type_name == "argument"
        shown = (parameter.metavar or parameter.name.upper()) if argument else ", ".join(parameter.opts)
        default = parameter.default
        plain = default is None or default is False or default == "" or callable(default) or default == []
        rows.append((f"`{shown}`", "" if plain else f"`{default}`", parameter.help or ""))
    if rows:
        yield from _table(("参数或选项", "默认值", "说明"), rows)


def main() -> None:
    """Write the pages into `docs/` of the repository this module lies in, and say which changed."""
    folder = Path(__file__).parents[1] / "docs"
    changed = write(folder)
    say(f"已更新：{'、'.join(changed)}" if changed else "文档都是最新的")
    sys.exit(0)


if __name__ == "__main__":
    main()
