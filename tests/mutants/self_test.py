#!/usr/bin/env python3
"""Mistakes beside what they replace: what can be switched on is written as it should be, and what cannot is left to be planted by itself. Usage: self_test.py"""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from switches import Change, Text, bare  # noqa: E402


def written(text: str, *changes: tuple[int, str, str]) -> str | None:
    """The text with mistakes 1, 2, ... in it, each given by its first line, its lines and what stands there instead; None where one of them cannot be."""
    lines = text.splitlines()
    of = Text(lines)
    for number, (first, old, new) in enumerate(changes, 1):
        change = Change(first, tuple(map(bare, old.splitlines())), tuple(map(bare, new.splitlines())))
        if not of.add(number, [change]):
            return None
    return of.written()


class Switches(unittest.TestCase):
    def test_statements(self) -> None:
        text = "{\n  a();  // why\n  b();\n}"
        self.assertEqual(written(text, (1, "  a();  // why", "c();")), "{\nif (koble_planted(1)) { c(); } else { a(); }\n  b();\n}\n")
        self.assertEqual(written(text, (1, "a();\nb();", "")), "{\nif (koble_planted(1)) {  } else { a(); b(); }\n\n}\n")
        self.assertEqual(written(text, (2, "", "return;")), "{\n  a();  // why\nif (koble_planted(1)) { return; } else {  }   b();\n}\n")

    def test_several_at_one_place(self) -> None:
        text = "{\na();\n}"
        both = written(text, (1, "a();", "b();"), (1, "a();", ""))
        self.assertEqual(both, "{\nif (koble_planted(1)) { b(); } else if (koble_planted(2)) {  } else { a(); }\n}\n")
        self.assertIsNone(written("{\na();\nb();\n}", (1, "a();", ""), (1, "a();\nb();", "")))

    def test_conditions(self) -> None:
        self.assertEqual(written("if (a) {\n}", (0, "if (a) {", "if (a && b) {")), "if (koble_planted(1) ? (a && b) : (a)) {\n}\n")
        self.assertIsNone(written("if (int a = 1; a) {\n}", (0, "if (int a = 1; a) {", "if (int a = 2; a) {")))
        self.assertIsNone(written("if (int a = f()) {\n}", (0, "if (int a = f()) {", "if (int a = g()) {")))
        self.assertIsNone(written("if (a) {\n}", (0, "if (a) {", "while (a) {")))

    def test_variables(self) -> None:
        text = "const uint32_t a = b;"
        self.assertEqual(written(text, (0, text, "const uint32_t a = c;")), "const uint32_t a = koble_planted(1) ? (c) : (b);\n")
        self.assertIsNone(written(text, (0, text, "const uint32_t d = c;")))
        self.assertIsNone(written(text, (0, text, "")))
        self.assertIsNone(written("Lots lots(seed);", (0, "Lots lots(seed);", "Lots lots(0);")))

    def test_functions_in_a_line(self) -> None:
        text = "int A() const { return a; }"
        self.assertEqual(written(text, (0, text, "int A() const { return 0; }")), "int A() const { if (koble_planted(1)) { return 0; } else { return a; } }\n")
        self.assertIsNone(written(text, (0, text, "int B() const { return 0; }")))

    def test_what_is_part_of_something(self) -> None:
        self.assertIsNone(written("if (a)\nb();\nc();", (1, "b();", "")))  # the body of an `if`
        self.assertIsNone(written("{\nif (a) b();\nelse c();\n}", (1, "if (a) b();", "d();")))
        self.assertIsNone(written("return a &&\nb;", (0, "return a &&", "return a ||")))

    def test_lines_stay(self) -> None:
        text = Text(["{", "a();", "b();", "c();", "}"])
        text.add(7, [Change(1, ("a();", "b();"), ())])
        text.add(8, [Change(3, ("c();",), ())])
        self.assertEqual(len(text.written().splitlines()), 5)
        self.assertEqual([text.at(line) for line in range(5)], [set(), {7}, {7}, {8}, set()])


if __name__ == "__main__":
    unittest.main()
