"""Many planted mistakes in one text, each switched on by its number: so they are all compiled once, and not one by one.

A mistake that changes whole statements, a condition or what a variable begins with is written beside what it replaces:

    if (koble_planted(7)) { MISTAKE } else { RIGHT }
    if (koble_planted(7) ? (MISTAKE) : (RIGHT)) {
    const bool x = koble_planted(7) ? (MISTAKE) : (RIGHT);

Others, and those that a compiler does not take so, are planted by themselves (run). Lines keep their places, so that a compiler's errors tell which it was.
"""

import re
from dataclasses import dataclass, field

# To be included first in each text; the process is told by its environment.
HEADER = """#ifndef KOBLE_PLANTED_H_
#define KOBLE_PLANTED_H_
#include <cstdlib>
inline bool koble_planted(int number) {
  static const int planted = [] {
    const char* text = std::getenv("KOBLE_PLANTED");
    return text == nullptr ? 0 : std::atoi(text);
  }();
  return planted == number;
}
#endif
"""

_CONDITION = re.compile(r"((?:\} )?(?:else )?(?:if|while) \()(.*)(\) \{)")
_ASSIGNS = re.compile(r"(?<![=!<>+\-*/&|^])=(?!=)")
_FUNCTION = re.compile(r"(.*\)(?: const)?(?: noexcept)?) \{ ?(.*?) ?\}")
_VARIABLE = re.compile(r"((?:const )?[A-Za-z_][\w:]*(?:<[^;]*?>)?[&*]* \*?\w+ = )([^;]+);")
_CONTROL = re.compile(r"(?:if|for|while|switch|do|else|return|case|default|using|delete|throw|break|continue|goto)\b")
_DECLARES = re.compile(r"(?:static |const |constexpr )|[A-Za-z_][\w:]*(?:<[^;]*?>)?[&*]* \w+(?: =|\(|\{|;)")


def bare(line: str) -> str:
    """Without indentation and comment."""
    return re.sub(r"(?:^|\s+)//.*$", "", line).strip()


def _is_whole(text: str) -> bool:
    """One statement or several."""
    depth = 0
    for letter in text:
        depth += letter in "({["
        depth -= letter in ")}]"
        if depth < 0:
            return False
    return depth == 0 and text.endswith((";", "}"))


def _declares(line: str) -> bool:
    return _DECLARES.match(line) is not None and _CONTROL.match(line) is None


@dataclass(frozen=True)
class Change:
    """Of adjacent lines: which, and what stands there instead."""

    first: int
    old: tuple[str, ...]  # bare
    new: tuple[str, ...]


@dataclass
class _Site:
    """A change's place, with all the mistakes that are made there."""

    shape: str  # statement, condition, variable or function
    parts: tuple[str, str, str]  # what stands before what may be replaced, that, and what stands behind it
    instead: list[tuple[int, str]] = field(default_factory=list)

    def text(self) -> str:
        before, right, behind = self.parts
        if self.shape in ("condition", "variable"):
            for number, wrong in reversed(self.instead):
                right = f"koble_planted({number}) ? ({wrong}) : ({right})"
            return before + right + behind
        chain = "".join(f"if (koble_planted({number})) {{ {wrong} }} else " for number, wrong in self.instead)
        return f"{before}{chain}{{ {right} }}{behind}"


def _shape(change: Change) -> tuple[_Site, str] | None:
    """Where it can be switched: the site, and what stands there instead."""
    old, new = " ".join(change.old), " ".join(change.new)
    conditions = _CONDITION.fullmatch(old), _CONDITION.fullmatch(new)
    if conditions[0] and conditions[1]:
        (before, right, behind), (before_new, wrong, _) = conditions[0].groups(), conditions[1].groups()
        if before != before_new or any(";" in part or _ASSIGNS.search(part) for part in (right, wrong)):
            return None
        return _Site("condition", (before, right, behind)), wrong
    variables = _VARIABLE.fullmatch(old), _VARIABLE.fullmatch(new)
    if variables[0] and variables[1] and _CONTROL.match(old) is None:
        if variables[0][1] != variables[1][1]:
            return None
        return _Site("variable", (variables[0][1], variables[0][2], ";")), variables[1][2]
    functions = _FUNCTION.fullmatch(old), _FUNCTION.fullmatch(new)
    if functions[0] and _CONTROL.match(old) is None and "[" not in functions[0][1]:
        if not functions[1] or functions[0][1] != functions[1][1]:
            return None
        return _Site("function", (functions[0][1] + " { ", functions[0][2], " }")), functions[1][2]
    lines = (*change.old, *change.new)
    if (old and not _is_whole(old)) or (new and not _is_whole(new)) or any(map(_declares, lines)):
        return None
    return _Site("statement", ("", old, "")), new


class Text:
    """Of a file, with mistakes that can be switched on."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.sites: dict[tuple[int, int], _Site] = {}  # by first line and number of lines
        self.taken: dict[int, tuple[int, int]] = {}  # lines that are changed, by whose site

    def _fits(self, change: Change, site: _Site) -> bool:
        key = change.first, len(change.old)
        known = self.sites.get(key)
        if known is not None:
            return known.shape == site.shape and known.parts == site.parts
        if change.first == len(self.lines) or any(line in self.taken for line in range(change.first, change.first + max(1, len(change.old)))):
            return False
        if site.shape != "statement":
            return True
        # A statement may be the body of what stands before it, or have an `else` behind it.
        before = next((text for text in (bare(line) for line in reversed(self.lines[: change.first])) if text), "")
        behind = next((text for text in (bare(line) for line in self.lines[change.first + len(change.old) :]) if text), "")
        return before.endswith((";", "{", "}", ":")) and not behind.startswith("else")

    def add(self, number: int, changes: list[Change]) -> bool:
        """Whether it could be."""
        shapes = [_shape(change) for change in changes]
        if not changes or any(shape is None or not self._fits(change, shape[0]) for change, shape in zip(changes, shapes, strict=True)):
            return False
        for change, shape in zip(changes, shapes, strict=True):
            key = change.first, len(change.old)
            site = self.sites.setdefault(key, shape[0])
            site.instead.append((number, shape[1]))
            for line in range(change.first, change.first + max(1, len(change.old))):
                self.taken[line] = key
        return True

    def written(self) -> str:
        lines = list(self.lines)
        for (first, count), site in self.sites.items():
            if count:
                lines[first : first + count] = [site.text(), *[""] * (count - 1)]
            else:  # before what stands there
                lines[first] = f"{site.text()} {lines[first]}"
        return "\n".join(lines) + "\n"

    def at(self, line: int) -> set[int]:
        """The numbers of those on this line, counted from 0."""
        key = self.taken.get(line)
        return {number for number, _ in self.sites[key].instead} if key is not None else set()
