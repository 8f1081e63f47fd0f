"""The phrases of the section on objects: which were lost and found, and which boxes stand for none."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "section.flips": "Objects",
    "flips.note": "Every known object of the cases that ended on both sides, matched one to one at the case's own "
    "thresholds. A fixed object does not make up for a broken one.",
    "flips.told": "{kept} kept, {broken} broken, {fixed} fixed, {never} never found; "
    "boxes without an object: {gone} gone, {new} new, {stayed} kept",
    "flips.unreadable": "{n} image is left out: a side's detections are missing or unreadable.|"
    "{n} images are left out: a side's detections are missing or unreadable.",
    "flips.side": "{role}: {seen}",
    "flips.found": "found",
    "flips.not_found": "not found",
    "flips.fate.kept": "kept",
    "flips.fate.broken": "broken",
    "flips.fate.fixed": "fixed",
    "flips.fate.never": "never found",
    "flips.boxes": "Boxes that stand for no object",
    "flips.box.gone": "gone",
    "flips.box.new": "new",
    "flips.box.stayed": "kept",
    "flips.misses": "How the broken ones are missed",
    "flips.miss.missed": "nothing there",
    "flips.miss.faint": "score below the threshold",
    "flips.miss.misplaced": "box beside it",
    "flips.miss.swapped": "another label",
    "flips.miss.shared": "one box for two objects",
    "flips.now.missed": "nothing there",
    "flips.now.faint": "{score}, below {threshold}",
    "flips.now.misplaced": "{score} beside it, IoU {iou} below {least}",
    "flips.now.swapped": "{label} {score}, IoU {iou}",
    "flips.now.shared": "its box stands for another object",
    "flips.now.found": "{score}, IoU {iou}",
    "flips.by.severity": "By severity",
    "flips.by.label": "By label",
    "flips.by.slice": "By slice",
    "flips.by.free": "By what the image shows",
    "flips.broken": "Broken objects",
    "flips.fixed": "Fixed objects",
    "flips.none": "No object is broken.",
    "flips.rows": "{n} object|{n} objects",
    "column.object": "Object",
    "column.label": "Label",
}

_CHINESE = {
    "section.flips": "目标变化",
    "flips.note": "在两个版本上均已执行的用例中，每个标注目标按用例自身的阈值一对一匹配。"
    "修复的目标不能抵消丢失的目标。",
    "flips.told": "保持 {kept} 个，丢失 {broken} 个，修复 {fixed} 个，从未找到 {never} 个；"
    "不对应目标的框：消失 {gone} 个，新增 {new} 个，保持 {stayed} 个",
    "flips.unreadable": "另有 {n} 幅图像未计入：一侧的检测结果缺失或无法读取。",
    "flips.side": "{role}：{seen}",
    "flips.found": "找到",
    "flips.not_found": "未找到",
    "flips.fate.kept": "保持",
    "flips.fate.broken": "丢失",
    "flips.fate.fixed": "修复",
    "flips.fate.never": "从未找到",
    "flips.boxes": "不对应任何目标的框",
    "flips.box.gone": "消失",
    "flips.box.new": "新增",
    "flips.box.stayed": "保持",
    "flips.misses": "目标如何丢失",
    "flips.miss.missed": "原处没有框",
    "flips.miss.faint": "得分低于阈值",
    "flips.miss.misplaced": "框偏在一旁",
    "flips.miss.swapped": "被认作别的类别",
    "flips.miss.shared": "两个目标只剩一个框",
    "flips.now.missed": "原处没有框",
    "flips.now.faint": "{score}，低于 {threshold}",
    "flips.now.misplaced": "{score}，框偏在一旁，IoU {iou} 低于 {least}",
    "flips.now.swapped": "{label} {score}，IoU {iou}",
    "flips.now.shared": "其框已对应另一目标",
    "flips.now.found": "{score}，IoU {iou}",
    "flips.by.severity": "按严重程度",
    "flips.by.label": "按类别",
    "flips.by.slice": "按切片",
    "flips.by.free": "按图像特征",
    "flips.broken": "丢失的目标",
    "flips.fixed": "修复的目标",
    "flips.none": "没有丢失任何目标。",
    "flips.rows": "{n} 个目标",
    "column.object": "目标",
    "column.label": "类别",
}

FLIPS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
