"""`zhiku template`: workbooks to fill in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from cli.options import AsJson
from cli.output import emit, say
from cli.place import told, write_whole
from graph.errors import InputError
from viz.workbooks import AVAILABILITY, DEMANDS, HISTORY, ROSTER, SERVICES, TEAMS, EntryForm, entry_form

app = typer.Typer(add_completion=False, no_args_is_help=True, help="生成可以填写的 Excel 模板")


Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件")]
Out = Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")]


class Template(NamedTuple):
    """A workbook to fill in: what it lists, the mapping that reads it, how it is filled in, its usual name."""

    form: EntryForm
    what: str
    mapping: str
    how: str
    file: str


TEMPLATES: Final = (
    Template(ROSTER, "专家与学会名册", "roster", "一人一行", "专家名册模板.xlsx"),
    Template(HISTORY, "机构沿革", "organisation_history", "一件事一行", "机构沿革模板.xlsx"),
    Template(SERVICES, "科技服务登记", "services", "一项服务一行", "科技服务模板.xlsx"),
    Template(DEMANDS, "需求清单（问题库、选题库）", "demands", "一个需求一行", "需求清单模板.xlsx"),
    Template(TEAMS, "专家团队", "teams", "一个团队一行", "专家团队模板.xlsx"),
    Template(AVAILABILITY, "可用时间", "availability", "一段时间一行", "可用时间模板.xlsx"),
)


def _command(template: Template) -> Callable[..., None]:
    def written(out: Out = Path(template.file), force: Force = False, as_json: AsJson = False) -> None:
        _write(template, out, force=force, as_json=as_json)

    return written


for _each in TEMPLATES:
    app.command(
        _each.mapping.replace("_", "-"),
        help=f"{_each.what}的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping {_each.mapping} 导入",
    )(_command(_each))


def _write(template: Template, out: Path, *, force: bool, as_json: bool) -> None:
    form = template.form
    if out.exists() and not force:
        raise InputError(f"文件 {out} 已经存在，没有动它", hint="用 --out 换一个名字；确要覆盖时加 --force")
    write_whole(out, entry_form(form))
    if as_json:
        emit({"file": str(out.resolve()), "sheet": form.sheet, "columns": [c.header for c in form.columns]})
        return
    told(out)
    say(
        f"用 Excel 或 WPS 打开 {out}，在“{form.sheet}”里{template.how}填写，第二张表是填写说明。",
        f"填好后：zhiku ingest table {out} --mapping {template.mapping}",
    )
