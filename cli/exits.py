"""How a command ends: the documented exit codes, and errors as two Chinese lines on stderr, never a traceback."""

from __future__ import annotations

import logging
import os
import re
import secrets
import traceback
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import typer
from typer.exceptions import TyperException

from cli.output import complain, emit, note
from graph.errors import NotFoundError, StoreDamagedError, StoreUnavailableError, ZhikuError

if TYPE_CHECKING:
    from pydantic import BaseModel

_log = logging.getLogger("zhiku.cli")


class ExitCode(IntEnum):
    """What a script can tell from the end of a command; documented in `docs/cli.md`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOTHING = 3
    UNAVAILABLE = 4
    PARTLY = 5
    DAMAGED = 6
    INTERRUPTED = 130


def emit_answer(answer: BaseModel, found: bool) -> NoReturn:
    """Print an answer as JSON and end the command: found something or nothing."""
    emit(answer.model_dump(mode="json"))
    raise typer.Exit(ExitCode.DONE if found else ExitCode.NOTHING)


EXIT_CODES_ZH: Final[dict[ExitCode, str]] = {
    ExitCode.DONE: "完成",
    ExitCode.FAILED: "出错，原因和办法已写在标准错误里；什么都没有写入一半",
    ExitCode.USAGE: "用法不对（命令、参数或选项）",
    ExitCode.NOTHING: "没有找到：问题没有答案，或没有这个编号",
    ExitCode.UNAVAILABLE: "图数据库不可用：没有应答或启动不了",
    ExitCode.PARTLY: "做完了，但有一部分不行：有记录或值被拒收，或有问题行读不懂",
    ExitCode.DAMAGED: "库与自己的记录不符：审计链校验不通过",
    ExitCode.INTERRUPTED: "被 Ctrl+C 中断；已写入的保留，同一命令再来一次会接着做",
}

_USAGE_ZH: Final = {
    "NoSuchOption": "没有选项 {option}",
    "MissingParameter": "缺少 {parameter}",
    "BadParameter": "{parameter} 的值不对",
    "BadOptionUsage": "选项 {option} 用法不对",
}

_SENTENCES_ZH: Final = tuple(
    (re.compile(pattern), zh)
    for pattern, zh in (
        (r"Missing command", "缺少命令"),
        (r"No such command '?(.*?)'?\.?$", "没有命令 {0}"),
        (r"Got unexpected extra argument\S* \((.*)\)", "多出了参数（{0}）"),
        (r"Input should be greater than or equal to (.*)", "不能小于 {0}"),
        (r"Input should be less than or equal to (.*)", "不能大于 {0}"),
        (r"Input should be a valid integer", "应为整数"),
    )
)


def known(error: ZhikuError) -> ExitCode:
    """Tell the user about an error of ours and return the exit code for it."""
    complain(error.message, error.hint)
    if isinstance(error, StoreUnavailableError):
        return ExitCode.UNAVAILABLE
    if isinstance(error, NotFoundError):
        return ExitCode.NOTHING
    return ExitCode.DAMAGED if isinstance(error, StoreDamagedError) else ExitCode.FAILED


def misused(error: TyperException) -> ExitCode:
    """Tell the user what is wrong with the command line."""
    kind = type(error).__name__
    context = getattr(error, "ctx", None)
    command = str(getattr(context, "command_path", "zhiku"))
    if kind == "NoArgsIsHelpError":
        # Rich has printed the help already; without it the text is here.
        note(*error.format_message().splitlines())
        return ExitCode.USAGE
    template = _USAGE_ZH.get(kind)
    message = error.format_message()
    if template is not None:
        message = template.format(option=getattr(error, "option_name", ""), parameter=_parameter(error))
        if error.message and kind == "BadParameter":
            message = f"{message}：{_chinese(error.message)}"
    else:
        message = _chinese(message)
    complain(f"用法不对：{message}", f"看说明：{command} --help；含空格的文字要放在引号里")
    return ExitCode.USAGE


def interrupted() -> None:
    """Say that the person stopped the command."""
    complain("已中断", "已写入的保留；再运行同一命令会接着做")


def not_utf8() -> ExitCode:
    """Tell the user that an argument holds bytes that are no text."""
    complain("命令行里有不是 UTF-8 的字符", "检查终端的编码（locale），或把文字放进文件里")
    return ExitCode.FAILED


def _parameter(error: TyperException) -> str:
    """How the person wrote, or should have written, the parameter that the error is about."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "param_hint", None) or "参数")
    return str(parameter.metavar or "/".join(str(name) for name in parameter.opts))


def _chinese(message: str) -> str:
    """Click's sentence in Chinese where it is one of those people meet; otherwise as it is."""
    for pattern, zh in _SENTENCES_ZH:
        if found := pattern.match(message):
            return zh.format(*found.groups())
    return message


def unexpected(error: BaseException, home: Path | None) -> ExitCode:
    """Say that something went wrong that nobody foresaw: an id on screen, the traceback in the log file only."""
    number = secrets.token_hex(4)
    place = _write_log(number, error, home)
    where = f"详情在日志 {place}" if place else "日志也写不进去（检查磁盘空间和数据目录的权限）"
    complain(f"程序遇到没有料到的问题（编号 {number}，{type(error).__name__}）", f"{where}；请把编号和日志交给工程师")
    return ExitCode.FAILED


def _write_log(number: str, error: BaseException, home: Path | None) -> Path | None:
    text = "".join(traceback.format_exception(error))
    try:
        folder = (home or _home()) / "logs"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "errors.log"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as out:
            out.write(f"== {number} {datetime.now(UTC).isoformat(timespec='seconds')}\n{text}\n")
    except (OSError, ValueError):
        _log.debug("no log", exc_info=True)
        return None
    return path


def _home() -> Path:
    from graph.settings import HomeSettings  # noqa: PLC0415 - pydantic costs 0.2 s and is needed only here

    return HomeSettings().home  # pyright: ignore[reportCallIssue]
