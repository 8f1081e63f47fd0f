"""The phrases that tell of goldens."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "rule.goldens": "Goldens",
    "section.goldens": "Goldens",
    "goldens.note": "Detections that a person accepted, and how far these runs drifted from them.",
    "goldens.count": "{n} {outcome}",
    "goldens.outcome.match": "match",
    "goldens.outcome.drift": "drifted",
    "goldens.outcome.missing": "missing",
    "goldens.outcome.written": "written",
    "goldens.none": "none was asked for",
    "goldens.looser": "Let pass for a reason",
    "goldens.tolerance": "{box_px} px, score {score}",
    "goldens.inexact": "Not made on the same device and precision",
    "goldens.orphans": "Nothing asks for these any more",
    "goldens.unknown": "Suite {suite}: whether Python tests still ask for all of theirs is not known: {why}",
    "goldens.revision": "on {revision}",
}
_CHINESE = {
    "rule.goldens": "金标",
    "section.goldens": "金标",
    "goldens.note": "经人工认可的检测结果，以及本次运行与之相比的漂移。",
    "goldens.count": "{n} 个{outcome}",
    "goldens.outcome.match": "一致",
    "goldens.outcome.drift": "漂移",
    "goldens.outcome.missing": "缺失",
    "goldens.outcome.written": "已写入",
    "goldens.none": "没有用例或测试要求金标",
    "goldens.looser": "注明理由后放宽的容差",
    "goldens.tolerance": "{box_px} 像素，分数 {score}",
    "goldens.inexact": "设备或精度与本次不同的金标",
    "goldens.orphans": "已无人使用的金标",
    "goldens.unknown": "套件 {suite}：无法判断 Python 测试是否仍使用其全部金标：{why}",
    "goldens.revision": "版本 {revision}",
}

GOLDENS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
