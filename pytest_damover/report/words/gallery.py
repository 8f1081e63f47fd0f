"""The phrases around pictures and tables of cases, and of the page that holds them."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "section.gallery": "Regressions",
    "section.gallery.alone": "Failures",
    "gallery.note": "Worst first. A solid box counts (score at or above the case's threshold); "
    "a dotted box is below it.",
    "gallery.capped": "{n} more regression is not shown; verdict.json and journal.jsonl have it.|"
    "{n} more regressions are not shown; verdict.json and journal.jsonl have them.",
    "gallery.none": "Of the cases that ran on both sides, none that the baseline passes is failed by this candidate.",
    "gallery.none.alone": "Of the cases that ran, none failed.",
    "gallery.missing_picture": "The image is not on disk, or no longer the one that was judged",
    "gallery.found": "{found} of {known} found",
    "gallery.counted": "{n} detection|{n} detections",
    "gallery.extra": "{n} extra|{n} extra",
    "gallery.no_result": "no result",
    "gallery.not_drawn": "{n} box not drawn|{n} boxes not drawn",
    "gallery.threshold": "threshold {threshold}",
    "gallery.show": "Show",
    "gallery.show.truth": "ground truth",
    "gallery.show.boxes": "detections",
    "gallery.show.faint": "below threshold",
    "gallery.show.labels": "scores",
    "gallery.missed": "missed",
    "gallery.forbidden": "forbidden region",
    "gallery.alt": "{case}, {side}: {told}",
    "cases.all": "All {n} case|All {n} cases",
    "cases.loud": "Of {n} case only the ones that did not simply keep passing are listed.|"
    "Of {n} cases only the ones that did not simply keep passing are listed.",
    "cases.filter": "Filter by text",
    "cases.every": "all",
    "cases.shown": "rows shown",
    "page.skip": "To the verdict",
    "page.other_language": "简体中文",
    "page.other_language.code": "zh-CN",
    "gallery.printed": "{n} more picture is in the report on screen.|{n} more pictures are in the report on screen.",
    "gallery.more_objects": "{n} more object of this case changed.|{n} more objects of this case changed.",
    "gallery.pictures": "{n} picture|{n} pictures",
    "gallery.rest": "{n} more picture|{n} more pictures",
    "gallery.lost.title": "Objects lost in cases that are no regression",
    "gallery.lost.text": "{n} case with an object that only the baseline finds, though the case itself did not change "
    "from passed to failed.|{n} cases with an object that only the baseline finds, though the case itself did not "
    "change from passed to failed.",
    "gallery.fixed.title": "Objects that only the candidate finds",
    "gallery.fixed.text": "{n} case with such an object, and none that was lost.|"
    "{n} cases with such an object, and none that was lost.",
    "gallery.others.capped": "{n} more case has no picture here; the journal has it.|"
    "{n} more cases have no picture here; the journal has them.",
    "cases.found": "{n} more is found by the filter and by its address (#case-SUITE:CASE); without scripts, see the "
    "journal.|{n} more are found by the filter and by their addresses (#case-SUITE:CASE); without scripts, see the "
    "journal.",
    "cases.reason_in_journal": "see the journal",
    "cases.rows": "{n} row|{n} rows",
    "cases.names": "{n} name|{n} names",
}

_CHINESE = {
    "section.gallery": "回归用例",
    "section.gallery.alone": "失败用例",
    "gallery.note": "按严重程度排序。实线框计入结果（置信度不低于用例阈值），点线框低于阈值。",
    "gallery.capped": "另有 {n} 个回归用例未展示，详见 verdict.json 与 journal.jsonl。",
    "gallery.none": "在两个版本上均已执行的用例中，凡基线通过者，该候选版本全部通过。",
    "gallery.none.alone": "已执行的用例中没有失败。",
    "gallery.missing_picture": "图像不在磁盘上，或已不是受检时的图像",
    "gallery.found": "检出 {found}/{known}",
    "gallery.counted": "检出 {n} 个目标",
    "gallery.extra": "误检 {n} 个",
    "gallery.no_result": "无结果",
    "gallery.not_drawn": "{n} 个框未绘制",
    "gallery.threshold": "阈值 {threshold}",
    "gallery.show": "显示",
    "gallery.show.truth": "真值标注",
    "gallery.show.boxes": "检测框",
    "gallery.show.faint": "低于阈值",
    "gallery.show.labels": "置信度",
    "gallery.missed": "漏检",
    "gallery.forbidden": "禁检区域",
    "gallery.alt": "{case}，{side}：{told}",
    "cases.all": "全部 {n} 个用例",
    "cases.loud": "共 {n} 个用例，此处仅列出结果并非“保持通过”的用例。",
    "cases.filter": "按文字筛选",
    "cases.every": "全部",
    "cases.shown": "行",
    "page.skip": "跳到结论",
    "page.other_language": "English",
    "page.other_language.code": "en",
    "gallery.printed": "另有 {n} 幅图像见屏幕上的报告。",
    "gallery.more_objects": "该用例另有 {n} 个目标发生变化。",
    "gallery.pictures": "{n} 幅图像",
    "gallery.rest": "其余 {n} 幅图像",
    "gallery.lost.title": "非回归用例中丢失的目标",
    "gallery.lost.text": "{n} 个用例含有只有基线找到的目标，但用例本身并未由通过变为失败。",
    "gallery.fixed.title": "只有候选版本找到的目标",
    "gallery.fixed.text": "{n} 个用例含有此类目标，且没有丢失任何目标。",
    "gallery.others.capped": "另有 {n} 个用例未在此附图，详见 journal.jsonl。",
    "cases.found": "另有 {n} 个用例可用筛选或地址（#case-SUITE:CASE）找到；未启用脚本时请查看 journal.jsonl。",
    "cases.reason_in_journal": "见 journal.jsonl",
    "cases.rows": "{n} 行",
    "cases.names": "{n} 个名称",
}

GALLERY: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
