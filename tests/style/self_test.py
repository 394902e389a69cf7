#!/usr/bin/env python3
"""The checks of this folder find what they are for. Usage: self_test.py"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(check: str, files: dict[str, str]) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(HERE / f"{check}.py"), folder], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


class Layers(unittest.TestCase):
    def refused(self, files: dict[str, str], message: str) -> None:
        status, output = run("layers", files)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def test_downwards_is_allowed(self) -> None:
        files = {"lib/base/a.h": "#include <vector>\n", "lib/engine/b.cc": '#include "base/a.h"\n#include <absl/strings/str_cat.h>\n'}
        self.assertEqual(run("layers", files)[0], 0)

    def test_upwards(self) -> None:
        self.refused({"lib/base/a.h": '#include "plan/b.h"\n'}, "base must not include plan")

    def test_sideways(self) -> None:
        self.refused({"lib/record/a.h": '#include "figures/b.h"\n'}, "record must not include figures")

    def test_circle(self) -> None:
        self.refused({"lib/base/a.h": '#include "base/b.h"\n', "lib/base/b.h": '#include "base/a.h"\n'}, "include circle")

    def test_unknown_room(self) -> None:
        self.refused({"lib/utils/a.h": ""}, "no such room")

    def test_words_of_the_public_header(self) -> None:
        self.assertEqual(run("layers", {"lib/base/a.h": '#include "koble/koble.h"\n'})[0], 0)
        self.refused({"lib/base/a.h": "#include <koble/koble.hpp>\n"}, "is for hosts")

    def test_public_header(self) -> None:
        self.refused({"include/koble/koble.h": "#include <absl/strings/str_cat.h>\n"}, "a public header includes only")


class Determinism(unittest.TestCase):
    def test_banned(self) -> None:
        for text in (
            "auto t = std::chrono::system_clock::now();",
            "std::random_device d;",
            "std::unordered_map<int, int> m;",
            "double x;",
            "int64_t y = 'a'; float z;",
            "thread_local int n;",
            'const char* e = getenv("HOME");',
            "size_t h = absl::HashOf(1);",
            "bool d = isdigit(c);",
        ):
            status, output = run("determinism", {"lib/state/a.cc": text + "\n"})
            self.assertEqual(status, 1, f"{text}: {output}")

    def test_comments_and_strings(self) -> None:
        text = '// a double\nint doubled; /* std::hash */ const char* s = "float";\nint n = 1\'000\'000; bool b = absl::ascii_isdigit(c);\n'
        status, output = run("determinism", {"lib/state/a.cc": text})
        self.assertEqual(status, 0, output)

    def test_the_laboratory_may(self) -> None:
        self.assertEqual(run("determinism", {"lib/sim/a.cc": "double x;\n"})[0], 0)


class Mutants(unittest.TestCase):
    """tests/mutants/run --check, in a tree of one source, one transcript and one mistake."""

    GOOD = "a-name: what is wrong\nin lib/a.cc\n int a;\n-int b = 1;\n+int b = 2;\ncaught by 01-first\n"

    def check(self, mutants: str, source: str = "  int a;\n  int b = 1;\n") -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for part in ("lib", "tests/mutants", "tests/scenarios"):
                (root / part).mkdir(parents=True)
            for part in ("run", "switches.py"):
                shutil.copy(HERE.parent / "mutants" / part, root / "tests" / "mutants" / part)
            (root / "tests" / "mutants" / "some.mutants").write_text(mutants, encoding="utf-8")
            (root / "tests" / "scenarios" / "01-first.transcript").touch()
            (root / "lib" / "a.cc").write_text(source, encoding="utf-8")
            command = [sys.executable, str(root / "tests" / "mutants" / "run"), "--check"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def refused(self, message: str, mutants: str, **more: str) -> None:
        status, output = self.check(mutants, **more)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def test_whatever_the_indentation(self) -> None:
        self.assertEqual(self.check("# A comment.\n\n" + self.GOOD), (0, ""))

    def test_lines_that_have_changed(self) -> None:
        self.refused("a-name: its lines occur 0 times in lib/a.cc", self.GOOD, source="int a;\nint b = 3;\n")

    def test_lines_that_occur_twice(self) -> None:
        self.refused("a-name: its lines occur 2 times", self.GOOD, source="int a;\nint b = 1;\n" * 2)

    def test_a_test_that_is_gone(self) -> None:
        self.refused("no transcript and no TEST is called 02-second", self.GOOD.replace("01-first", "02-second"))

    def test_a_name_twice(self) -> None:
        self.refused("a-name: the name is given twice", self.GOOD + "\n" + self.GOOD)

    def test_a_file_that_is_gone(self) -> None:
        self.refused("a-name: there is no lib/b.cc", self.GOOD.replace("a.cc", "b.cc"))

    def test_another_form(self) -> None:
        self.refused("expected", self.GOOD.replace("caught by", "found by"))


class TopLevel(unittest.TestCase):
    def test_stray(self) -> None:
        self.assertEqual(run("top_level", {"README.md": "", "notes.txt": ""})[0], 1)
        self.assertEqual(run("top_level", {"README.md": "", "lib/a.cc": "", ".gitignore": ""})[0], 0)


if __name__ == "__main__":
    unittest.main()
