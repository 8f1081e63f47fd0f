"""The phrases of the section that says which errors were made, and what is found from which score on."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "section.errors": "Errors",
    "errors.note": "What the {n} image with ground truth shows, at IoU 0.5.|"
    "What the {n} images with ground truth show, at IoU 0.5.",
    "errors.left_out": "{n} image is left out: its detections are missing or unreadable.|"
    "{n} images are left out: their detections are missing or unreadable.",
    "errors.points": "From which score on",
    "errors.point": "Counted",
    "errors.threshold": "From score",
    "errors.precision": "Precision",
    "errors.recall": "Recall",
    "errors.f1": "F1",
    "errors.ap50": "AP50",
    "errors.point.working": "as the cases count",
    "errors.point.native": "everything that is reported",
    "errors.point.shared": "what both sides report",
    "errors.point.best_f1": "best F1",
    "errors.point.restoring": "baseline's recall reached",
    "errors.each_case": "each case's own",
    "errors.at_most": "≤ {score}",
    "errors.restored": "Counted from {threshold} instead of {working}, the candidate would find as much as the "
    "baseline (recall {recall}), at a precision of {precision}.",
    "errors.to_spare": "The candidate finds as much as the baseline at its working threshold, and would up to a "
    "threshold of {threshold} (recall {recall}, precision {precision}).",
    "errors.never": "No threshold brings the baseline's recall of {recall} back: "
    "all that the candidate reports has a recall of {most}.",
    "errors.cut_unknown": "Its detector does not say from which score on {revision} reports: "
    "≤ marks the lowest score that it ever reported.",
    "errors.curve": "Precision against recall",
    "errors.curve.note": "All classes together, from the highest score down to the lowest that is reported. "
    "The dot is where the cases count.",
    "errors.curve.told": "Precision / recall where the cases count",
    "errors.scores": "Scores",
    "errors.scores.note": "How many detections have which score. Each line of the scale is ten times the one below; "
    "the broken line is the score that the cases count from, where they agree on one.",
    "errors.scores.right": "Right",
    "errors.scores.wrong": "Wrong",
    "errors.score": "score",
    "errors.kinds": "Kinds of errors",
    "errors.kinds.note": "Each kind put right alone: by how much AP50 would rise (TIDE). "
    "The longer the bar, the more AP50 that kind costs; the bars do not add up.",
    "errors.kind": "Kind",
    "errors.count": "Count",
    "errors.cost": "AP50 that it costs",
    "errors.kind.class": "class",
    "errors.kind.class.means": "right place, wrong class",
    "errors.kind.location": "location",
    "errors.kind.location.means": "right class, IoU 0.1 to 0.5",
    "errors.kind.both": "both",
    "errors.kind.both.means": "wrong class, IoU 0.1 to 0.5",
    "errors.kind.duplicate": "duplicate",
    "errors.kind.duplicate.means": "an object that was found already",
    "errors.kind.background": "background",
    "errors.kind.background.means": "nothing is there",
    "errors.kind.missed": "missed",
    "errors.kind.missed.means": "an object that nothing comes near",
    "errors.confusion": "What was taken for what",
    "errors.confusion.note": "Rows: what is there. Columns: what it was found as, counted as the cases count. "
    "Background as found: missed; background as there: a false alarm.",
    "errors.confusion.most": "The most frequent confusions of {n} class.|The most frequent confusions of {n} classes.",
    "errors.known": "There",
    "errors.found": "Found as",
    "errors.nothing": "background",
    "errors.calibration": "Calibration",
    "errors.calibration.note": "Is a score of 0.8 right eight times of ten? On the line it is; below, the scores "
    "promise too much. Expected calibration error of all from score {threshold} on: {error}.",
    "errors.calibration.x": "mean score",
    "errors.calibration.y": "share that is right",
}
_CHINESE = {
    "section.errors": "错误分解",
    "errors.note": "基于 {n} 幅有真值标注的图像，IoU 阈值 0.5。",
    "errors.left_out": "有 {n} 幅图像的检测结果缺失或无法读取，未计入。",
    "errors.points": "不同置信度阈值下的表现",
    "errors.point": "统计范围",
    "errors.threshold": "置信度阈值",
    "errors.precision": "精确率",
    "errors.recall": "召回率",
    "errors.f1": "F1",
    "errors.ap50": "AP50",
    "errors.point.working": "按用例阈值",
    "errors.point.native": "版本输出的全部结果",
    "errors.point.shared": "两侧均会输出的结果",
    "errors.point.best_f1": "F1 最优",
    "errors.point.restoring": "达到基线召回率",
    "errors.each_case": "各用例自定",
    "errors.at_most": "≤ {score}",
    "errors.restored": "若将阈值由 {working} 调整为 {threshold}，"
    "候选版本即可达到基线的召回率（此时召回率 {recall}，精确率 {precision}）。",
    "errors.to_spare": "在用例阈值下，候选版本的召回率不低于基线；"
    "阈值最高提至 {threshold} 时仍是如此（此时召回率 {recall}，精确率 {precision}）。",
    "errors.never": "任何阈值都无法恢复基线的召回率 {recall}：候选版本输出的全部结果，召回率也只有 {most}。",
    "errors.cut_unknown": "检测器未说明 {revision} 从多高的置信度开始输出：≤ 表示其输出过的最低置信度。",
    "errors.curve": "精确率与召回率",
    "errors.curve.note": "所有类别合计，从最高置信度直到版本输出的最低置信度。圆点为用例阈值所在之处。",
    "errors.curve.told": "用例阈值下的精确率 / 召回率",
    "errors.scores": "置信度分布",
    "errors.scores.note": "各置信度下的检测数量。纵轴每格为下一格的十倍；虚线为用例阈值（各用例一致时才绘出）。",
    "errors.scores.right": "正确",
    "errors.scores.wrong": "错误",
    "errors.score": "置信度",
    "errors.kinds": "错误类型",
    "errors.kinds.note": "逐类单独修正后 AP50 可提升多少（TIDE 方法）。"
    "条形越长，该类错误造成的 AP50 损失越大；各类之和没有意义。",
    "errors.kind": "类型",
    "errors.count": "数量",
    "errors.cost": "AP50 损失",
    "errors.kind.class": "类别错误",
    "errors.kind.class.means": "位置正确，类别错误",
    "errors.kind.location": "定位错误",
    "errors.kind.location.means": "类别正确，IoU 在 0.1 至 0.5 之间",
    "errors.kind.both": "类别与定位均错",
    "errors.kind.both.means": "类别错误，IoU 在 0.1 至 0.5 之间",
    "errors.kind.duplicate": "重复检测",
    "errors.kind.duplicate.means": "目标已被检出",
    "errors.kind.background": "背景误检",
    "errors.kind.background.means": "该处没有目标",
    "errors.kind.missed": "漏检",
    "errors.kind.missed.means": "目标附近没有任何检测",
    "errors.confusion": "混淆矩阵",
    "errors.confusion.note": "行为真值类别，列为检出类别，按用例阈值统计。列中的背景表示漏检，行中的背景表示误检。",
    "errors.confusion.most": "{n} 个类别中最常见的混淆。",
    "errors.known": "真值",
    "errors.found": "检出为",
    "errors.nothing": "背景",
    "errors.calibration": "置信度校准",
    "errors.calibration.note": "置信度 0.8 的结果是否十次有八次正确？点落在对角线上即是；落在下方则说明置信度偏高。"
    "置信度不低于 {threshold} 的全部结果的期望校准误差（ECE）：{error}。",
    "errors.calibration.x": "平均置信度",
    "errors.calibration.y": "正确比例",
}

ERRORS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
