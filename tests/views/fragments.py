"""Reading HTML fragments in tests: balanced tags, elements by class."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"img", "br", "meta", "input", "rect", "path", "circle", "image"}  # the SVG ones are always self-closed


class Reader(HTMLParser):
    """Collects elements and text; ``faults`` lists tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        self.words.append(data)


def read(fragment: str) -> Reader:
    """Parse a fragment to its end."""
    reader = Reader()
    reader.feed(fragment)
    reader.close()
    return reader


def balanced(fragment: str) -> bool:
    reader = read(fragment)
    return not reader.faults and not reader.open


def of_class(fragment: str, name: str) -> list[dict[str, str]]:
    """Attributes of all elements that carry the class."""
    return [a for _, a in read(fragment).elements if name in (a.get("class") or "").split()]


def words(fragment: str) -> str:
    return " ".join(" ".join(read(fragment).words).split())
