"""Accounts on the real engine: the token is shown once, stored as a hash, and good until revoked."""

import json

import pytest

from graph.accounts import Account, account_for_token, accounts, add_account, revoke
from graph.errors import ConflictError, InputError, NotFoundError
from graph.store import Store
from tests.graph_dump import run


def test_a_token_names_its_account_until_it_is_revoked(store: Store) -> None:
    token = add_account(store, "王秘书", ["editor", "reader"], actor="local:root")
    account = account_for_token(store.database, token)
    assert account is not None
    assert (account.name, account.roles, account.revoked_at) == ("王秘书", ["reader", "editor"], None)
    assert accounts(store.database) == [account]
    revoke(store, "王秘书", actor="local:root")
    assert account_for_token(store.database, token) is None
    assert accounts(store.database)[0].revoked_at is not None
    with pytest.raises(NotFoundError):
        revoke(store, "王秘书", actor="local:root")
    assert add_account(store, "王秘书", ["reader"], actor="local:root") != token
    assert actions(store) == ["account_add", "account_revoke", "account_add"]
    assert store.audit.verify().ok


def actions(store: Store) -> list[str]:
    rows = run(store.database, "MATCH (e:AuditEvent) RETURN e.action AS action, e.number AS number ORDER BY number")
    return [str(row["action"]) for row in rows]


def test_the_token_is_nowhere_in_the_store_nor_its_hash_in_a_row(store: Store) -> None:
    token = add_account(store, "clerk", ["reader"], actor="local:root")
    everything = json.dumps(run(store.database, "MATCH (n) RETURN properties(n) AS p"), default=str)
    assert token not in everything
    assert "token_hash" in everything
    assert "token_hash" not in Account.model_fields


def test_unknown_tokens_are_nobodys(store: Store) -> None:
    token = add_account(store, "clerk", ["reader"], actor="local:root")
    for wrong in (
        "",
        "zhiku_",
        token[:-1],
        token + "A",
        token.upper(),
        token.removeprefix("zhiku_"),
        "zhiku_" + "甲" * 9,
    ):
        assert account_for_token(store.database, wrong) is None


def test_bad_accounts_are_refused(store: Store) -> None:
    for name, roles in (("", ["reader"]), ("a" * 65, ["reader"]), ("a\nb", ["reader"]), ("a", []), ("a", ["owner"])):
        with pytest.raises(InputError):
            add_account(store, name, roles, actor="local:root")
    add_account(store, "clerk", ["reader"], actor="local:root")
    with pytest.raises(ConflictError):
        add_account(store, " clerk ", ["admin"], actor="local:root")
    assert store.audit.head().number == 1, "a refused account leaves no event"
