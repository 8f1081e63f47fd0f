"""The phrases of the section that follows more than two revisions."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "section.trend": "Trend by revision",
    "trend.note": "Each candidate against the same baseline. The bar is the interval of the difference from the "
    "baseline, laid around the candidate's own value: where it crosses the dotted line of the baseline, the two "
    "cannot be told apart. The broken line is the policy's limit.",
    "trend.order.version": "In the order of the versions.",
    "trend.order.given": "In the order in which the revisions were asked for.",
    "trend.objects": "Objects fixed (+) and broken (−)",
    "trend.cases": "Cases fixed (+) and regressed (−)",
    "trend.lost_fixed": "Objects broken / fixed",
    "trend.regressed_fixed": "Cases regressed / fixed",
}
_CHINESE = {
    "section.trend": "各版本走势",
    "trend.note": "各候选版本均与同一基线比较。竖线为与基线之差的置信区间，绘于候选版本自身数值两侧："
    "若跨过基线的点线，则两者无法区分。虚线为策略限值。",
    "trend.order.version": "按版本号排序。",
    "trend.order.given": "按命令中给出的顺序排列。",
    "trend.objects": "修复（+）与丢失（−）的目标",
    "trend.cases": "修复（+）与回归（−）的用例",
    "trend.lost_fixed": "丢失 / 修复的目标",
    "trend.regressed_fixed": "回归 / 修复的用例",
}

TREND: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
