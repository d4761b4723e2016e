"""Accounts: who may use the service, as what; a token names the actor of every write.

A token is 256 random bits, shown once; the store keeps only its SHA-256 (a slow hash protects guessable passwords;
nobody guesses 256 bits). Rows never carry the hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from pydantic import BaseModel

from graph.audit import Effect
from graph.database import Database, Query, Transaction
from graph.errors import ConflictError, InputError, NotFoundError
from graph.model import ACCOUNT
from graph.store import Store

# reader: questions; editor: also writes facts and runs jobs; admin: also accounts, undo, settings.
ROLES: Final = ("reader", "editor", "admin")
# Recognisable, so that secret scanners can find a token in a file where it does not belong.
_PREFIX: Final = "zhiku_"
_LONGEST_NAME: Final = 64


class Account(BaseModel, frozen=True):
    """An actor; `revoked_at` (ISO, UTC) is None while the token is good."""

    id: str
    name: str
    roles: list[str]
    created_at: str
    revoked_at: str | None


_ALL: Final = Query(
    "accounts",
    """
MATCH (a:Account)
RETURN a.id AS id, a.name AS name, a.roles AS roles, a.created_at AS created_at, a.revoked_at AS revoked_at
ORDER BY created_at, id""",
    Account,
)
_BY_TOKEN: Final = Query(
    "account_for_token",
    """
MATCH (a:Account {token_hash: $token_hash})
WHERE a.revoked_at IS NULL
RETURN a.id AS id, a.name AS name, a.roles AS roles, a.created_at AS created_at, a.revoked_at AS revoked_at""",
    Account,
)
_NAMED: Final = """
MATCH (a:Account {name: $name})
WHERE a.revoked_at IS NULL
RETURN a.id AS id
"""
_CREATE: Final = """
CREATE (a:Account)
SET a = $account
"""
_REVOKE: Final = """
MATCH (a:Account {name: $name})
WHERE a.revoked_at IS NULL
SET a.revoked_at = $moment
RETURN a.id AS id
"""


def add_account(store: Store, name: str, roles: Collection[str], *, actor: str) -> str:
    """Make an account and return its token, which is shown this once and kept nowhere.

    Raises `InputError` for a bad name or role, `ConflictError` when an account of that name is in use.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InputError(f"账户名应为 1 到 {_LONGEST_NAME} 个可见字符")
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise InputError(f"角色不对：{'、'.join(unknown) or '（空）'}", hint=f"可用角色：{'、'.join(ROLES)}")
    token = _PREFIX + secrets.token_urlsafe(32)
    account = {
        "id": ACCOUNT.prefix + secrets.token_hex(8),
        "name": name,
        "roles": [role for role in ROLES if role in roles],
        "token_hash": _hash(token),
        "created_at": _now(),
    }

    def work(transaction: Transaction, _seq: int) -> Effect[None]:
        if transaction.run(_NAMED, {"name": name}):
            raise ConflictError(f"账户 {name} 已存在", hint="换一个名字，或先撤销原来的令牌")
        transaction.run(_CREATE, {"account": account})
        return Effect(None)

    store.audit.write(actor=actor, action="account_add", subject=str(account["id"]), work=work)
    return token


def revoke(store: Store, name: str, *, actor: str) -> None:
    """Make an account's token worthless from now on; raises `NotFoundError` when no account of that name is in use."""

    def work(transaction: Transaction, _seq: int) -> Effect[None]:
        if not transaction.run(_REVOKE, {"name": name.strip(), "moment": _now()}):
            raise NotFoundError(f"没有可撤销的账户 {name}")
        return Effect(None)

    store.audit.write(actor=actor, action="account_revoke", subject=name.strip(), work=work)


def account_for_token(database: Database, token: str) -> Account | None:
    """Whose token is this?  None for an unknown or revoked one."""
    if not token.startswith(_PREFIX) or len(token) > 200 or not token.isascii():
        return None
    rows = database.read(_BY_TOKEN, token_hash=_hash(token))
    return rows[0] if rows else None


def accounts(database: Database) -> list[Account]:
    """Which accounts are there, oldest first, revoked ones included?"""
    return database.read(_ALL)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
