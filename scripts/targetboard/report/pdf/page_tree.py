"""An HTML page of this package as a tree of plain values that the PDF template can set.

Reading our own finished pages, instead of a second set of templates, makes both papers say the same: a section added to
the report stands in the PDF as well. Only what the page's style sheet prints is kept: folded parts marked ``on-paper``,
not the table of contents. The tree holds text and numbers; nothing in it is ever read as markup again.

A block is a mapping with ``b``: ``h`` (level), ``p``, ``ul``, ``dl``, ``table``, ``svg``, ``group`` or ``columns``;
``c`` holds its classes and ``k`` its content. An inline is text, or a mapping with ``i`` and ``k``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from targetboard.report.pdf.glyphs import drawable

Block = dict[str, Any]
Inline = str | dict[str, Any]

_VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})
_DROPPED_TAGS = frozenset({"head", "nav", "script", "style", "title", "desc"})
_DROPPED_CLASSES = frozenset({"skip", "no-print", "contents"})
_HEADINGS = MappingProxyType({"h1": 1, "h2": 2, "h3": 3, "summary": 3})
_BLOCK_SPANS = frozenset({"drug", "alteration", "measure", "badges", "codes", "settle"})
_COLUMNS = frozenset({"identity", "assay"})
_CASE = MappingProxyType({"viewbox": "viewBox"})
_SVG_ATTRIBUTES = frozenset(
    {
        *("viewBox", "width", "height", "class", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "dx", "dy"),
        *("points", "transform"),
    }
)
_PUBMED = re.compile(r"https://pubmed\.ncbi\.nlm\.nih\.gov/[0-9]{1,9}/")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_RULE = re.compile(r"(?:^|[}\n])\s*(svg [^{}]*)\{([^{}]*)\}")
_VARIABLE = re.compile(r"--([a-z-]+):\s*([^;]+);")
_LONG_WORD = re.compile(r"((?=\S*[_/0-9])\S{20,}|\S{30,})")
_PIECE = re.compile(r"[^_/.:-]{1,12}[_/.:-]*|[_/.:-]{1,12}")
_LONGEST_WORD = 17
_SHORTEST = 5.0
_UNBROKEN = 1500
_WIDEST, _HIGHEST, _POINTS_OF_A_PIXEL = 470.0, 660.0, 0.72
_PIXELS_OF_A_CHARACTER = 5.2


@dataclass(slots=True)
class _Element:
    """One element of the page."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[_Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def text(self) -> str:
        """All text below, spaces collapsed."""
        parts = (child if isinstance(child, str) else child.text() for child in self.children)
        return _SPACE.sub(" ", "".join(parts)).strip()

    def find(self, tag: str) -> Iterable[_Element]:
        """Elements of a tag below, in document order."""
        for child in self.children:
            if isinstance(child, _Element):
                if child.tag == tag:
                    yield child
                yield from child.find(tag)


class _Reader(HTMLParser):
    """Builds the elements; our pages are well formed, so that every end tag closes the open element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Element("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {_CASE.get(name, name): value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def page_tree(html: str, line: float) -> list[Block]:
    """Blocks of a page's body, in reading order.

    Parameters
    ----------
    html
        A page made by a renderer of this package.
    line
        Characters of body type that fit on a line of the paper, which a table's columns share.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    style = "".join(_svg_rules(style.text()) for style in reader.root.find("style"))
    body = next(iter(reader.root.find("body")))
    return _Converter(style, line).blocks(body.children)


def _svg_rules(css: str) -> str:
    """Rules of a style sheet for figures, with its variables filled in: an image knows no other sheet."""
    variables = dict(_VARIABLE.findall(css))
    rules = (
        f"{selector.strip()}{{{body.strip()}}}" for selector, body in _RULE.findall(css.replace("} svg", "}\nsvg"))
    )
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: variables.get(found[1], "black"), "".join(rules))


