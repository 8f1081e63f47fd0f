"""The phrases of what a race ran under, of its phases, and of calls with several images."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "latency.heats": "Run in {n} heat, both sides on one core ({cores}).|Run in {n} heats with fresh processes, both "
    "sides on one core in each (cores {cores}).",
    "latency.heats.anywhere": "Run in {n} heat.|Run in {n} heats with fresh processes.",
    "latency.load": "Load average a core: {load}.",
    "latency.crowded": "Calls were taken anew because another process had the core: {baseline} times the baseline's, "
    "{candidate} times the candidate's.",
    "latency.thrown_away": "{n} block of calls was thrown away and taken anew, because its clock moved or was "
    "throttled.|{n} blocks of calls were thrown away and taken anew, because their clock moved or was throttled.",
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
    "latency.heats": "共 {n} 轮，每轮均启用新进程，两侧在同一核心上执行（核心 {cores}）。",
    "latency.heats.anywhere": "共 {n} 轮，每轮均启用新进程。",
    "latency.load": "每核心平均负载 {load}。",
    "latency.crowded": "因核心被其他进程占用而重测：基线 {baseline} 次，候选 {candidate} 次。",
    "latency.thrown_away": "因主频变化或降频丢弃并重测 {n} 块。",
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
