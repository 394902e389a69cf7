#!/usr/bin/env python3
"""The deterministic rooms use no clock, locale, environment, floating point, thread-local or hash order of the library.

Comments and string literals do not count. Usage: determinism.py SOURCE_DIR
"""

import re
import sys
from pathlib import Path

ROOMS = ["base", "plan", "state", "routing", "engine", "record", "figures"]

BANNED = {
    r"\b(?:system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|absl::Now)\b": "a clock",
    r"\b(?:std::time|time\s*\(\s*(?:NULL|nullptr|0)\s*\))": "a clock",
    r"\b(?:random_device|mt19937(?:_64)?|BitGen|s?rand\s*\(|\w+_distribution\s*<)": "hidden randomness",
    r"\bstd::hash\b|\babsl::(?:Hash|HashOf)\b": "a hash that changes between runs or libraries",
    r"\bstd::unordered_\w+": "a container of undefined order (absl::flat_hash_map for look-ups only)",
    r"\b(?:float|double)\b": "floating point",
    r"\b(?:secure_)?getenv\b": "the environment",
    r"\bthread_local\b": "thread-local state",
    r"\b(?:setlocale|localeconv|std::locale|strcoll|strftime|localtime\w*|isalpha|isdigit|isspace|isalnum|isupper|islower|toupper|tolower)\b(?=\s*\(|\b.*locale)": "the locale (absl::ascii_* does not look at it)",
    r"\b(?:std::)?(?:stod|stof|strtod|strtof|atof|from_chars_result_double)\b": "floating point",
}
PATTERNS = [(re.compile(pattern), what) for pattern, what in BANNED.items()]
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"\(.*?\)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


def blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def main() -> int:
    root = Path(sys.argv[1]).resolve()
    problems = files = 0
    for room in ROOMS:
        for path in sorted((root / "lib" / room).rglob("*")):
            if path.suffix not in {".h", ".cc", ".inc"}:
                continue
            files += 1
            for number, line in enumerate(NOISE.sub(blank, path.read_text(encoding="utf-8")).split("\n"), 1):
                for pattern, what in PATTERNS:
                    if found := pattern.search(line):
                        print(f"{path.relative_to(root)}:{number}: {found[0].strip()}: {what}")
                        problems += 1
    print(f"{files} files, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
