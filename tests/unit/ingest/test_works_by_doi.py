"""A DOI joins two records only when their titles do not speak against it."""

import pytest

from ingest.works_by_doi import WorksByDoi, same_title


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("基于本体的国史知识检索平台构建研究", "基于本体的国史知识检索平台构建研究", True),
        ("基于本体的国史知识检索平台构建", "基于本体的国史知识检索平台构建研究（网络首发）", True),
        ("荒漠草原植被恢复对土壤有机碳的影响", "Effects of vegetation restoration on soil organic carbon", True),
        ("荒漠草原植被恢复对土壤有机碳的影响", "基于本体的国史知识检索平台构建研究", False),
        ("", "基于本体的国史知识检索平台构建研究", True),
    ],
)
def test_titles_that_agree(one: str, other: str, same: bool) -> None:
    assert same_title(one, other) is same is same_title(other, one)


def test_unrelated_papers_of_one_doi_stay_two_and_keep_their_ids() -> None:
    works = WorksByDoi()
    assert works.identify("10.1/x", "荒漠草原植被恢复研究", "W1") == "W1"
    assert works.identify("10.1/x", "国史知识检索平台构建", "W2") == "W2"
    assert works.identify("10.1/x", "荒漠草原植被恢复研究", "W3") == "W1"
    assert works.identify("10.1/x", "国史知识检索平台构建", "W2") == "W2"
    assert works.identify("", "荒漠草原植被恢复研究", "W4") == "W4"
    assert works.bearing({"10.1/x"}) == {"W1", "W2"}
