"""What the service holds while it runs: the store and its text index, opened and followed in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.warming import warm_up
from graph.errors import StoreUnavailableError, ZhikuError
from graph.store import Store
from graph.textindex import TextIndex

_log = logging.getLogger("zhiku.service")

FIRST_RETRY_S: Final = 1.0
LONGEST_RETRY_S: Final = 30.0
# A thread in the middle of an unanswered call is left behind: it ends with the process and has nothing half-written.
STOPPING_S: Final = 5.0
# After this the people who ask warm it up themselves.
LONGEST_WARM_UP_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Holdings:
    """An open store and the text index that follows it."""

    store: Store
    index: TextIndex


class Service:
    """Opens the store when started, keeps the text index up to date, opens again when the engine went away.

    The first opening may take seconds (the engine starts, an index is built), so it happens on a thread of its own and
    the service answers from the first moment on.
    """

    def __init__(
        self, opening: Callable[[], Store], *, follow_s: float, wait_s: float, warm_up_questions: int = 0
    ) -> None:
        self._opening = opening
        self._follow_s = follow_s
        self._wait_s = wait_s
        self._warm_up_questions = warm_up_questions
        self._holdings: Holdings | None = None
        self._lost: Store | None = None  # closed only when another is open: requests under way still ask it
        self._failure: ZhikuError | None = None
        self._settled = threading.Event()  # opened, or failed once: no request waits longer
        self._stopping = threading.Event()
        self._warming: threading.Thread | None = None
        self._thread = threading.Thread(target=self._run, name="zhiku-follow", daemon=True)

    def start(self) -> None:
        """Begin to open the store; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following and give the connections back."""
        self._stopping.set()
        self._settled.set()
        for thread in (self._thread, self._warming):
            if thread is not None and thread.is_alive():
                thread.join(timeout=STOPPING_S)
        for store in (self._holdings and self._holdings.store, self._lost):
            if store is not None:
                store.close()
        self._holdings = self._lost = None

    def holdings(self, *, wait: bool = True) -> Holdings:
        """Return the open store; while it is being opened, wait for it as long as the settings say.

        Raises the error that opening ended with, or `StoreUnavailableError` when it is not open yet.
        """
        if wait and self._holdings is None:
            self._settled.wait(self._wait_s)
        if self._holdings is not None:
            return self._holdings
        raise self._reason()

    def check(self) -> Holdings:
        """Return the open store after asking it whether it answers; never waits for one that is being opened.

        Raises `StoreUnavailableError`, or the error that opening or following ended with.
        """
        holdings = self.holdings(wait=False)
        if self._failure is not None:
            raise self._reason()
        holdings.store.database.check()
        return holdings

    def _reason(self) -> ZhikuError:
        if self._failure is None:
            return StoreUnavailableError("图数据库正在启动", hint="请稍候几秒再试")
        # Raised by many requests: each starts its traceback anew, or it would grow for ever.
        return self._failure.with_traceback(None)

    def _run(self) -> None:
        pause = FIRST_RETRY_S
        while not self._stopping.is_set():
            try:
                held = self._open()
                pause = FIRST_RETRY_S
                self._follow(held)
            except ZhikuError as error:
                self._failed(error)
            except Exception as error:  # noqa: BLE001 - the thread must live on; the log has the traceback
                _log.exception("following the store failed")
                self._failed(StoreUnavailableError("打开图数据库或文本索引时出错", hint="详情见服务日志"), error)
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_RETRY_S)

    def _open(self) -> Holdings:
        store = self._opening()
        try:
            index = TextIndex.open(store)
        except BaseException:
            store.close()
            raise
        if self._stopping.is_set():
            store.close()
            raise StoreUnavailableError("服务正在停止")
        held = Holdings(store, index)
        self._holdings, self._failure = held, None
        if self._lost is not None:
            self._lost.close()
            self._lost = None
        self._settled.set()
        if self._warm_up_questions:
            self._warming = threading.Thread(target=self._warm_up, args=(held,), name="zhiku-warm-up", daemon=True)
            self._warming.start()
        return held

    def _warm_up(self, held: Holdings) -> None:
        try:
            warm_up(
                held.store,
                held.index,
                questions=self._warm_up_questions,
                longest_s=LONGEST_WARM_UP_S,
                stopped=self._stopping.is_set,
            )
        except Exception:  # noqa: BLE001 - a convenience: the service goes on without it
            _log.exception("warming up failed")

    def _follow(self, held: Holdings) -> None:
        """Keep the index up to date until stopped; raises when the store itself does not answer any more."""
        told = ""
        while not self._stopping.wait(self._follow_s):
            try:
                held.index.follow()
                told = ""
            except ZhikuError as error:
                held.store.database.check()
                # The store answers: a full disk, say. The index stays readable as it was; the log hears of it once.
                if told != str(error):
                    _log.warning("文本索引没有跟上：%s", error)
                told = str(error)

    def _failed(self, error: ZhikuError, cause: BaseException | None = None) -> None:
        _log.warning("%s", error)
        self._failure = error
        self._failure.__cause__ = cause
        if self._holdings is not None:
            # Requests are told at once, instead of each waiting for a store that does not answer.
            self._lost, self._holdings = self._holdings.store, None
        self._settled.set()
