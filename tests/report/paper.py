"""What Chromium printed: the text of every page of a PDF of its own making, with the standard library alone."""

from __future__ import annotations

import re
import zlib

Objects = dict[int, bytes]
_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_DRAWN = re.compile(rb"/(F\d+) [\d.]+ Tf|(BT)|<([0-9A-F]+)> Tj", re.IGNORECASE)
_ONE = re.compile(rb"<([0-9A-F]+)> <([0-9A-F]+)>\s*\n", re.IGNORECASE)
_RANGE = re.compile(rb"<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]+)>\s*\n", re.IGNORECASE)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, a line for each piece that was placed."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    return [_text(objects, page) for page in _pages_of(objects, _root(objects))]


def sizes_pt(pdf: bytes) -> set[tuple[float, float]]:
    """Width and height of the pages."""
    found = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return {(float(width), float(height)) for width, height in found}


def _root(objects: Objects) -> bytes:
    catalog = next(body for body in objects.values() if b"/Type /Catalog" in body)
    return objects[_reference(catalog, b"Pages")]


def _pages_of(objects: Objects, node: bytes) -> list[bytes]:
    if b"/Kids" not in node:
        return [node]
    kids = re.findall(rb"(\d+) 0 R", node[node.index(b"/Kids") :].partition(b"]")[0])
    return [page for kid in kids for page in _pages_of(objects, objects[int(kid)])]


def _text(objects: Objects, page: bytes) -> str:
    fonts = dict(re.findall(rb"/(F\d+) (\d+) 0 R", page))
    known: dict[int, str] = {}
    said, width = [], 4
    for font, begins, codes in _DRAWN.findall(_stream(objects[_reference(page, b"Contents")])):
        if font:
            body = objects[int(fonts[font])]
            known, width = _letters(objects, body), 4 if b"/Type0" in body else 2
        elif begins:
            said.append("\n")
        else:
            said += [known.get(int(codes[at : at + width], 16), "?") for at in range(0, len(codes), width)]
    return "".join(said)


def _letters(objects: Objects, font: bytes) -> dict[int, str]:
    """What each code of the font stands for."""
    table = _stream(objects[_reference(font, b"ToUnicode")])
    letters: dict[int, str] = {}
    for part in re.findall(rb"beginbfchar\s(.*?)endbfchar", table, re.DOTALL):
        letters |= {int(code, 16): _decoded(text) for code, text in _ONE.findall(part)}
    for part in re.findall(rb"beginbfrange\s(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in _RANGE.findall(part):
            start = int(first, 16)
            letters |= {code: chr(int(text, 16) + code - start) for code in range(start, int(last, 16) + 1)}
    return letters


def _decoded(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found is not None
    return int(found[1])


def _stream(body: bytes) -> bytes:
    data = body[body.index(b"stream") + len(b"stream") :].lstrip(b"\r\n")
    return zlib.decompressobj().decompress(data) if b"/FlateDecode" in body else data
