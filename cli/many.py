"""Many questions at once: how a call with 200 applications is looked up in one go, line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, cast

from cli.exits import ExitCode
from cli.many_sheets import answers_workbook, is_sheet, sheet_questions
from cli.output import json_text, note, plain, utf8_text
from cli.place import readable_file, told, write_whole
from cli.tables import progress_bar
from graph.database import Database
from graph.errors import InputError, StoreUnavailableError, ZhikuError
from queries.answers import ExpertsAnswer
from queries.exposed_experts import times_listed
from queries.exposure import ExposureOptions
from queries.posts import today

# An application with all its text is some 10 kB; a line beyond this is not a question.
LONGEST_LINE: Final = 1_000_000
_PIECE: Final = 1 << 16


class _BadLineError(Exception):
    """This line holds no question; the reason is a Chinese sentence."""

    def __init__(self, reason: str, name: object = None) -> None:
        super().__init__(reason)
        self.name = name


def asking(
    db: Database, ask: Callable[..., ExpertsAnswer], *, exposure: ExposureOptions | None
) -> Callable[[str], ExpertsAnswer]:
    """Return a function that asks the questions of a batch by `ask`, one after the other, with the same options.

    Under an exposure cap the answers before count as appearances, beside the lists saved lately.
    """
    shown = None
    if exposure is not None and exposure.cap is not None:
        shown = times_listed(db, days=exposure.days, on=today())

    def asked(question: str) -> ExpertsAnswer:
        answer = ask(text=question, exposure=exposure, shown=shown)
        if shown is not None:
            shown.update(expert.id for expert in answer.experts)
        return answer

    return asked


def answer_file(path: Path, out: Path | None, ask: Callable[[str], ExpertsAnswer]) -> ExitCode:
    """Answer each {"id","text"} line of a file (`-`: stdin) with one line, as soon as it is known.

    A workbook or CSV is read by its column 问题 (and 编号); with an `out` that ends in .xlsx the answers become a
    workbook, written when all are known.

    A line that is no question, or whose question cannot be answered, becomes {"id","line","error"}; the others go on.
    Returns `PARTLY` when there was such a line, `NOTHING` when there was no line at all. Raises `InputError` for a file
    that cannot be read or written, `StoreUnavailableError` when the store goes away.
    """
    answered = failed = 0
    to_sheet = out is not None and out.suffix.lower() == ".xlsx"
    kept: list[tuple[str, dict[str, Any]]] = []
    with ExitStack() as open_files, progress_bar("回答问题") as moved:
        target = sys.stdout if out is None or to_sheet else open_files.enter_context(_opened(out))
        for question, reply in _replies(path, ask, open_files):
            failed += "error" in reply
            answered += 1
            if to_sheet:
                kept.append((question, reply))
            else:
                target.write(json_text(reply, indent=None) + "\n")
                target.flush()
            moved(answered, "")
    if to_sheet and out is not None and kept:
        told(write_whole(out, answers_workbook(kept)))
    if failed:
        note(f"{answered} 行中有 {failed} 行没有答案，原因写在该行的 error 里")
        return ExitCode.PARTLY
    if not answered:
        note(f"{path} 里没有问题")
        return ExitCode.NOTHING
    note(f"已回答 {answered} 个问题")
    return ExitCode.DONE


def _replies(
    path: Path, ask: Callable[[str], ExpertsAnswer], open_files: ExitStack
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question with its reply, from lines or rows."""
    if is_sheet(path):
        for number, name, text, reason in sheet_questions(path):
            if text is None:
                yield "", {"id": name, "line": number, "error": reason}
            else:
                yield text, _answered(number, name, text, ask)
        return
    source = sys.stdin.buffer if str(path) == "-" else open_files.enter_context(readable_file(path).open("rb"))
    for number, line in _lines(source):
        yield _reply(number, line, ask)


def _opened(out: Path) -> IO[str]:
    try:
        return out.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"写不出文件 {out}（{error.strerror}）", hint="换一个文件夹，或检查权限和磁盘空间") from error


def _lines(source: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers; None for one that is too long, whose rest is skipped."""
    number = 0
    while line := source.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            while not line.endswith(b"\n") and (line := source.readline(_PIECE)):
                pass
            yield number, None
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield number, line


def _reply(number: int, line: bytes | None, ask: Callable[[str], ExpertsAnswer]) -> tuple[str, dict[str, Any]]:
    try:
        name, text = _question(line)
    except _BadLineError as error:
        return "", {"id": error.name, "line": number, "error": str(error)}
    return text, _answered(number, name, text, ask)


def _answered(number: int, name: object, text: str, ask: Callable[[str], ExpertsAnswer]) -> dict[str, Any]:
    try:
        answer = ask(text)
    except StoreUnavailableError:
        raise
    except ZhikuError as error:
        return {"id": name, "line": number, "error": plain(error)}
    declared = {} if answer.exposure is None else {"exposure": answer.exposure.model_dump(mode="json")}
    return {
        "id": name,
        **declared,
        "experts": [
            {
                "id": expert.id,
                "name": expert.name,
                "organisations": list(dict.fromkeys(p.name for p in expert.posts if p.standing != "former")),
                "score": expert.score,
                "evidence": [e.model_dump(mode="json") for e in expert.evidence],
                **({} if expert.moved is None else {"moved": expert.moved.model_dump(mode="json")}),
            }
            for expert in answer.experts
        ],
    }


def _question(line: bytes | None) -> tuple[object, str]:
    if line is None:
        raise _BadLineError(f"这一行超过 {LONGEST_LINE // 1_000_000} MB")
    try:
        value: object = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _BadLineError("不是 UTF-8 文字") from None
    except (ValueError, RecursionError):
        raise _BadLineError('不是正确的 JSON，应为 {"id": …, "text": "…"}') from None
    if not isinstance(value, dict):
        raise _BadLineError('应为 {"id": …, "text": "…"}')
    fields = cast(dict[str, object], value)
    name, text = fields.get("id"), fields.get("text")
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise _BadLineError("缺少 id（文字或整数）")
    if not isinstance(text, str) or not text.strip():
        raise _BadLineError("缺少 text（问题文字）", name)
    return name, utf8_text(text)
