"""What is wrong with a file that a person wrote (case, policy, waivers, golden, image), and what is allowed there."""

from __future__ import annotations

from collections.abc import Iterator

_NO_NUMBERS = ("{n}", "NaN", "Infinity", "-Infinity", "nan", "inf", "-inf")
_NUMBERS = {"a whole number": "整数", "a number": "数字"}
_LIMITS = {
    "{n} to {n2}": "{n} 至 {n2}",
    "at least {n}": "不小于 {n}",
    "at most {n}": "不大于 {n}",
    "above {n}": "大于 {n}",
    "below {n}": "小于 {n}",
    "at least {n} and below {n2}": "不小于 {n} 且小于 {n2}",
    "above {n} and at most {n2}": "大于 {n} 且不大于 {n2}",
    "above {n} and below {n2}": "大于 {n} 且小于 {n2}",
}
_COUNTED = {"a text": ("文本", "character", "个字符"), "a list": ("列表", "value", "个值")}
_COUNTS = {
    "{n}": "{n}",
    "{n} to {n2}": "{n} 至 {n2}",
    "at least {n}": "至少 {n}",
    "at most {n}": "至多 {n}",
}
_PLAIN = {
    "true or false": "true 或 false",
    "keys with values: {…}": "键与值：{{…}}",
    "a list in which nothing stands twice": "无重复项的列表",
    # what the schemas say their patterns allow
    "1 to 128 characters, no blank and none of [ ] / \\ : @": "1 至 128 个字符，不含空白及 [ ] / \\ : @",
    "1 to 64 characters, no blank": "1 至 64 个字符，不含空白",
    "1 to 64 characters, no blank, and not a free slice such as brightness:dark": (
        "1 至 64 个字符，不含空白，且不得是 brightness:dark 之类的内置切片"
    ),
    "64 hex digits in lower case": "64 位小写十六进制数字",
    "a slice that cases name, or a free one: {x}": "用例中的切片，或内置切片：{x}",
    "case, native or shared": "case、native 或 shared",
    "1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', and first a letter or a digit": (
        "1 至 64 个 A-Z、a-z、0-9、'.'、'_'、'-'，以字母或数字开头"
    ),
    "a day as text: 2026-12-31": "文本形式的日期：2026-12-31",
    "a rule as the verdict names it: ap50.margin": "判定结果中的规则名：ap50.margin",
    "at most 100 of a-z, 0-9, '_', '-'": "至多 100 个 a-z、0-9、'_'、'-'",
    "1 to 100 of a-z, 0-9, '_', '-'": "1 至 100 个 a-z、0-9、'_'、'-'",
    "a text that matches {x}": "匹配 {x} 的文本",
}


def _values() -> Iterator[tuple[str, str]]:
    yield from _PLAIN.items()
    for english, chinese in _NUMBERS.items():
        yield english, chinese
        yield from ((f"{english}, {limit}", f"{chinese}，{told}") for limit, told in _LIMITS.items())
    for english, (chinese, unit, told_unit) in _COUNTED.items():
        yield english, chinese
        for count, told in _COUNTS.items():
            yield from ((f"{english} of {count} {unit}{end}", f"{told} {told_unit}的{chinese}") for end in ("", "s"))


_VALUES = dict(_values())

