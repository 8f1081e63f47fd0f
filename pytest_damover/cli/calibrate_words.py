"""The phrases of `damover calibrate`."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_damover.report.words import Words

_ENGLISH = {
    "head": "{candidate} beside {baseline}, {images} images, {trials} trials, seed {seed}",
    "null": "Equally good: the images drawn anew, both revisions changing places by a fair coin",
    "rule": "rule",
    "images": "n",
    "limit": "limit",
    "blocked": "false block",
    "undecided": "undecided",
    "coverage": "coverage",
    "whole": "all rules",
    "power": "Truly worse: found objects taken away until the true loss is so many margins",
    "loss": "true loss",
    "stopped": "stopped at {margins}x",
    "passed": "passed at {margins}x",
    "more": (
        "{rule}: {images} images decide in {share} of the trials; about {needed} such images are needed for 80 %."
    ),
    "count": (
        "{rule}: stops {share} of candidates that are as good as the baseline and differ from it as much as this one. "
        "{limit} are allowed; 19 of 20 trials had at most {most}."
    ),
    "floor": "{rule}: the two revisions together reach {truth}, the floor is {limit}.",
    "narrow": "{rule}: the {nominal} interval covers {share}: trust it less than it says.",
    "fine": "Nothing to change: every rule decides in 80 % of the trials and falsely blocks in at most 5 %.",
    "mutations": "Mutations of {revision}: {trials} trials each",
    "mutation": "mutation",
    "harm": "harm",
    "harmless": "harmless",
    "by": "stopped by",
    "unapplied": "changes nothing in this suite",
}
_CHINESE = {
    "head": "{candidate} 对比 {baseline}，{images} 张图片，{trials} 次试验，种子 {seed}",
    "null": "同样好：重新抽取图片，逐张掷硬币决定两个版本是否互换",
    "rule": "规则",
    "images": "n",
    "limit": "限值",
    "blocked": "误拦",
    "undecided": "未决",
    "coverage": "覆盖率",
    "whole": "全部规则",
    "power": "确实更差：去掉已找到的目标，直到真实损失达到容限的若干倍",
    "loss": "真实损失",
    "stopped": "{margins} 倍时拦下",
    "passed": "{margins} 倍时放行",
    "more": "{rule}：{images} 张图片在 {share} 的试验中能下结论；要达到 80 %，约需 {needed} 张同类图片。",
    "count": (
        "{rule}：与基线同样好、差异也与本候选版本一样大的版本，有 {share} 会被拦下。"
        "允许 {limit} 个；20 次试验中有 19 次不超过 {most} 个。"
    ),
    "floor": "{rule}：两个版本合计达到 {truth}，下限是 {limit}。",
    "narrow": "{rule}：名义 {nominal} 的置信区间只覆盖 {share}，不可尽信。",
    "fine": "无需改动：每条规则都在至少 80 % 的试验中下了结论，误拦不超过 5 %。",
    "mutations": "对 {revision} 的变异：每种 {trials} 次试验",
    "mutation": "变异",
    "harm": "危害",
    "harmless": "无害",
    "by": "拦下它的规则",
    "unapplied": "对本套件没有任何改变",
}

PHRASES: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}


def words_in(lang: str) -> Words:
    """The phrases of `lang` ("en" or "zh")."""
    return Words(lang, PHRASES[lang], {})
