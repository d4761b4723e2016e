"""A real service over a small store that has questions about people: settled from works, as an import does it."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from api.settings import ServiceSettings
from graph.claims import node_claim
from graph.embedded import EmbeddedEngine
from graph.joining import join_people
from graph.merge import SourceRef, upsert
from graph.model import PERSON
from graph.settings import DatabaseSettings
from graph.store import Store, open_store
from ingest.commands.people_records import person_record
from ingest.mapping import shipped_mappings
from ingest.people.names import person_name
from ingest.people.review import ReviewQuestion, keep_questions
from ingest.people.settling import settle
from tests.api_fixtures import STORE_KEY, Served, running, with_accounts
from tests.ingest_runs import run_table, run_works, table_file, works_file

NORTH, SOUTH = "山北工业大学水利学院", "海南渔业研究所"
# Each has two works with one co-author in common and different employers: too near for two, too far for one.
ASKED: Final = ("王伟", "李娜", "张敏", "刘洋", "陈静", "杨磊", "赵勇", "周艳", "吴超", "徐强")
HOSTILE: Final = '<img src=x onerror="alert(1)">'
HOSTILE_TITLE: Final = "水库</title><script>alert(document.domain)</script>调度{{7*7}}"
SECRET_PERSON: Final = "孙悦"
SECRET_COLLABORATOR: Final = "秘书长甲"
BESIDE_SECRET: Final = "徐强"
JOINED: Final = "马强"
REGISTERED: Final = "郑一鸣"
_ROW: Final = {
    "专家编号": "Z1",
    "姓名": REGISTERED,
    "单位": "岭南省水利水电科学研究院水资源与生态环境研究所",
    "职称": "教授级高级工程师",
    "层次": "领军",
    "研究方向": "水库群联合调度；<b>灌区",
    "手机": "13800001111",
}
_CIRCLE: Final = ("冯远", "褚平", "卫星辰")
_COMPANIONS: Final = ("李梅", "何芳", "高翔", "林涛", "郭敏", "罗军", "宋佳", "唐亮", "韩冰", SECRET_COLLABORATOR)


def works() -> Iterator[dict[str, Any]]:
    """The works that the questions come from."""
    for number, (name, companion) in enumerate(zip(ASKED, _COMPANIONS, strict=True)):
        title, others = (f"水库群联合调度研究之{number}", (f"陈{name}",)) if number else (HOSTILE_TITLE, _CIRCLE)
        common = () if number else _CIRCLE[:1]
        yield _work(f"{number}a", title, 2018, "水利学报", NORTH, name, companion, *others)
        yield _work(
            f"{number}b", f"对虾养殖水质之{number}", 2020, HOSTILE, SOUTH, name, companion, *common, f"孙{name}"
        )
    # One with a history of its own on the left: found to be one person by two colleagues and the employer.
    for number in range(8):
        title = f"平原区地下水超采综合治理的模式与成效（{number}）"
        yield _work(f"w{number}", title, 2010 + number, "水利学报", NORTH, "王伟", "李梅", *_CIRCLE, "<b>许某</b>")
    yield _work("sa", "渠系优化配水", 2018, "水利学报", NORTH, SECRET_PERSON, "尤佳")
    yield _work("sb", "近海养殖", 2020, "渔业", SOUTH, SECRET_PERSON, "尤佳")
    yield _work("ja", "灌区遥感", 2018, "遥感", NORTH, JOINED, "施明")
    yield _work("jb", "中药炮制", 2001, "中药", "岭南中医药大学", JOINED, "葛红")
    yield _work("ra", "水库群联合调度的风险", 2019, "水利学报", SOUTH, REGISTERED, "邱实")
    yield _work("ha", "标记语言", 2018, "软件", NORTH, HOSTILE, "方圆")
    yield _work("hb", "浏览器安全", 2019, "安全", SOUTH, HOSTILE, "方正")


def _work(id_: str, title: str, year: int, venue: str, body: str, *names: str) -> dict[str, Any]:
    authors = [{"name": name, "affiliations": body} for name in names]
    return {"id": id_, "title": title, "year": year, "venue": venue, "authors": authors}


def load(store: Store, folder: Path) -> None:
    """Write the works, settle who is who, and hide two people afterwards."""
    run_works(store, works_file(folder / "works.jsonl", works()))
    roster = shipped_mappings()["roster"].read_text(encoding="utf-8")
    run_table(store, roster, table_file(folder / "roster.csv", [_ROW]), dataset="roster")
    settle(store, actor="test")
    one, other = people(store, JOINED)
    join_people(store, into=one, others=[other], actor="test", run="Rtest")
    hidden = [people(store, SECRET_PERSON)[0], *people(store, SECRET_COLLABORATOR)]
    claims = [node_claim(PERSON, one, {"visibility": "restricted"}) for one in hidden]
    upsert(store.audit, SourceRef("test", "hidden", 50), claims, [], run="Rtest", actor="test")
    left, right = people(store, HOSTILE)
    # Settling asks neither of these of so small a store: markup is no name, and it takes people apart by itself.
    made = [
        _question("Qmarkup", HOSTILE, (left, right), ("works:probe|ha|1", "works:probe|hb|1")),
        _question("Qrow", REGISTERED, registered(store), (_row_of(store), "works:probe|ra|1")),
        _question("Qsplit", JOINED, (one, ""), ("works:probe|ja|1", "works:probe|jb|1")),
    ]
    keep_questions(store, [], made, actor="test")


def people(store: Store, name: str) -> list[str]:
    """Ids of the people of a name, those merged into others left out."""
    rows = store.database.records(
        "test",
        "MATCH (p:Person {name_key: $key}) WHERE p.tombstone IS NULL RETURN p.id AS id ORDER BY id",
        key=person_name(name).key,
    )
    return [str(row["id"]) for row in rows]


def registered(store: Store) -> tuple[str, str]:
    """Who stands on the roster, and who of that name is on a work."""
    rows = store.database.records(
        "test",
        "MATCH (p:Person {name_key: $key}) RETURN p.id AS id ORDER BY p.records IS NULL",
        key=person_name(REGISTERED).key,
    )
    expert, author = (str(row["id"]) for row in rows)
    return expert, author


def _row_of(store: Store) -> str:
    (record,) = person_record(store.database, registered(store)[0]).records
    return record.mention


def _question(id_: str, name: str, of: tuple[str, str], mentions: tuple[str, str]) -> ReviewQuestion:
    """Are these two one person?  Without a second one: is who stands at the second mention somebody else?"""
    split = not of[1]
    return ReviewQuestion(
        id=id_,
        kind="split" if split else "same",
        name_key=person_name(name).key,
        left=of[0],
        right=of[1],
        left_mention=mentions[0],
        right_mention=mentions[1],
        mentions=[mentions[1]] if split else [],
        points=1.0,
        average=1.0,
        decides=1,
    )


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """The service on a home of its own, with questions open; of this module alone, for answers change it."""
    home = tmp_path_factory.mktemp("asked-home")
    engine = EmbeddedEngine(home, heap_mb=512)
    settings = DatabaseSettings(heap_mb=512)  # pyright: ignore[reportCallIssue]
    try:
        with open_store(settings, home, store_key=STORE_KEY) as store:
            load(store, home)
            accounts = with_accounts(store, home)
        with running(ServiceSettings(port=0, follow_seconds=0.2), accounts) as service:  # pyright: ignore[reportCallIssue]
            yield service
    finally:
        engine.stop()