FILES = {
    **_VALUES,
    **{f"or {english}": f"或{chinese}" for english, chinese in _VALUES.items()},
    # schemas
    "unknown key {q}": "未知的键 {q}",
    "unknown key {q} (perhaps {q2})": "未知的键 {q}（是否为 {q2}？）",
    "unknown keys {X}": "未知的键 {X}",
    "{q} (perhaps {q2})": "{q}（是否为 {q2}？）",
    "{q} (perhaps {q2}) and {n} more": "{q}（是否为 {q2}？）及另外 {n} 个",
    "{q} and {n} more": "{q} 及另外 {n} 个",
    "no key {q}": "缺少键 {q}",
    "no keys {q}": "缺少键 {q}",
    "{q} without {q2}": "有 {q} 而无 {q2}",
    "{q} beside it": "须同时有 {q}",
    "{q} beside them": "须同时有 {q}",
    "none of the keys that make a demand in {x}": "{x} 中没有任何提出要求的键",
    "{q} stands twice": "{q} 重复",
    "the keys {k}": "以下键：{k}",
    "at least one of {k}": "至少以下之一：{k}",
    "one of {q}": "以下之一：{q}",
    # JSON and TOML
    "cannot be read: {X}": "无法读取：{X}",
    "a readable file": "可读的文件",
    "an empty file": "空文件",
    "more than {n} bytes": "超过 {n} 字节",
    "at most {n} bytes": "至多 {n} 字节",
    "byte {n} is not UTF-8": "第 {n} 字节不是 UTF-8",
    "UTF-8 text": "UTF-8 文本",
    "one JSON value": "一个 JSON 值",
    "the key {r} stands twice in one object": "键 {r} 在同一对象中重复",
    **{f"the number {number}": f"数字 {number}" for number in _NO_NUMBERS},
    "the date or time {x}": "日期或时间 {x}",
    "half of a character in {x}": "{x} 中有不完整的字符",
    "nested more than {n} deep": "嵌套超过 {n} 层",
    "more than {n} values": "超过 {n} 个值",
    "JSON with unique keys, finite numbers and whole characters, at most {n} deep": (
        "键不重复、数字有限、字符完整、嵌套不超过 {n} 层的 JSON"
    ),
    "TOML of texts, finite numbers, booleans, arrays and tables, at most {n} deep": (
        "由文本、有限数字、布尔值、数组与表组成、嵌套不超过 {n} 层的 TOML"
    ),
    "line {n} column {n2}: {X}": "第 {n} 行第 {n2} 列：{X}",
    "Expecting value": "此处应为一个值",
    "Expecting property name enclosed in double quotes": "此处应为双引号括起的键",
    "Expecting {w} delimiter": "此处应为 {w}",
    "Extra data": "多余的内容",
    "Unterminated string starting at": "此处开始的文本没有结束",
    "Invalid control character at": "不允许的控制字符",
    "not TOML: {X}": "不是 TOML：{X}",
    "{X} (at line {n}, column {n2})": "{X}（第 {n} 行第 {n2} 列）",
    "{X} (at end of document)": "{X}（文件末尾）",
    "Invalid value": "无效的值",
    "Invalid statement": "无效的语句",
    "Expected '=' after a key in a key/value pair": "键之后应为 '='",
    "Expected ']' at the end of a table declaration": "表名之后应为 ']'",
    "Expected newline or end of document after a statement": "语句之后应换行",
    "Cannot overwrite a value": "值重复",
    "Cannot declare {x} twice": "{x} 重复",
    "Unterminated string": "文本没有结束",
    "Unclosed array": "数组没有结束",
    # the system's words
    "No such file or directory": "没有此文件或目录",
    "Permission denied": "没有权限",
    "Is a directory": "是一个目录",
    "Not a directory": "不是目录",
    "No space left on device": "磁盘已满",
    "Read-only file system": "文件系统只读",
    # cases
    "cases or tests that are not read here": "此处的用例或测试不会被读取",
    "move or rename it": "移动或重命名",
    "case files directly in {x}": "用例文件直接放在 {x} 中",
    "a file name that is not UTF-8": "文件名不是 UTF-8",
    "the name {x} is taken by a case in {y}": "名称 {x} 已被 {y} 中的用例使用",
    "names that differ in more than upper and lower case": "不只是大小写不同的名称",
    "{n} is less than min_objects {n2}": "{n} 小于 min_objects {n2}",
    "at least {n}": "至少 {n}",
    "{x} has no area": "{x} 没有面积",
    "x1 < x2 and y1 < y2": "x1 < x2 且 y1 < y2",
    "false demands nothing": "false 没有提出任何要求",
    "true, or tolerances": "true 或容差",
    "leave the key out": "删除此键",
    "{X} is looser than {Y}, and no reason is given": "{X} 比 {Y} 宽松，且未说明理由",
    'at most {X}, or a "reason" beside them': '至多 {X}，或同时写明 "reason"',
    # waivers
    "the id {r} stands twice": "编号 {r} 重复",
    "ids that differ in more than upper and lower case": "不只是大小写不同的编号",
    "{r} is no day": "{r} 不是日期",
    "a day of the calendar: {w}": "日历中存在的日期：{w}",
    "both cases and a rule": "同时有 cases 与 rule",
    "neither cases nor a rule": "既无 cases 也无 rule",
    "exactly one of {k}": "恰好以下之一：{k}",
    **{f"{key} without a rule": f"有 {key} 而无 rule" for key in ("slice", "worst")},
    **{f"{key} beside rule": f"{key} 与 rule 同时使用" for key in ("slice", "worst")},
    # images
    "not a plain relative path": "不是普通的相对路径",
    "its folder leads out of the suite through a link": "其目录经链接指向套件之外",
    "a link that leads out of the suite": "指向套件之外的链接",
    "cannot be read ({X})": "无法读取（{X}）",
    "not a regular file": "不是普通文件",
    "a regular file below the suite's folder, as a relative path with forward slashes and without '..'": (
        "套件目录之下的普通文件，写成用正斜杠、不含 '..' 的相对路径"
    ),
    "correct the case": "修改该用例",
    "the file changed while it was in use": "文件在使用期间发生变化",
    "one picture during one run": "一次运行中始终是同一图像",
    "not a picture of a format we accept": "不是可接受格式的图像",
    "cannot be decoded ({x})": "无法解码（{x}）",
    "an undamaged picture": "完好的图像",
    "{n} x {n2} pixels": "{n} x {n2} 像素",
    "{n} to {n2} pixels": "{n} 至 {n2} 像素",
    "{n} bytes": "{n} 字节",
    "an animation": "动画",
    "one picture": "单张图像",
    "grey values of type {w}": "{w} 类型的灰度值",
    "8 or 16 bits a channel": "每通道 8 或 16 位",
    "replace the picture": "更换图像",
}
