#!/usr/bin/env python3
"""Includes go one way: base <- plan <- state <- routing <- engine <- {record, figures, sim, transcript} <- bindings/c.

The C headers of include/koble lie below all: their records, codes and constants are the words of the machine too. koble.hpp
is for hosts. Also: no circle between files, public headers include only public headers and the standard library, and a room of lib/ that
is not in the table below is an error. Usage: layers.py SOURCE_DIR
"""

import re
import sys
from pathlib import Path

# What each room may include, beside itself.
CORE = ["base", "plan", "state", "routing", "engine"]
ALLOWED = {room: set(CORE[:i]) for i, room in enumerate(CORE)}
ALLOWED["record"] = set(CORE)
ALLOWED["figures"] = set(CORE)
ALLOWED["sim"] = {*CORE, "record", "figures"}
ALLOWED["transcript"] = {*CORE, "record", "figures"}
ALLOWED["store"] = {*CORE, "record"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(path: Path) -> list[tuple[int, str, str]]:
    text = path.read_text(encoding="utf-8")
    return [(text.count("\n", 0, m.start(2)) + 1, m[1], m[2]) for m in INCLUDE.finditer(text)]


def circles(graph: dict[str, list[str]]) -> list[str]:
    """One line for each edge that closes a circle."""
    found: list[str] = []
    state: dict[str, int] = {}  # 1 = on the stack, 2 = done

    def visit(name: str, stack: list[str]) -> None:
        state[name] = 1
        for other in graph.get(name, []):
            if state.get(other) == 1:
                found.append("include circle: " + " -> ".join([*stack[stack.index(other) :], other]))
            elif other not in state:
                visit(other, [*stack, other])
        state[name] = 2

    for name in sorted(graph):
        if name not in state:
            visit(name, [name])
    return found


def main() -> int:
    root = Path(sys.argv[1]).resolve()
    lib = root / "lib"
    problems: list[str] = []
    graph: dict[str, list[str]] = {}

    for path in sorted(lib.rglob("*")):
        if path.suffix not in {".h", ".cc", ".inc"} or not path.is_file():
            continue
        name = path.relative_to(lib).as_posix()
        room = name.split("/")[0]
        if room not in ALLOWED:
            problems.append(f"lib/{name}: no such room; the rooms are {', '.join(ALLOWED)}")
            continue
        graph[name] = []
        for line, bracket, target in includes(path):
            first = target.split("/")[0]
            if bracket == '"' and first in ALLOWED:
                graph[name].append(target)
                if first != room and first not in ALLOWED[room]:
                    problems.append(f"lib/{name}:{line}: {room} must not include {first} ({target})")
            elif bracket == '"' and first != "koble":
                problems.append(f'lib/{name}:{line}: write "{room}/{target}": quoted includes start at lib/')
            elif first == "koble" and target.endswith(".hpp"):
                problems.append(f"lib/{name}:{line}: {target} is for hosts")

    for path in sorted((root / "include").rglob("*.h*")):
        name = path.relative_to(root / "include").as_posix()
        graph[name] = []
        for line, bracket, target in includes(path):
            if target.startswith("koble/"):
                graph[name].append(target)
            elif bracket == '"' or "/" in target:
                problems.append(f"include/{name}:{line}: a public header includes only <koble/...> and the standard library ({target})")

    problems += circles(graph)
    for problem in problems:
        print(problem)
    print(f"{len(graph)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
