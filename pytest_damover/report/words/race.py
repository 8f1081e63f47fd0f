"""The phrases of a race's phases, and of calls with several images."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "rule.throughput": "Throughput, {size} in a call",
    "phase.preprocess": "preprocess",
    "phase.forward": "forward",
    "phase.forward_device": "forward (GPU events)",
    "phase.postprocess": "postprocess",
    "latency.phases": "Phases of a call",
    "latency.phase": "Phase",
    "latency.phases.note": "Where the time goes, median of each side, from the same calls. The phases show where a "
    "gain or a loss is; they decide nothing.",
    "latency.decode": "Decoding the median image took {time}; each is decoded once, for both sides, and not in these "
    "calls.",
}
_CHINESE = {
    "rule.throughput": "吞吐量（每次 {size} 幅）",
    "phase.preprocess": "前处理",
    "phase.forward": "前向推理",
    "phase.forward_device": "前向推理（GPU 事件计时）",
    "phase.postprocess": "后处理",
    "latency.phases": "各阶段耗时",
    "latency.phase": "阶段",
    "latency.phases.note": "取自同一批调用，两侧各取中位数，用于说明差异出现在哪个阶段，不参与判定。",
    "latency.decode": "图像解码耗时中位数为 {time}；每幅图像只解码一次，供两侧共用，不计入上述耗时。",
}

RACE: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