@dataclass(slots=True, frozen=True)
class _Converter:
    """Elements to blocks; ``style`` goes into every figure, ``line`` is shared by a table's columns."""

    style: str
    line: float

    def blocks(self, children: Iterable[_Element | str]) -> list[Block]:
        """Blocks of mixed content: runs of inline content become paragraphs."""
        found: list[Block] = []
        run: list[Inline] = []

        def close(classes: list[str]) -> None:
            content = _trimmed(run)
            if content:
                found.append({"b": "p", "c": classes, "k": content})
            run.clear()

        for child in children:
            if isinstance(child, str):
                run.append(child)
            elif self._is_dropped(child):
                continue
            elif self._is_block_span(child):
                close([])
                found += self._span_block(child)
            elif self._is_inline(child):
                run.append(self._inline(child))
            else:
                close([])
                found += self._block(child)
        close([])
        return found

    @staticmethod
    def _is_dropped(element: _Element) -> bool:
        classes = element.classes
        folded = element.tag == "details" and "on-paper" not in classes
        return folded or element.tag in _DROPPED_TAGS or bool(_DROPPED_CLASSES.intersection(classes))

    @staticmethod
    def _is_inline(element: _Element) -> bool:
        return element.tag in ("span", "a", "strong", "em", "b", "i", "br")

    @staticmethod
    def _is_block_span(element: _Element) -> bool:
        classes = element.classes
        small = "small" in classes and "inline" not in classes
        return element.tag in ("span", "a") and (small or bool(_BLOCK_SPANS.intersection(classes)))

    def _span_block(self, element: _Element) -> list[Block]:
        """A span that stands on its own line; its classes go to the paragraphs in it."""
        inner = self.blocks(element.children)
        for block in inner:
            block["c"] = [*element.classes, *block["c"]]
        return inner

    def _block(self, element: _Element) -> list[Block]:
        classes = element.classes
        if element.tag in _HEADINGS:
            content = _trimmed([self._as_inline(child) for child in element.children])
            return [{"b": "h", "level": _HEADINGS[element.tag], "c": classes, "k": content}] if content else []
        if element.tag == "p":
            inner = self.blocks(element.children)
            for block in inner:
                block["c"] = [*classes, *block["c"]]
            return inner
        if element.tag in ("ul", "ol"):
            items = [self.blocks(c.children) for c in element.children if isinstance(c, _Element) and c.tag == "li"]
            return [{"b": "ul", "c": classes, "k": [item for item in items if item]}]
        if element.tag == "dl":
            return [self._description_list(element)]
        if element.tag == "table":
            return [self._table(element)]
        if element.tag == "svg":
            return [self._figure(element)]
        return self._container(element)

    def _container(self, element: _Element) -> list[Block]:
        """A section, a division or a folded part that is printed."""
        classes = element.classes
        inner = self.blocks(element.children)
        if _COLUMNS.intersection(classes):
            parts = [self.blocks([child]) for child in element.children if isinstance(child, _Element)]
            for block in (block for part in parts for block in part if block["b"] == "dl"):
                block["c"] = ["narrow", *block["c"]]
            return [{"b": "columns", "c": classes, "k": parts}]
        if element.tag == "figure" or any(name.startswith("group-") for name in classes):
            breakable = element.tag != "figure"
            return [{"b": "group", "c": [*classes, element.tag], "breakable": breakable, "k": inner}]
        if {"glance", "short", "inherited", "treatment"}.intersection(classes):
            breakable = "glance" in classes or len(element.text()) > _UNBROKEN
            return [{"b": "group", "c": ["box", *classes], "breakable": breakable, "k": inner}]
        return inner

    def _description_list(self, element: _Element) -> Block:
        pairs = []
        for division in element.find("div"):
            terms = [c for c in division.children if isinstance(c, _Element) and c.tag in ("dt", "dd")]
            pairs.append([self.blocks(part.children) for part in terms])
        return {"b": "dl", "c": element.classes, "k": [pair for pair in pairs if len(pair) == 2]}

    def _table(self, element: _Element) -> Block:
        rows = [[cell for cell in row.children if isinstance(cell, _Element)] for row in element.find("tr")]
        head_rows = [row for part in element.find("thead") for row in part.find("tr")]
        cells = [self._row(row) for row in rows]
        caption = next(iter(element.find("caption")), None)
        shown = caption is not None and "hidden" not in caption.classes
        return {
            "b": "table",
            "c": element.classes,
            "head": cells[: len(head_rows)],
            "k": cells[len(head_rows) :],
            "widths": _widths(rows, self.line),
            "caption": drawable(caption.text()) if caption is not None and shown else "",
        }

    def _row(self, row: list[_Element]) -> list[Block]:
        """Cells of a row, which stays on one page unless its text is long."""
        breakable = sum(len(cell.text()) for cell in row) > _UNBROKEN
        return [self._cell(cell, breakable=breakable) for cell in row]

    def _cell(self, cell: _Element, *, breakable: bool) -> Block:
        return {
            "breakable": breakable,
            "c": cell.classes,
            "span": int(cell.attributes.get("colspan", "1")),
            "row_head": cell.tag == "th",
            "k": self.blocks(cell.children),
        }

    def _figure(self, element: _Element) -> Block:
        """A figure as SVG text of its own, with its title and description as the text for those who cannot see it."""
        width, height = (float(element.attributes.get(name, "100")) for name in ("width", "height"))
        told = [part.text() for tag in ("title", "desc") for part in element.find(tag)]
        return {
            "b": "svg",
            "c": element.classes,
            "svg": _svg(element, self.style),
            "width": round(min(width * _POINTS_OF_A_PIXEL, _WIDEST, _HIGHEST * width / height), 2),
            "alt": drawable(". ".join(part for part in told if part)),
            "k": [],
        }

    def _as_inline(self, child: _Element | str) -> Inline:
        if isinstance(child, str):
            return child
        return "" if self._is_dropped(child) else self._inline(child)

    def _inline(self, element: _Element) -> Inline:
        classes = element.classes
        inner = [self._as_inline(child) for child in element.children]
        tone = next((name.removeprefix("tone-") for name in classes if name.startswith("tone-")), "plain")
        if "badge" in classes:
            return {"i": "badge", "tone": tone, "k": _trimmed(inner)}
        for name in ("code", "mono", "missing", "small", "gene", "vaf", "history"):
            if name in classes:
                return {"i": name, "k": _joined(inner)}
        if element.tag == "a" and _PUBMED.fullmatch(element.attributes.get("href", "")):
            return {"i": "link", "url": element.attributes["href"], "k": _joined(inner)}
        if element.tag in ("strong", "b") or "strong" in classes:
            return {"i": "strong", "k": _joined(inner)}
        return {"i": "span", "k": _joined(inner)}


