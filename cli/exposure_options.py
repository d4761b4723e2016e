"""The declared options of `zhiku find experts` and `zhiku list save`, put into a command's signature from one table."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Final

import typer

from queries.exposure import MOST_BOOST, MOST_CAP, MOST_DAYS, MOST_YEARS, ExposureFields

# Field → type, least, most, option, help.
_OPTIONS: Final[Mapping[str, tuple[Any, float, float, str, str]]] = {
    "exposure_cap": (int, 1, MOST_CAP, "--exposure-cap", "曝光上限：已出现这么多次的人不列出（声明选项，默认不用）"),
    "exposure_days": (int, 1, MOST_DAYS, "--exposure-days", "曝光上限计最近几天保存的名单（默认 365）"),
    "newcomer_boost": (
        float, 1, MOST_BOOST, "--newcomer-boost", "新人加权：新人的得分乘以它，如 1.5（声明选项，默认不用）",
    ),
    "newcomer_boost_years": (
        int, 1, MOST_YEARS, "--newcomer-boost-years", "首项成果在近几年内的算新人（默认 5）",
    ),
}  # fmt: skip


def with_exposure_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes `exposure` (`ExposureFields`) the declared options."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "exposure"]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                kind | None, typer.Option(option, min=least, max=most, help=help_zh, show_default=False)
            ],
        )
        for name, (kind, least, most, option, help_zh) in _OPTIONS.items()
    ]

    @wraps(command)
    def with_options(*arguments: object, **given: object) -> None:
        said = {name: given.pop(name) for name in _OPTIONS}
        exposure = ExposureFields.model_validate({name: value for name, value in said.items() if value is not None})
        command(*arguments, exposure=exposure, **given)

    parameters = [*own, *options]
    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options
