"""What `damover doctor` finds, and what it advises."""

DOCTOR = {
    # packages
    "{w} (at least {w2})": "{w}（至少 {w2}）",
    "not installed": "未安装",
    "install Python 3.10 or newer": "请安装 Python 3.10 或更高版本",
    "pip install -U pillow: older ones have known holes in their decoders": (
        "pip install -U pillow：旧版本的解码器有已知漏洞"
    ),
    "pip install -U filelock: older ones follow links that others planted": (
        "pip install -U filelock：旧版本会跟随他人放置的链接"
    ),
    "pip install -U torch: older ones can run code from weights loaded as weights only": (
        "pip install -U torch：旧版本以 weights_only 加载权重时仍可能执行代码"
    ),
    "pip install -U modelscope-hub: older ones take half a download for a whole one": (
        "pip install -U modelscope-hub：旧版本会把未下载完的文件当作完整文件"
    ),
    "filelock cannot be imported ({x})": "无法导入 filelock（{x}）",
    "the file system of the store has none ({x})": "存储所在的文件系统不支持锁（{x}）",
    "soft: filelock fell back to them": "软锁：filelock 退而采用之",
    "the system's": "系统锁",
    "move the store to a local disk: XDG_CACHE_HOME; soft locks outlive the process that is killed": (
        "请将存储移至本地磁盘：XDG_CACHE_HOME；进程被终止后软锁仍会残留"
    ),
    "{w} is set: torch.load would run what a weights file names": "设置了 {w}：torch.load 会执行权重文件所指定的代码",
    "unset {w}; no model is loaded while it is set": "请取消设置 {w}；设置期间不加载任何模型",
    "{w} is not set": "未设置 {w}",
    # GPU
    "none: {w} is not there": "无：没有 {w}",
    "damover_device = {w}: run where there is a GPU, or set auto": (
        "damover_device = {w}：请在有 GPU 的机器上运行，或设为 auto"
    ),
    "damover_device = {w}: {w2} hides it; set it otherwise, or unset it": (
        "damover_device = {w}：被 {w2} 隐藏；请改变或取消该设置"
    ),
    "damover_device = {w}: there are {n}; name one that is there": (
        "damover_device = {w}：共有 {n} 个；请指定存在的设备"
    ),
    "CUDA_VISIBLE_DEVICES={w} shows {n}": "CUDA_VISIBLE_DEVICES={w} 之下可见 {n} 个",
    "but torch is built for the CPU only": "但 torch 为仅支持 CPU 的版本",
    "install a CUDA build of torch": "请安装支持 CUDA 的 torch",
    "nvidia-smi fails: {X}": "nvidia-smi 失败：{X}",
    "no answer within {n} s": "{n} 秒内没有应答",
    "exit code {n}": "退出码 {n}",
    "repair or reload the driver, or remove it": "请修复、重新加载或移除驱动",
    # the hub
    "from the default": "来自默认值",
    **{f"from {name}": f"来自 {name}" for name in ("damover_hub", "MODELSCOPE_ENDPOINT")},
    "not asked: damover_offline is set": "未询问：设置了 damover_offline",
    "it answers": "有应答",
    "it answers {n}": "应答 {n}",
    "it does not answer ({x})": "没有应答（{x}）",
    "check the network and the proxy; what is in the store runs without: damover_offline = true": (
        "请检查网络与代理；已存储的版本可离线运行：damover_offline = true"
    ),
    "none is set": "未设置",
    "set damover_model = owner/name under [tool.pytest.ini_options]": (
        "请在 [tool.pytest.ini_options] 中设置 damover_model = owner/name"
    ),
    "no revision is there": "没有任何版本",
    # the store
    "{n} revision, {X}": "{n} 个版本，{X}",
    "{n} revisions, {X}": "{n} 个版本，{X}",
    "not there yet": "尚不存在",
    "{n} GiB free": "剩余 {n} GiB",
    "{n} MiB free": "剩余 {n} MiB",
    "{w} may not be written": "{w} 不可写",
    "{n} download not ended, {x}; the next of the same revision goes on from there": (
        "{n} 个下载未完成，{x}；下次下载同一版本时从该处继续"
    ),
    "{n} downloads not ended, {x}; the next of the same revision goes on from there": (
        "{n} 个下载未完成，{x}；下次下载同一版本时从该处继续"
    ),
    # the lock
    "no {w}: names may move": "没有 {w}：名称所指可能变动",
    "damover lock NAME …, and commit the file; or damover_locked = false": (
        "damover lock NAME … 并提交该文件；或设置 damover_locked = false"
    ),
    "revisions.lock cannot be used": "revisions.lock 无法使用",
    "{n} consent": "{n} 份同意",
    "{n} consents": "{n} 份同意",
    "{n} of them for bytes that are not locked": "其中 {n} 份所对应的内容未锁定",
    "put the files back; if the change is wanted: {x}": "请恢复文件；若更改属实：{x}",
    # confinement
    "not prevented: {X}": "未能阻止：{X}",
    "on a GPU any call to its driver stays possible": "在 GPU 上仍可任意调用其驱动",
    "needs Linux with seccomp": "需要支持 seccomp 的 Linux",
    "on x86_64 or aarch64": "x86_64 或 aarch64",
    "needs Linux 5.13 with Landlock (lsm=landlock,… at boot)": (
        "需要支持 Landlock 的 Linux 5.13（启动参数 lsm=landlock,…）"
    ),
    "needs Linux 5.13 with Landlock (lsm=landlock,… at boot) and seccomp": (
        "需要支持 seccomp 与 Landlock 的 Linux 5.13（启动参数 lsm=landlock,…）"
    ),
    "judge revisions that run code in a container or a virtual machine, or convert them: damover convert": (
        "请在容器或虚拟机中评判会执行代码的版本，或先转换：damover convert"
    ),
}
