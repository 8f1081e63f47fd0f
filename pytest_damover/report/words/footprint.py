"""The phrases of the section on what a revision takes beside its time."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "section.footprint": "Footprint",
    "footprint.memory": "Peak memory",
    "footprint.load": "Load time",
    "footprint.parameters": "Parameters",
    "footprint.note": "What each revision takes beside its time; it decides only where the policy has a limit.",
    "footprint.note.memory": "Peak memory is one number, of the last time that the race loaded the revision, so it has "
    "no interval. Dots: each time that the race loaded it; the first goes on with the process that ran the cases.",
    "footprint.note.load": "Load time is the median of all times that the revision was loaded in this run, each a dot.",
    "footprint.n": "{n} measured|{n} measured",
}
_CHINESE = {
    "section.footprint": "资源占用",
    "footprint.memory": "内存峰值",
    "footprint.load": "加载耗时",
    "footprint.parameters": "参数量",
    "footprint.note": "各版本除推理时延之外的开销；仅在策略设有限值时参与判定。",
    "footprint.note.memory": "内存峰值为计时最后一次加载该版本时的单个数值，因此没有置信区间。"
    "圆点为计时中的每一次加载，其中第一次沿用执行用例的进程。",
    "footprint.note.load": "加载耗时为本次运行中历次加载的中位数，每个圆点为一次加载。",
    "footprint.n": "实测 {n} 次",
}

FOOTPRINT: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
