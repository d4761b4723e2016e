"""`zhiku`: the command line. Each command lies in its own module and is loaded only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from cli import exits
from cli.options import GlobalOptions
from cli.output import say, utf8_streams
from graph.errors import ZhikuError

# Name → (module, what it does): listed here so that `zhiku --help` need not load what it does not run.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("cli.demo", "载入虚构样例，提一个问题，画一张合作网络图"),
    "find": ("cli.find", "按主题找专家、机构、成果、课题，每个答案都带依据"),
    "topics": ("cli.understanding", "一段文字属于哪些学科"),
    "show": ("cli.show", "看一位专家、一个机构；画合作网络图"),
    "ingest": ("cli.ingest", "把文件（Excel、CSV、JSON Lines）导入图谱"),
    "template": ("cli.template", "生成可以填写的 Excel 模板"),
    "mapping": ("cli.mapping", "列出自带的映射（说明表格各列是什么意思的文件）"),
    "identity": ("cli.identity", "谁是谁：待确认的问题与回答"),
    "evaluate": ("cli.evaluate", "用已知的答案检验：同名的人认得准不准，检索找得对不对"),
    "trends": ("cli.trends", "主题的趋势：逐年的数量、上升的主题、新锐专家、谁在哪里"),
    "judge": ("cli.judge", "判断已知的人对一段文字是否内行，分数可以互相比较"),
    "batch": ("cli.batches", "列出、撤销导入批次"),
    "serve": ("cli.serve", "启动网页与 HTTP 接口"),
    "token": ("cli.tokens", "管理访问令牌"),
    "doctor": ("cli.doctor", "检查安装、数据目录、图数据库、文本索引和数据质量"),
    "db": ("cli.database", "启动、停止、查看图数据库"),
    "index": ("cli.index", "查看、重建文本索引"),
    "audit": ("cli.audit", "校验审计链"),
    "demand": ("cli.demand", "需求（问题库、选题库）：登记、诊断、匹配、跟进、答复"),
    "service": ("cli.service", "科技服务登记：谁做过论证、评估、标准、资格认定、咨询"),
    "team": ("cli.team", "专家团队：组成专家组、服务团、咨询委员会"),
    "list": ("cli.lists", "名单：保存、批注、比较、冻结、导出、打印"),
    "availability": ("cli.availability", "谁能去：登记有空没空，按主题、地区、时间找人"),
    "cohort": ("cli.cohorts", "跟踪梯队：年度快照与历年变化"),
    "nominate": ("cli.nominations", "举荐：谁举荐了谁、依据什么、结果如何"),
    "exposure": ("cli.exposure", "曝光报告：谁总被列出，谁从未被列出"),
}


class _Commands(TyperGroup):
    """The commands above, imported when called; a listing shows their descriptions without importing anything."""

    listing = False

    def list_commands(self, ctx: object) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name not in COMMANDS:
            return None
        module, help_zh = COMMANDS[cmd_name]
        if self.listing:
            return TyperCommand(cmd_name, help=help_zh)
        command = cast(TyperCommand | TyperGroup, get_command(cast(typer.Typer, import_module(module).app)))
        command.name, command.help = cmd_name, command.help or help_zh
        return command

    def format_help(self, ctx: object, formatter: object) -> None:
        self.listing = True
        try:
            super().format_help(cast(Any, ctx), cast(Any, formatter))
        finally:
            self.listing = False


def _version(asked: bool) -> None:
    if asked:
        say(f"智库图谱 Zhiku {installed_version('zhiku')}")
        raise typer.Exit


app = typer.Typer(cls=_Commands, add_completion=False, no_args_is_help=True)


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="显示版本", is_eager=True, callback=_version)] = False,
    home: Annotated[
        Path | None, typer.Option("--home", help="数据目录，优先于环境变量 ZHIKU_HOME", show_default=False)
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="用 zhiku demo 的虚构样例，不碰自己的数据")] = False,
) -> None:
    """智库图谱：按主题找专家和机构，看谁与谁合作，每个答案都带依据。

    数据只在本机。退出码见 docs/cli.md。
    """
    options = cast(GlobalOptions, ctx.obj)
    options.home, options.demo = home, demo


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but the interpreter's own end gets past this."""
    options = GlobalOptions()
    if "--help" in arguments or not arguments:
        _chinese_help()
    try:
        code = get_command(app).main(list(arguments), prog_name="zhiku", standalone_mode=False, obj=options)
        sys.stdout.flush()
    except ZhikuError as error:
        code = exits.known(error)
    except TyperException as error:
        code = exits.misused(error)
    except (Abort, KeyboardInterrupt):
        code = exits.ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; Python would complain again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = exits.ExitCode.DONE
    except UnicodeEncodeError:
        code = exits.not_utf8()
    except Exception as error:  # noqa: BLE001 - the last resort; the log has the traceback
        code = exits.unexpected(error, options.home)
    # Ctrl+C inside a command comes back as typer's own number, without a word.
    if code == exits.ExitCode.INTERRUPTED:
        exits.interrupted()
    return code if isinstance(code, int) else exits.ExitCode.DONE


def main() -> None:
    """Entry point of the `zhiku` command."""
    utf8_streams()
    sys.exit(int(run(sys.argv[1:])))


def _chinese_help() -> None:
    titles: Any = import_module("typer.rich_utils")
    titles.ARGUMENTS_PANEL_TITLE, titles.OPTIONS_PANEL_TITLE, titles.COMMANDS_PANEL_TITLE = "参数", "选项", "命令"
    titles.DEFAULT_STRING, titles.REQUIRED_LONG_STRING = "[默认：{}]", "[必填]"


if __name__ == "__main__":
    main()
