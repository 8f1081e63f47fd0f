"""Why a run does not begin: names that mean nothing, bytes that nobody locked or consented to, no room, no device."""

REFUSALS = {
    # models and revisions
    "{r} is not a model id": "{r} 不是模型名称",
    "owner/name of letters, digits, '.', '_', '-'": "由字母、数字、'.'、'_'、'-' 组成的 owner/name",
    "no model was named": "未指定模型",
    "{r} is not a hub": "{r} 不是模型库",
    **{f"set damover_{name}": f"设置 damover_{name}" for name in ("hub", "model", "detector", "runner", "lock_folder")},
    "{r} is not a revision name": "{r} 不是版本名称",
    "1 to 128 letters, digits, '.', '_', '/', '-'; no '..', no leading '-' or '/'": (
        "1 至 128 个字母、数字、'.'、'_'、'/'、'-'；不含 '..'，不以 '-' 或 '/' 开头"
    ),
    "give names as the hub lists them: damover revisions": "请使用模型库列出的名称：damover revisions",
    "{w} has no model {p}": "{w} 没有模型 {p}",
    "{w} has no revision {r} of {p}": "{w} 没有 {p} 的版本 {r}",
    "no revision at all": "没有任何版本",
    "no tag at all": "没有任何标签",
    "no release among the tags matches {r}": "标签中没有符合 {r} 的发布版",
    "{w} means {x} alike, which SemVer ranks equal": "{w} 同时指 {x}，而 SemVer 视其相等",
    "the hub has two revisions called {w}: {x}": "模型库有两个名为 {w} 的版本：{x}",
    "a word that means one revision": "只指一个版本的名称",
    "'current' means nothing yet: there is no ledger of promotions and no alias 'current'": (
        "'current' 尚无含义：没有上线记录，也没有别名 'current'"
    ),
    "a revision or an alias": "版本或别名",
    "say which: {x}": "请指明：{x}",
    "name one: {x}": "请指定其一：{x}",
    "ask by commit": "请按提交号指定",
    # the hub
    "{p} is not accepted": "不接受 {p}",
    "{r} is not accepted": "不接受 {r}",
    "https://HOST; http only for loopback; no password or query in it": (
        "https://HOST；仅本机回环地址可用 http；不含密码与查询参数"
    ),
    "the ModelScope client cannot be imported ({x})": "无法导入 ModelScope 客户端（{x}）",
    "modelscope-hub 0.5.1 or later": "modelscope-hub 0.5.1 或更高版本",
    "look at the network and at damover_hub, and try again: what was loaded is kept": (
        "请检查网络与 damover_hub 后重试：已下载的内容会保留"
    ),
    "try again, or check damover_model and the endpoint": "请重试，或检查 damover_model 与服务地址",
    "{p} {w} ({w2}) is not on this machine": "{p} {w}（{w2}）不在本机",
    "a revision that was fetched before": "此前已下载的版本",
    "once, with the network: {x}": "请先联网运行一次：{x}",
    # the lock, and consent
    "is not there": "不存在",
    "a lock of the revisions that run, since this run is to be locked": "本次要求锁定，须有所运行版本的锁文件",
    "damover lock {x}, and commit it; or run unlocked: {y}": "damover lock {x} 并提交；或不加锁运行：{y}",
    "{p} {w} is not locked": "{p} {w} 未锁定",
    "no revision of this model is": "此模型没有任何已锁定的版本",
    "the bytes that were locked": "锁定时的内容",
    "compare the files; if they are what you want: {x}": "请比较文件；若确认无误：{x}",
    "{x} was {n} bytes with SHA-256 {w} and is {n2} bytes with SHA-256 {w2}": (
        "{x} 原为 {n} 字节、SHA-256 {w}，现为 {n2} 字节、SHA-256 {w2}"
    ),
    "loading it may run code ({X}), and nobody consented to that": "加载时可能执行代码（{X}），且无人同意",
    "loading it may run code ({X}), and nobody consented to that: {y} consented to other bytes, of digest {w}": (
        "加载时可能执行代码（{X}），且无人同意：{y} 所同意的是摘要为 {w} 的其他内容"
    ),
    "a revision that runs nothing, or a consent to digest {w} in {w2}": (
        "不执行代码的版本，或在 {w2} 中对摘要 {w} 的同意记录"
    ),
    # files of a revision, and room for them
    "{x} has {n} bytes instead of {n2}": "{x} 为 {n} 字节，应为 {n2}",
    "{x} has SHA-256 {w} instead of {w2}": "{x} 的 SHA-256 为 {w}，应为 {w2}",
    "{x} does not belong to the revision": "{x} 不属于该版本",
    "exactly the files of the revision's manifest, as regular files": "恰好是该版本清单中的普通文件",
    "remove that folder or put the revision there anew": "删除该目录，或重新放置该版本",
    "{x} needs {n} more bytes and the disk has {n2} free": "{x} 还需 {n} 字节，磁盘仅剩 {n2}",
    "free some room there, or move the store: XDG_CACHE_HOME": "请腾出空间，或移动存储位置：XDG_CACHE_HOME",
    "cannot be written: {X}": "无法写入：{X}",
    "make it a folder that you may write, or move it: XDG_CACHE_HOME": "请改为可写的目录，或移动：XDG_CACHE_HOME",
    "a place with room that may be written": "有空间且可写的位置",
    "a run folder with plan.json and journal.jsonl": "含 plan.json 与 journal.jsonl 的运行目录",
    # devices
    "{r} is not a device": "{r} 不是设备",
    "{w} was asked for and torch sees {n} CUDA device": "指定了 {w}，而 torch 只见到 {n} 个 CUDA 设备",
    "{w} was asked for and torch sees {n} CUDA devices": "指定了 {w}，而 torch 只见到 {n} 个 CUDA 设备",
    "auto, cpu, cuda, cuda:N with a GPU of that number": "auto、cpu、cuda，或存在相应编号 GPU 的 cuda:N",
    "--damover-device auto, or see damover doctor": "--damover-device auto，或运行 damover doctor",
}
