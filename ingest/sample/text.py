"""Titles, abstracts and keywords of the fictional sample, composed by discipline so that they read as research does."""

import random
from typing import NamedTuple

from .words import Discipline, Topic

# Aims that no patent claims and no technical standard lays down.
_NOT_TECHNICAL = ("模式", "对策", "机制", "评价", "评估", "传承", "整理", "研究", "测算", "分析", "设计", "规划")


class Text(NamedTuple):
    """What a work or project says of itself."""

    title: str
    abstract: str
    keywords: list[str]


class _Words(NamedTuple):
    """The words one text is made of; `place` is "" for sciences without place."""

    object: str
    aim: str
    factor: str
    second: str
    response: str
    method: str
    goal: str
    place: str

    @property
    def study(self) -> str:
        """The aim as the title of a study: "水质模拟" → "水质模拟研究", "机制设计研究" as it is."""
        return self.aim if self.aim.endswith("研究") else self.aim + "研究"

    @property
    def deed(self) -> str:
        """The aim as a deed, without the word study: "权属改革研究" → "权属改革"."""
        return self.aim.removesuffix("研究")


def compose(rng: random.Random, science: Discipline, topic: Topic, kind: str, year: int) -> Text:
    """Return the text of one output (`kind`: paper, report, patent …, as in the model) or of a "project"."""
    factor, second = rng.sample(topic.factors, 2)
    aims = topic.aims
    if kind in {"patent", "standard"}:
        aims = tuple(aim for aim in aims if not any(word in aim for word in _NOT_TECHNICAL)) or aims
    words = _Words(
        object=rng.choice(topic.objects),
        aim=rng.choice(aims),
        factor=factor,
        second=second,
        response=rng.choice(topic.responses),
        method=rng.choice(science.methods),
        goal=rng.choice(science.goals),
        place=rng.choice(science.places) if science.places and topic.local and rng.random() < 0.65 else "",
    )
    title = _title(rng, topic, kind, words)
    if kind == "suggestion":
        abstract = _suggestion(rng, words)
    elif kind == "patent":
        abstract = _patent(rng, science, words)
    elif kind == "project":
        abstract = ""
    else:
        abstract = _abstract(rng, science, words, year)
    keywords = [topic.name, words.object, words.deed]
    keywords.extend(rng.sample((words.method, words.factor, words.response), rng.randint(1, 3)))
    return Text(title, abstract, keywords)


def _title(rng: random.Random, topic: Topic, kind: str, words: _Words) -> str:
    thing, deed, here = words.object, words.deed, words.place + words.object
    ours = words.place or "我省"
    if kind == "paper":
        return _paper_title(rng, words)
    forms: dict[str, tuple[str, ...]] = {
        "patent": (
            f"一种{thing}{deed}方法",
            f"一种{thing}{deed}方法及系统",
            f"基于{words.method}的{thing}{deed}系统",
        ),
        "suggestion": (
            f"关于加强{ours}{thing}{deed}的建议",
            f"关于加快推进{ours}{thing}{deed}工作的建议",
            f"应高度重视{words.factor}对{ours}{thing}的影响",
        ),
        "survey_report": (f"{here}状况调查报告", f"{here}{words.response}专题调研报告"),
        "standard": (f"{thing}{deed}技术规程", f"{thing}{deed}技术导则", f"{thing}{deed}技术规范"),
        "book": (f"{topic.name}：方法与案例", f"{topic.name}理论与实践", f"{thing}{deed}概论"),
        "report": (f"{here}{deed}研究报告", f"面向{words.goal}的{here}{deed}咨询报告"),
        "project": (
            f"{here}{deed}关键技术研究与示范",
            f"面向{words.goal}的{here}{words.study}",
            f"{words.factor}影响{thing}{words.response}的机理研究",
            f"基于{words.method}的{here}{words.study}",
        ),
    }
    return rng.choice(forms[kind])


def _paper_title(rng: random.Random, words: _Words) -> str:
    thing, deed, here = words.object, words.deed, words.place + words.object
    tool = rng.choice(("方法", "策略") if deed.endswith(("建模", "模型", "模拟")) else ("方法", "模型", "策略"))
    seen_here = f"{thing}{words.study}——以{words.place}为例"
    related = f"{thing}{words.response}与{words.factor}的关系研究"
    forms = (
        f"基于{words.method}的{here}{rng.choice((words.study, deed + '方法', deed))}",
        f"{words.factor}对{here}{words.response}的影响{rng.choice(('', '研究', '机制'))}",
        f"考虑{words.factor}的{thing}{deed}{tool}",
        seen_here if words.place else related,
        f"{words.method}在{thing}{deed}中的应用",
        f"面向{words.goal}的{here}{words.study}",
        f"{thing}{deed}研究进展与展望",
        f"{words.factor}与{words.second}对{thing}{words.response}的交互作用",
        f"{here}{words.response}的主要影响因素及{deed}",
    )
    return rng.choices(forms, (22, 20, 12, 10, 9, 9, 4, 8, 6))[0]


