"""What is said of a run: what was left out of it, what narrowed it, how it ended, what is wrong with its files."""

RUNS = {
    "finished": "正常结束",
    "interrupted": "被中断",
    "interrupted by {w}": "被 {w} 中断",
    "stopped: {X}": "已停止：{X}",
    "pytest ended with exit code {n}": "pytest 以退出码 {n} 结束",
    "blocks thrown away because a clock moved: {n}": "因主频变化丢弃 {n} 块",
    "blocks thrown away because heat or power throttled the machine: {n}": "因过热或功率限制降频丢弃 {n} 块",
    "pairs that were copies of earlier ones: {n}": "另有 {n} 对与先前的耗时完全相同，不予计入",
    "failed, and not in the plan: {x}": "未列入计划却失败：{x}",
    # left out of the plan, or not run
    "needs a GPU, this run is on {w}: {x}": "需要 GPU，而本次在 {w} 上运行：{x}",
    "compares two revisions, this run judges one alone: {x}": "需要两个版本，而本次仅评判一个：{x}",
    # narrowed
    "only a part of {x} was asked for": "仅指定了 {x} 的一部分",
    "{x} was not collected: --ignore, norecursedirs or a conftest.py keeps it out": (
        "{x} 未被收集：被 --ignore、norecursedirs 或某个 conftest.py 排除"
    ),
    "{x} was not collected: {y}": "{x} 未被收集：{y}",
    "--damover-update-golden was given: goldens that are written are compared with nothing": (
        "使用了 --damover-update-golden：写入的金标不作任何比较"
    ),
    "{x} was given": "使用了 {x}",
    # notes
    "suite {w}: {n} of {n2} cases have no image_sha256: this run holds on to the images that it found": (
        "套件 {w}：{n2} 个用例中有 {n} 个没有 image_sha256，本次以当时找到的图像为准"
    ),
    "suite {w}: no case asks for {x}": "套件 {w}：没有用例需要 {x}",
    "offline: {x} was not asked, {y} was": "离线：未询问 {x}，改用 {y}",
    "{x} was asked for, which is {y}": "指定的 {x} 即 {y}",
    "{x} could not be reached, so nobody knows whether a tag has moved since {y}: {z}": (
        "无法连接 {x}，因此无从得知标签自 {y} 之后是否变动：{z}"
    ),
    "a part of the suite was not collected": "套件有一部分未被收集",
    "{x} did not run to its end": "{x} 未运行到结束",
    # damage
    "the last line is torn": "最后一行不完整",
    "line {n} is not a JSON object": "第 {n} 行不是 JSON 对象",
    "records after the end record": "结束记录之后还有其他记录",
    "record {n} carries sequence number {n2}": "第 {n} 条记录的序号为 {n2}",
    "the end record counts {x}, the journal holds {y}": "结束记录的计数为 {x}，日志中实有 {y}",
    "killed by signal {n}": "被信号 {n} 终止",
    "the image is missing": "图像缺失",
    "the baseline passes this case": "基线通过此用例",
    # faults, a line each
    # another run has the GPU or the processors
    "in use by another run ({X}) and still after {n} s": "另一次运行正在使用（{X}），等待 {n} 秒后仍未释放",
    "pid {n} of {w}, since {x} UTC": "进程 {n}，用户 {w}，自 {x} UTC 起",
    "it does not say which": "未写明是哪一次",
    "allowed: one run at a time": "允许：同一时间一次运行",
    "next: wait, or --damover-lock-timeout": "下一步：等待，或使用 --damover-lock-timeout",
    "{X}  [{w}]": "{X}  [{w}]",
    "allowed: {X}": "允许：{X}",
    "next: {X}": "下一步：{X}",
    "crashed {n} times and is not loaded again; first: {X}": "崩溃 {n} 次，不再加载；首次：{X}",
    "does not load again ({x}) after it crashed: {X}": "崩溃后无法重新加载（{x}）：{X}",
    "its process ended ({x}) during: {y}": "进程在 {y} 期间结束（{x}）",
    "it printed last: {x}": "最后的输出：{x}",
    "{x} took longer than {n} s": "{x} 超过 {n} 秒",
    "its process was killed": "进程已被终止",
}
