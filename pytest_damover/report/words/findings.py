"""Findings told anew from their numbers, by `rule:reason`, or `family:reason` for all rules of a family.

The judge writes English, so English has a phrase only where a shorter one reads better beside the table of numbers;
where a language has none, the judge's message stands.
"""

from collections.abc import Mapping

_ENGLISH = {
    "ap50:within-limit": "{metric} on {where} goes from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "within the margin {limit}.",
    "ap50:over-limit": "{metric} on {where} falls from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "beyond the margin {limit}.",
    "ap50:undecided": "{metric} on {where} goes from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "across the margin {limit}. {needed}",
    "ap50:undecided-among-slices": "{metric} on {where} falls from {baseline} to {candidate}: {value}, "
    "interval {low} … {high}, beyond the margin {limit}; among so many slices one may look like that by chance (Holm).",
    "ap50.relative:within-limit": "{metric} goes from {baseline} to {candidate}: {value} of it, "
    "interval {low} … {high}, within the margin {limit}.",
    "ap50.relative:over-limit": "{metric} falls from {baseline} to {candidate}: {value} of it, "
    "interval {low} … {high}, beyond the margin {limit}.",
    "ap50.relative:undecided": "{metric} goes from {baseline} to {candidate}: {value} of it, "
    "interval {low} … {high}, across the margin {limit}. {needed}",
    "ap50.minimum:within-limit": "The candidate's own {metric} is {value}, interval {low} … {high}, "
    "above the floor {limit}.",
    "ap50.minimum:over-limit": "The candidate's own {metric} is {value}, interval {low} … {high}, "
    "below the floor {limit}.",
    "ap50.minimum:undecided": "The candidate's own {metric} is {value}, interval {low} … {high}, "
    "across the floor {limit}. {needed}",
    "ap50:waived": "{metric} on {where} falls from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "beyond the margin {limit}.",
    "ap50.minimum:waived": "The candidate's own {metric} is {value}, interval {low} … {high}, below the floor {limit}.",
    "latency:waived": "It takes {value} the baseline's time an image, interval {low} … {high}, "
    "beyond the limit {limit}.",
    "recall:within-limit": "{metric} {at} goes from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "within the margin {limit}.",
    "recall:over-limit": "{metric} {at} falls from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "beyond the margin {limit}.",
    "recall:undecided": "{metric} {at} goes from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "across the margin {limit}. {needed}",
    "recall:waived": "{metric} {at} falls from {baseline} to {candidate}: {value}, interval {low} … {high}, "
    "beyond the margin {limit}.",
    "recall.minimum:waived": "{metric} {at} is {value}, interval {low} … {high}, below the floor {limit}.",
    "recall.minimum:within-limit": "{metric} {at} is {value}, interval {low} … {high}, above the floor {limit}.",
    "recall.minimum:over-limit": "{metric} {at} is {value}, interval {low} … {high}, below the floor {limit}.",
    "recall.minimum:undecided": "{metric} {at} is {value}, interval {low} … {high}, across the floor {limit}. {needed}",
    "latency:within-limit": "It takes {value} the baseline's time an image, interval {low} … {high}, "
    "within the limit {limit}.",
    "latency:over-limit": "It takes {value} the baseline's time an image, interval {low} … {high}, "
    "beyond the limit {limit}.",
    "latency:undecided": "It takes {value} the baseline's time an image, interval {low} … {high}, "
    "across the limit {limit}. {needed}",
    "latency.percentile:within-limit": "{percentile}% of its times lie at {value} or below, interval {low} … {high}, "
    "within the limit {limit}.",
    "latency.percentile:over-limit": "{percentile}% of its times lie at {value} or below, interval {low} … {high}, "
    "beyond the limit {limit}.",
    "latency.percentile:undecided": "{percentile}% of its times lie at {value} or below, interval {low} … {high}, "
    "across the limit {limit}. {needed}",
    "latency.percentile:waived": "{percentile}% of its times lie at {value} or below, interval {low} … {high}, "
    "beyond the limit {limit}.",
}