def _joined(parts: Iterable[Inline]) -> list[Inline]:
    """Inline content with spaces collapsed and characters that no font draws shown escaped."""
    found: list[Inline] = []
    for part in parts:
        if not isinstance(part, str):
            found.append(part)
        elif text := _SPACE.sub(" ", part):
            found += _with_breaks(drawable(text))
    return found


def _with_breaks(text: str) -> Iterable[Inline]:
    """Text in which a word too long for a line (a digest, an address) stands in pieces that may part."""
    for position, part in enumerate(_LONG_WORD.split(text)):
        if position % 2:
            yield {"i": "pieces", "k": _PIECE.findall(part)}
        elif part:
            yield part


def _trimmed(parts: Iterable[Inline]) -> list[Inline]:
    """Joined inline content without spaces at its ends."""
    found = _joined(parts)
    if found and isinstance(found[0], str):
        found[0] = found[0].lstrip(" ")
    if found and isinstance(found[-1], str):
        found[-1] = found[-1].rstrip(" ")
    return [part for part in found if part != ""]


def _widths(rows: list[list[_Element]], line: float) -> list[float]:
    """Widths of columns in characters: room for the longest word, and the rest of the line by the usual length."""
    plain = [row for row in rows if all("colspan" not in cell.attributes for cell in row)]
    least, usual = [], []
    for position in range(max(map(len, plain), default=0)):
        cells = [row[position] for row in plain if position < len(row)]
        texts = sorted((len(cell.text()) for cell in cells), reverse=True)
        words = (len(word) for cell in cells for word in re.split(r"[ -]", cell.text()))
        figures = (
            float(svg.attributes.get("width", "0")) / _PIXELS_OF_A_CHARACTER for c in cells for svg in c.find("svg")
        )
        badges = (len(e.text()) for cell in cells for e in cell.find("span") if "badge" in e.classes)
        word = min(_LONGEST_WORD, max([*words, *badges], default=0))
        least.append(max(_SHORTEST, word * 1.12 + 2, max(figures, default=0) + 2))
        usual.append(float(texts[len(texts) // 4]) ** 0.75 if texts else 0.0)
    spare = max(0.0, line - sum(least))
    wanted = [max(0.5, long - short) for long, short in zip(usual, least, strict=True)]
    return [round(short + spare * want / sum(wanted), 2) for short, want in zip(least, wanted, strict=True)]


def _svg(element: _Element, style: str) -> str:
    """An SVG document of the figure; text is escaped, and only attributes of geometry are kept."""
    kept = {name: value for name, value in element.attributes.items() if name in _SVG_ATTRIBUTES}
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in kept.items())
    if element.tag == "svg":
        attributes = f' xmlns="http://www.w3.org/2000/svg"{attributes}'
    inner = "".join(
        escape(drawable(child)) if isinstance(child, str) else _svg(child, "")
        for child in element.children
        if isinstance(child, str) or child.tag not in ("title", "desc")
    )
    sheet = f"<style>{escape(style)}</style>" if element.tag == "svg" else ""
    return f"<{element.tag}{attributes}>{sheet}{inner}</{element.tag}>"
