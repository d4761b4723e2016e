"""Links let in once, sessions end, and time is the only thing that is not real here."""

from pydantic import SecretStr

from api.access import MOST_SESSIONS, Actor, Doors

WHO = Actor("local:clerk", frozenset({"reader"}))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_link_lets_in_once() -> None:
    doors = Doors(session_s=60, link_s=60)
    code = doors.new_link(WHO)
    session = doors.use_link(code)
    assert session is not None
    assert session.actor == WHO
    assert doors.use_link(code) is None
    assert doors.session(session.key) == session


def test_an_expired_link_lets_nobody_in() -> None:
    clock = Clock()
    doors = Doors(session_s=60, link_s=30, clock=clock)
    code = doors.new_link(WHO)
    clock.now += 30
    assert doors.use_link(code) is None


def test_a_session_expires_and_can_be_closed() -> None:
    clock = Clock()
    doors = Doors(session_s=60, link_s=30, clock=clock)
    first, second = doors.open(WHO, token=None), doors.open(WHO, token=SecretStr("t"))
    assert first.key != second.key
    assert first.csrf != second.csrf
    doors.close(first)
    assert doors.session(first.key) is None
    clock.now += 59
    assert doors.session(second.key) == second
    clock.now += 1
    assert doors.session(second.key) is None


def test_unknown_codes_and_keys_of_any_shape_open_nothing() -> None:
    doors = Doors(session_s=60, link_s=60)
    doors.new_link(WHO)
    for text in ("", "x", "\x00", "\ud800", "口令" * 5000):
        assert doors.use_link(text) is None
        assert doors.session(text) is None


def test_sessions_do_not_pile_up_and_neither_secret_is_kept_in_the_clear() -> None:
    clock = Clock()
    doors = Doors(session_s=60, link_s=60, clock=clock)
    sessions = [doors.open(WHO, token=None) for _ in range(MOST_SESSIONS + 1)]
    assert doors.session(sessions[0].key) is None
    assert doors.session(sessions[-1].key) is not None
    code = doors.new_link(WHO)
    assert code not in repr(vars(doors)["_links"])
    assert "token-in-the-clear" not in repr(doors.open(WHO, token=SecretStr("token-in-the-clear")))