_CHINESE = {
    "ap50:within-limit": "{where}的 {metric} 由 {baseline} 变为 {candidate}（{value}），"
    "置信区间 {low} … {high}，在允许限值 {limit} 之内。",
    "ap50:over-limit": "{where}的 {metric} 由 {baseline} 降至 {candidate}（{value}），"
    "置信区间 {low} … {high}，整体超出允许限值 {limit}。",
    "ap50:undecided": "{where}的 {metric} 由 {baseline} 变为 {candidate}（{value}），"
    "置信区间 {low} … {high}，跨越限值 {limit}。{needed}",
    "ap50:undecided-among-slices": "{where}的 {metric} 由 {baseline} 降至 {candidate}（{value}），"
    "置信区间 {low} … {high}，整体超出允许限值 {limit}；但同时考察多个切片时，其中之一可能纯属偶然如此（Holm 校正）。",
    "ap50:slice-absent": "策略指定了{where}，但套件中没有任何用例属于该切片。",
    "ap50:slice-too-small": "{where}仅有 {n} 幅图像参与评判，未达到策略要求的最少数量。",
    "ap50:no-data": "{where}内没有可用于计算 {metric} 的真值标注或结果。",
    "ap50:no-interval": "{where}的 {metric} 差值为 {value}，数据或分组过少，无法计算置信区间。",
    "ap50:not-finite": "{where}的 {metric} 不是有效数值：检测结果缺失或无法读取。",
    "ap50.relative:within-limit": "{metric} 由 {baseline} 变为 {candidate}，相对变化 {value}，"
    "置信区间 {low} … {high}，在允许限值 {limit} 之内。",
    "ap50.relative:over-limit": "{metric} 由 {baseline} 降至 {candidate}，相对变化 {value}，"
    "置信区间 {low} … {high}，整体超出允许限值 {limit}。",
    "ap50.relative:undecided": "{metric} 由 {baseline} 变为 {candidate}，相对变化 {value}，"
    "置信区间 {low} … {high}，跨越限值 {limit}。{needed}",
    "ap50.minimum:within-limit": "候选版本自身 {metric} 为 {value}，置信区间 {low} … {high}，整体高于下限 {limit}。",
    "ap50.minimum:over-limit": "候选版本自身 {metric} 为 {value}，置信区间 {low} … {high}，整体低于下限 {limit}。",
    "ap50.minimum:undecided": "候选版本自身 {metric} 为 {value}，置信区间 {low} … {high}，跨越下限 {limit}。{needed}",
    "ap50.minimum:no-interval": "候选版本自身 {metric} 为 {value}，数据或分组过少，无法计算置信区间。",
    "discovery:weak-spot": "搜索发现并经另一半图像证实的薄弱处：AP50 变化 {value}，置信区间 {low} … {high}，"
    "超出允许限值 {limit}。具体切片见“薄弱处”一节。",
    "discovery:no-weak-spot": "搜索未证实任何超出允许限值 {limit} 的薄弱处（共尝试 {n} 个切片）。",
    "discovery:too-little": "图像过少，没有可供搜索薄弱处的切片。",
    "flips:within-limit": "{severity}用例丢失 {value} 个目标（基线找到 {baseline} 个），允许 {limit} 个。",
    "flips:over-limit": "{severity}用例丢失 {value} 个目标（基线找到 {baseline} 个），仅允许 {limit} 个。",
    "flips.labels:within-limit": "类别 {label} 丢失 {value} 个目标（基线找到 {baseline} 个），允许 {limit} 个。",
    "flips.labels:over-limit": "类别 {label} 丢失 {value} 个目标（基线找到 {baseline} 个），仅允许 {limit} 个。",
    "flips.labels:label-absent": "策略指定了类别 {label}，但套件中没有该类别的目标。",
    "flips.slices:within-limit": "{where}丢失 {value} 个目标（基线找到 {baseline} 个），允许 {limit} 个。",
    "flips.slices:over-limit": "{where}丢失 {value} 个目标（基线找到 {baseline} 个），仅允许 {limit} 个。",
    "flips.slices:slice-absent": "策略指定了{where}，但套件中没有任何用例属于该切片。",
    "flips.new_spurious:within-limit": "{n} 幅图像中，候选版本新增 {value} 个不对应任何目标的框，允许 {limit} 个。",
    "flips.new_spurious:over-limit": "{n} 幅图像中，候选版本新增 {value} 个不对应任何目标的框，仅允许 {limit} 个。",
    "flips:waived": "计入 {value} 个，允许 {limit} 个；其余或超出的部分已获豁免。",
    "flips:no-data": "没有可供比较的目标。",
    "flips:not-finite": "有图像的检测结果缺失或无法读取，无从判断目标是否丢失。",
    "recall:within-limit": "{metric}（{at}）由 {baseline} 变为 {candidate}（{value}），"
    "置信区间 {low} … {high}，在允许限值 {limit} 之内。",
    "recall:over-limit": "{metric}（{at}）由 {baseline} 降至 {candidate}（{value}），"
    "置信区间 {low} … {high}，整体超出允许限值 {limit}。",
    "recall:undecided": "{metric}（{at}）由 {baseline} 变为 {candidate}（{value}），"
    "置信区间 {low} … {high}，跨越限值 {limit}。{needed}",
    "recall:no-data": "没有可用于计算{metric}（{at}）的目标或检测结果。",
    "recall:no-interval": "{metric}（{at}）的差值为 {value}，数据过少，无法计算置信区间。",
    "recall:not-finite": "{metric}（{at}）无法计算：部分图像的检测结果缺失或无法读取。",
    "recall:waived": "{metric}（{at}）由 {baseline} 降至 {candidate}（{value}），"
    "置信区间 {low} … {high}，整体超出允许限值 {limit}。",
    "recall.minimum:waived": "候选版本自身{metric}（{at}）为 {value}，置信区间 {low} … {high}，整体低于下限 {limit}。",
    "recall.minimum:within-limit": "候选版本自身{metric}（{at}）为 {value}，"
    "置信区间 {low} … {high}，整体高于下限 {limit}。",
    "recall.minimum:over-limit": "候选版本自身{metric}（{at}）为 {value}，"
    "置信区间 {low} … {high}，整体低于下限 {limit}。",
    "recall.minimum:undecided": "候选版本自身{metric}（{at}）为 {value}，"
    "置信区间 {low} … {high}，跨越下限 {limit}。{needed}",
    "recall.minimum:no-interval": "候选版本自身{metric}（{at}）为 {value}，数据过少，无法计算置信区间。",
    "latency.percentile:within-limit": "候选版本耗时的 {percentile} 百分位为 {value}，"
    "置信区间 {low} … {high}，在限值 {limit} 以内。",
    "latency.percentile:over-limit": "候选版本耗时的 {percentile} 百分位为 {value}，"
    "置信区间 {low} … {high}，整体超出限值 {limit}。",
    "latency.percentile:undecided": "候选版本耗时的 {percentile} 百分位为 {value}，"
    "置信区间 {low} … {high}，跨越限值 {limit}。{needed}",
    "latency.percentile:waived": "候选版本耗时的 {percentile} 百分位为 {value}，"
    "置信区间 {low} … {high}，整体超出限值 {limit}。",
    "latency.percentile:too-few-pairs": "仅采集到 {n} 对耗时，不足以计算 {percentile} 百分位或其置信区间。{lost}",
    "latency.percentile:latency-missing": "策略限制了耗时的 {percentile} 百分位，但未测量时延。",
    "latency.percentile:not-finite": "部分耗时缺失或不是有效正数。",
    "memory:within-limit": "候选版本的内存峰值为 {value}，在限值 {limit} 以内。",
    "memory:over-limit": "候选版本的内存峰值为 {value}，超出限值 {limit}。",
    "memory:waived": "候选版本的内存峰值为 {value}，超出限值 {limit}。",
    "memory:cost-missing": "策略限制了内存峰值，但未测量，或次数不足。",
    "size:within-limit": "候选版本的文件大小为 {value}，在限值 {limit} 以内。",
    "size:over-limit": "候选版本的文件大小为 {value}，超出限值 {limit}。",
    "size:waived": "候选版本的文件大小为 {value}，超出限值 {limit}。",
    "parameters:within-limit": "候选版本的参数量为 {value}，在限值 {limit} 以内。",
    "parameters:over-limit": "候选版本的参数量为 {value}，超出限值 {limit}。",
    "parameters:waived": "候选版本的参数量为 {value}，超出限值 {limit}。",
    "parameters:cost-missing": "策略限制了参数量，但加载时未得知。",
    "cold_start:within-limit": "候选版本的加载耗时为 {value}，置信区间 {low} … {high}，在限值 {limit} 以内。",
    "cold_start:over-limit": "候选版本的加载耗时为 {value}，置信区间 {low} … {high}，超出限值 {limit}。",
    "cold_start:waived": "候选版本的加载耗时为 {value}，置信区间 {low} … {high}，超出限值 {limit}。",
    "cold_start:undecided": "候选版本的加载耗时为 {value}，置信区间 {low} … {high}，跨越限值 {limit}。",
    "cold_start:cost-missing": "策略限制了加载耗时，但未测量，或次数不足。",
    "throughput:within-limit": "每次送入 {size} 幅图像时，候选版本吞吐量为基线的 {value}，"
    "置信区间 {low} … {high}，不低于限值 {limit}。",
    "throughput:over-limit": "每次送入 {size} 幅图像时，候选版本吞吐量为基线的 {value}，"
    "置信区间 {low} … {high}，整体低于限值 {limit}。",
    "throughput:waived": "每次送入 {size} 幅图像时，候选版本吞吐量为基线的 {value}，"
    "置信区间 {low} … {high}，整体低于限值 {limit}。",
    "throughput:undecided": "每次送入 {size} 幅图像时，候选版本吞吐量为基线的 {value}，"
    "置信区间 {low} … {high}，跨越限值 {limit}。{needed}",
    "throughput:too-few-pairs": "每次送入 {size} 幅图像的耗时仅采集到 {n} 对，不足以判定。",
    "throughput:cannot-batch": "检测器不支持一次处理多幅图像，或图像尺寸不一，未能测量每次 {size} 幅的吞吐量。",
    "throughput:cost-missing": "策略限制了吞吐量，但未测量每次 {size} 幅的耗时。",
    "throughput:gpu-shared": "计时期间 GPU 上有其他计算进程，吞吐量不足为凭。",
    "throughput:not-finite": "部分耗时缺失或不是有效正数。",
    "latency:within-limit": "候选版本单幅图像耗时为基线的 {value}，置信区间 {low} … {high}，在限值 {limit} 以内。",
    "latency:over-limit": "候选版本单幅图像耗时为基线的 {value}，置信区间 {low} … {high}，整体超出限值 {limit}。",
    "latency:undecided": "候选版本单幅图像耗时为基线的 {value}，置信区间 {low} … {high}，跨越限值 {limit}。{needed}",
    "latency:too-few-pairs": "仅采集到 {n} 对耗时，未达到策略要求的最少对数。{lost}",
    "latency:gpu-shared": "计时期间 GPU 上有其他计算进程，耗时不足为凭。",
    "latency:latency-missing": "策略包含时延规则，但未测量时延。",
    "latency:latency-failed": "时延测量失败：{named}。",
    "latency:not-finite": "部分耗时缺失或不是有效正数。",
    "regressions:within-limit": "{n} 个{severity}用例中有 {value} 个回归（基线通过而候选版本失败），允许 {limit} 个。",
    "regressions:over-limit": "{n} 个{severity}用例中有 {value} 个回归（基线通过而候选版本失败），仅允许 {limit} 个。",
    "failures:within-limit": "{n} 个{severity}用例中候选版本有 {value} 个失败，允许 {limit} 个。",
    "failures:over-limit": "{n} 个{severity}用例中候选版本有 {value} 个失败，仅允许 {limit} 个。",
    "evidence.device:other-device": "本次运行（或其中部分项目）未在策略要求的设备上执行。",
    "evidence.device:enough": "执行设备符合策略要求。",
    "evidence.cases:enough": "共评判 {value} 个用例，至少需要 {limit} 个。",
    "evidence.cases:too-little": "仅评判 {value} 个用例，至少需要 {limit} 个。",
    "evidence.images:enough": "共评判 {value} 幅图像，至少需要 {limit} 幅。",
    "evidence.images:too-little": "仅评判 {value} 幅图像，至少需要 {limit} 幅。",
    "evidence.objects:enough": "共评判 {value} 个标注目标，至少需要 {limit} 个。",
    "evidence.objects:too-little": "仅评判 {value} 个标注目标，至少需要 {limit} 个。",
    "plan:complete": "计划的 {n} 项全部执行完毕。",
    "plan:interrupted": "运行中断，仅有 {n} 项执行完毕。",
    "plan:missing-items": "有 {n} 项列入计划但未执行：{named}。",
    "plan:skipped-items": "有 {n} 项列入计划但被跳过，首先是 {first}。",
    "plan:item-errors": "有 {n} 项执行出错，首先是 {first}。",
    "plan:broken-cases": "有 {n} 个无效用例无法读取：{named}。",
    "plan:narrowed": "仅执行了部分用例，选择范围被缩小：{named}。",
    "plan:cases-not-planned": "套件中有 {n} 项未列入计划：{named}。",
    "plan:nothing-planned": "计划为空，没有任何执行项。",
    "plan:plan-changed": "运行日志对应的不是这份计划。",
    "plan:other-run": "运行日志与计划不属于同一次运行。",
    "plan:journal-damaged": "运行日志已损坏：有的行不是 JSON 对象。",
    "plan:torn-line": "运行日志已损坏：结束记录之后还有半行内容。",
    "plan:sequence-gap": "运行日志已损坏：记录序号不连续。",
    "plan:wrong-counts": "运行日志已损坏：结束记录的计数与实际不符。",
    "plan:records-after-end": "运行日志已损坏：结束记录之后还有其他记录。",
    "plan:ambiguous-revisions": "同一名称对应多个不同的版本：{named}。",
    "plan:duplicate-items": "有 {n} 项被重复计划或重复执行：{named}。",
    "plan:unplanned-items": "有 {n} 项未列入计划却被执行：{named}。",
    "plan:unknown-suite": "有 {n} 项不属于计划中的任何套件：{named}。",
    "plan:never-started": "有 {n} 项有结束记录而没有开始记录：{named}。",
    "policy:policy-read": "已应用套件 {suite} 的准入限值。",
    "policy:policy-faults": "套件 {suite} 的准入策略存在错误：{named}。",
    "policy:no-policy": "套件 {suite} 没有准入策略，无法判定。",
    "policy:rule-not-applied": "套件 {suite} 的策略中有 {n} 条规则未得到执行：{named}。",
    "control:negative-control-stopped": "阴性对照有效：植入的已知错误候选版本均被同一策略判为不通过。",
    "control:negative-control-passed": "阴性对照未通过：已知错误的候选版本未被判为不通过，"
    "策略过于宽松或判定环节失效，结论不可信。",
    "control:negative-control-undecided": "阴性对照未能判定：执行结果过少，无法证明该策略会拦下已知错误的候选版本。",
    "ap50:waived": "{where}的 {metric} 由 {baseline} 降至 {candidate}（{value}），"
    "置信区间 {low} … {high}，整体超出允许限值 {limit}。",
    "ap50.minimum:waived": "候选版本自身 {metric} 为 {value}，置信区间 {low} … {high}，整体低于下限 {limit}。",
    "latency:waived": "候选版本单幅图像耗时为基线的 {value}，置信区间 {low} … {high}，整体超出限值 {limit}。",
    "regressions:waived": "{n} 个{severity}用例中计入的回归有 {value} 个，允许 {limit} 个；未计入者已获豁免。",
    "failures:waived": "{n} 个{severity}用例中计入的失败有 {value} 个，允许 {limit} 个；未计入者已获豁免。",
    "waiver:waiver-faults": "套件 {suite} 的豁免文件存在错误：{named}。",
    "waiver:waiver-expired": "豁免 {waivers} 已过期，不再生效。",
    "waiver:waiver-ownerless": "豁免 {waivers} 没有负责人，不予生效。",
    "waiver:waiver-reasonless": "豁免 {waivers} 没有写明理由，不予生效。",
    "waiver:waiver-unknown": "豁免 {waivers} 指向套件 {suite} 中不存在的用例、规则或切片：{named}。",
    "waiver:waiver-used": "豁免 {waivers} 已生效，放行 {n} 项。",
    "waiver:waiver-unused": "豁免 {waivers} 没有放行任何失败项，应当删除。",
    "waiver:waiver-not-enough": "豁免 {waivers} 不足以放行其范围内的失败。",
    "waiver:waiver-not-needed": "该候选版本不需要豁免 {waivers}。",
    "waiver:waiver-undecided": "尚不能判断是否需要豁免 {waivers}：有的项目未执行或未能判定。",
    "identical:identical-revisions": "两个名称指向完全相同的文件，没有可比较的内容。",
    "identical:identical-allowed": "两个名称指向完全相同的文件，已按要求照常比较。",
    "identical:different-revisions": "基线与候选版本的文件内容不同。",
    "crashes:no-crash": "候选版本运行期间没有崩溃。",
    "crashes:crashed": "候选版本有 {n} 项在运行中崩溃、无响应或内存耗尽，不允许出现这种情况：{named}。",
    "crashes:baseline-crashed": "仅基线有 {n} 项在运行中崩溃，属已知失败。",
    "goldens:goldens-compared": "共与 {n} 个金标进行了比较；漂移计为相应用例或测试的失败。",
    "goldens:golden-missing": "有 {n} 项缺少应与之比较的金标：{named}。",
    "goldens:goldens-written": "写入了 {n} 个金标，未进行任何比较：{named}。",
    "resume:resumed": "有 {n} 项结果沿用自此前中断的运行。",
    "resume:resume-damaged": "沿用自中断运行的记录数目与日志所述不符。",
    "resume:other-versions": "中断前后两部分的软件版本、设备或阈值不同，不能合并评判：{named}。",
    "resume:other-machine": "有 {n} 项时延测量沿用自另一台机器：{named}。",
    "revisions:unchanged": "运行前后两次校验，版本文件（共 {n} 个）均未改变。",
    "revisions:revision-changed": "评判期间有版本的文件发生了变化：{named}。",
    "revisions:not-verified": "运行结束后没有再次校验版本文件。",
    "revisions:no-consent": "有版本在加载时会执行代码，但无人表示同意：{named}。",
}

FINDINGS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
