"""What the commands on revisions say, by language: `revisions`, `lock` and the consent that it asks for, `convert`."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_damover.report.words import Words

_ENGLISH = {
    "list.of": "{model} on {place}",
    "list.no_room": "no room for: {titles}; a wider terminal or --json has all",
    "list.name": "name",
    "list.kind": "kind",
    "list.commit": "commit",
    "list.date": "date",
    "list.size": "size",
    "list.digest": "digest",
    "list.locked": "locked",
    "list.consent": "consent",
    "list.current": "current",
    "list.aliases": "aliases",
    "list.message": "message",
    "list.tag": "tag",
    "list.branch": "branch",
    "list.refused": "refused",
    "list.yes": "yes",
    "list.no": "no",
    "list.moved": "MOVED",
    "list.unknown": "?",
    "lock.new": "new",
    "lock.unchanged": "unchanged",
    "lock.changed": "CHANGED",
    "lock.files": "{n} file, {size}|{n} files, {size}",
    "lock.line": "{name}  {what}  {files}, digest {digest}",
    "lock.came": "it came from {before}, and now comes from {now}",
    "lock.moved": "{model} {tag} HAS MOVED: it was digest {digest}",
    "lock.removed": "removed",
    "lock.without": "had no consent",
    "lock.revoked": "consent of {by}, {at}, taken back",
    "lock.gone": "the consent of {by}, {at}, to digest {digest} goes with the bytes it was given to",
    "consent.not_needed": "loading it runs no code ({kind}): it needs no consent, and none is recorded",
    "consent.runs": "loading it may run:",
    "consent.ask": "May {tag} ({digest}) run this when it is loaded? [y/N] ",
    "consent.declined": "not consented",
    "consent.given": "consented by {by}, {at}",
    "consent.already": "already consented by {by}, {at}",
    "twin.same": "{tag} and its twin find the same, to the last bit: {detections:,} detections in {images:,} images",
    "twin.next": "next: {step}",
    "twin.hub": "put it into a hub, then: {command}",
}
_CHINESE = {
    "list.of": "{place} 上的 {model}",
    "list.no_room": "宽度不足，未显示：{titles}；请加宽终端，或用 --json 查看全部",
    "list.name": "名称",
    "list.kind": "类型",
    "list.commit": "提交",
    "list.date": "日期",
    "list.size": "大小",
    "list.digest": "摘要",
    "list.locked": "锁定",
    "list.consent": "同意",
    "list.current": "现行",
    "list.aliases": "别名",
    "list.message": "说明",
    "list.tag": "标签",
    "list.branch": "分支",
    "list.refused": "被拒",
    "list.yes": "是",
    "list.no": "否",
    "list.moved": "已变动",
    "list.unknown": "?",
    "lock.new": "新增",
    "lock.unchanged": "未变",
    "lock.changed": "已变",
    "lock.files": "{n} 个文件，{size}",
    "lock.line": "{name}  {what}  {files}，摘要 {digest}",
    "lock.came": "原来自 {before}，现来自 {now}",
    "lock.moved": "{model} {tag} 已变动：原摘要为 {digest}",
    "lock.removed": "已移除",
    "lock.without": "没有同意记录",
    "lock.revoked": "已撤回 {by} 于 {at} 的同意",
    "lock.gone": "{by} 于 {at} 对摘要 {digest} 的同意随其对应内容一并移除",
    "consent.not_needed": "加载时不执行代码（{kind}）：无需同意，也不作记录",
    "consent.runs": "加载时可能执行：",
    "consent.ask": "是否允许 {tag}（{digest}）在加载时执行以上内容？[y/N] ",
    "consent.declined": "未同意",
    "consent.given": "{by} 于 {at} 同意",
    "consent.already": "此前已由 {by} 于 {at} 同意",
    "twin.same": "{tag} 与其孪生版本的结果逐位相同：{images:,} 张图像，{detections:,} 个检测",
    "twin.next": "下一步：{step}",
    "twin.hub": "请放入模型库，然后：{command}",
}

PHRASES: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}


def words_in(lang: str) -> Words:
    """The phrases of `lang` ("en" or "zh")."""
    return Words(lang, PHRASES[lang], {})
