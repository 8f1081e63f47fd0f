"""The phrases that say where the models ran, and what their code was kept from."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "protocol.note": "Note",
    "running.title": "Where the models ran",
    "running.process": "each in a child process of its own",
    "running.inline": "in the process that ran the tests",
    "running.unconfined": "Not confined: its code could read, write and send what the tests can.",
    "running.no_code": "Loading it runs no code of its own.",
    "running.consent": "Consent to the code of {revision}: {by}",
    "running.kept_from": "What their code was kept from",
    "running.open": "Not prevented here",
    "guard.environment": "your environment variables",
    "guard.home": "your home folder's settings and caches",
    "guard.limits": "using up memory, files and disk",
    "guard.network": "any network connection",
    "guard.writing": "writing outside a folder of its own",
    "guard.reading": "reading anything but the system, Python and the model",
    "guard.processes": "other processes",
    "guard.driver": "the drivers of devices",
}
_CHINESE = {
    "protocol.note": "说明",
    "running.title": "模型的运行位置",
    "running.process": "各自在独立的子进程中",
    "running.inline": "在执行测试的进程中",
    "running.unconfined": "未隔离：其代码能读、能写、能发送测试进程所能访问的一切。",
    "running.no_code": "加载时不执行模型自带的代码。",
    "running.consent": "同意执行 {revision} 的代码：{by}",
    "running.kept_from": "已阻止其代码的行为",
    "running.open": "本机未能阻止的行为",
    "guard.environment": "读取环境变量",
    "guard.home": "使用用户主目录中的设置与缓存",
    "guard.limits": "耗尽内存、文件与磁盘",
    "guard.network": "建立任何网络连接",
    "guard.writing": "在自有目录之外写入",
    "guard.reading": "读取系统、Python 与模型以外的内容",
    "guard.processes": "触及其他进程",
    "guard.driver": "访问设备驱动",
}

RUNNING: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
