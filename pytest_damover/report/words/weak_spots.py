"""The phrases of the section on weak spots."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = {
    "section.weak_spots": "Weak spots",
    "rule.discovery": "Weak spots",
    "weak.note": "A search for slices that nobody named: brightness, contrast, blur, size and number of objects, each "
    "also within the named slices. Whoever tries many finds one that lost by chance. So one half of the images picks, "
    "and the other half, which had no part in it, is asked. Nothing here makes a verdict better.",
    "weak.tried": "{n} slice of at least {least} images was tried on the first half ({images} images).|"
    "{n} slices of at least {least} images were tried on the first half ({images} images).",
    "weak.picked": "{n} was picked and tested on the second half ({images} images).|"
    "{n} were picked and tested on the second half ({images} images), each without the images of those above it.",
    "weak.none": "None of them lost AP50, so none was picked.",
    "weak.against": "p is the chance of such a loss if the true difference were {limit}, corrected for the number "
    "tested (Holm).",
    "weak.level": "Confirmed: p is at most {most}, one side of a {level} interval.",
    "weak.within": "{inner} within {outer}",
    "weak.first": "First half",
    "weak.second": "Second half",
    "weak.images": "{n} image|{n} images",
    "weak.objects": "{n} object|{n} objects",
    "weak.said.confirmed": "confirmed",
    "weak.said.open": "not confirmed",
    "weak.said.few": "too few images left to test it",
}
_CHINESE = {
    "section.weak_spots": "薄弱处",
    "rule.discovery": "薄弱处",
    "weak.note": "在无人命名的切片中搜索：亮度、对比度、清晰度、目标大小与数量，以及它们在各命名切片之内的部分。"
    "尝试得多了，总会碰巧找到一个有损失的。因此由一半图像挑选，再由未参与挑选的另一半检验。本节的任何内容都不会使结论变好。",
    "weak.tried": "在前一半（{images} 幅图像）上尝试了 {n} 个切片，每个至少 {least} 幅图像。",
    "weak.picked": "选出 {n} 个，在后一半（{images} 幅图像）上检验，每个都不含排在它之前者的图像。",
    "weak.none": "其中没有 AP50 下降的切片，因此未选出任何切片。",
    "weak.against": "p 为真实差值等于 {limit} 时出现这样大损失的概率，已按检验个数校正（Holm）。",
    "weak.level": "p 不超过 {most}（{level} 置信区间的单侧）为“已证实”。",
    "weak.within": "{outer} 之内的 {inner}",
    "weak.first": "前一半",
    "weak.second": "后一半",
    "weak.images": "{n} 幅图像",
    "weak.objects": "{n} 个目标",
    "weak.said.confirmed": "已证实",
    "weak.said.open": "未证实",
    "weak.said.few": "剩余图像过少，无法检验",
}

WEAK_SPOTS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh": _CHINESE}