def _percent(rng: random.Random, low: float, high: float) -> str:
    return f"{rng.uniform(low, high):.1f}%"


def _abstract(rng: random.Random, science: Discipline, words: _Words, year: int) -> str:
    here = words.place + words.object
    start, end = year - rng.randint(4, 9), year - 1
    count, site, data = rng.randint(6, 96), rng.choice(science.sites), rng.choice(science.data)
    baseline = rng.choice(("常规方法", "现状方案", "对照组", "已有模型"))
    opening = rng.choice(
        (
            f"{here}{words.deed}是{science.name}领域的重要课题，对{words.goal}具有重要意义。",
            f"受{words.factor}和{words.second}等因素影响，{here}的{words.response}问题日益受到关注。",
            f"{words.goal}对{words.object}{words.deed}提出了更高要求，现有方法对{words.factor}考虑不足。",
            f"{words.factor}如何影响{words.object}的{words.response}，目前尚缺乏系统认识。",
        )
    )
    method = rng.choice(
        (
            f"针对这一问题，提出一种基于{words.method}的{words.deed}方法，并将{words.factor}纳入分析框架。",
            f"以{here}为研究对象，采用{words.method}分析了{words.factor}对{words.response}的作用机制。",
            f"本文结合{words.method}，从{words.factor}、{words.second}两个方面构建了{words.deed}框架。",
        )
    )
    sources = (
        f"选取{count}个{site}，以其{data}作为样本。",
        f"利用{count}个{site}的{data}进行了验证。",
    )
    if words.place:
        sources += (
            f"利用{start}—{end}年{count}个{site}的{data}进行了验证。",
            f"研究数据来自{count}个{site}{start}—{end}年的{data}。",
        )
    source = rng.choice(sources)
    result = rng.choice(
        (
            f"结果表明，与{baseline}相比，{words.response}改善了{_percent(rng, 3, 28)}，"
            f"{rng.choice(('综合成本', '平均误差', '所需时间'))}降低了{_percent(rng, 4, 35)}。",
            f"结果显示，{words.factor}是影响{words.response}的主导因素，贡献率为{_percent(rng, 31, 62)}，"
            f"{words.second}次之，为{_percent(rng, 8, 30)}。",
            f"研究发现，{words.response}对{words.factor}的变化较为敏感，二者显著相关（P<0.05）；"
            f"优化后{words.response}改善{_percent(rng, 3, 24)}。",
        )
    )
    parts = [opening, method, source, result]
    if rng.random() < 0.5:
        parts.append(f"进一步分析表明，当{words.second}改变时，{words.response}的变化幅度为{_percent(rng, 2, 18)}。")
    if rng.random() < 0.75:
        parts.append(f"研究成果可为{words.goal}提供{rng.choice(('科学依据', '技术支撑', '决策参考'))}。")
    if len(parts) > 4 and rng.random() < 0.3:
        parts.remove(source)
    return "".join(parts)


def _suggestion(rng: random.Random, words: _Words) -> str:
    ours = words.place or "我省"
    measures = rng.sample(
        (
            f"将{words.deed}纳入相关专项规划，明确牵头部门和时间节点",
            f"支持开展{words.method}等关键技术攻关，建设一批示范点",
            f"建立{words.response}监测与年度通报制度",
            f"针对{words.second}完善投入和补偿机制",
            "组建跨部门专家服务团，常态化开展技术咨询",
        ),
        3,
    )
    numbered = "；".join(f"{place}是{measure}" for place, measure in zip("一二三", measures, strict=True))
    return (
        f"{words.object}{words.deed}事关{words.goal}。调研发现，受{words.factor}影响，"
        f"{ours}{words.object}的{words.response}问题较为突出，约{_percent(rng, 20, 60)}的受访单位认为现有措施不足。"
        f"为此建议：{numbered}。"
    )


def _patent(rng: random.Random, science: Discipline, words: _Words) -> str:
    return (
        f"本发明属于{science.name}领域，公开了一种{words.object}{words.deed}方法。"
        f"该方法首先获取{rng.choice(science.data)}，再采用{words.method}建立{words.response}与{words.factor}的关系，"
        f"最后根据{words.second}修正并输出结果。"
        f"与常规方法相比，{words.response}改善{_percent(rng, 5, 30)}，可用于{words.goal}。"
    )
