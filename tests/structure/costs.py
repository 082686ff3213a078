"""A test run ends within fifteen minutes on two cores because what its entries cost stands in cmake/test_costs.cmake, and the sum is bounded.

    costs.py BUILD_FOLDER                     the test
    costs.py --write                          CONTRIBUTING's table gets the sums
    costs.py --measure [REGULAR_EXPRESSION]   runs these entries of build/dev one after the other, and prints what each took

No time is measured by the test: a machine that has much else to do makes nothing red."""

import json
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

import tree

BUILD = Path(sys.argv.pop(1)) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else tree.ROOT / "build/dev"
COSTS, DOCUMENT = tree.ROOT / "cmake/test_costs.cmake", tree.ROOT / "CONTRIBUTING.md"
MOST = 1335  # seconds of CPU of a whole run: 2 cores have 1,800 in fifteen minutes, and never work all the time. Forges, backups and a team took 60, secrets that change and leaving 25, memory and the API 45
LONGEST = 150  # seconds until one entry ends: whoever begins first should end before the last
LINE = re.compile(r'^  "(\S+) (\d+)(?: (?:\d+|wide))?"$', re.MULTILINE)
ROW = re.compile(r"^(\| `ctest -L (\w+)` \| [^|]* \| )(\d+)( \|.*)$", re.MULTILINE)


def entries():
    """What ctest would run: name → {property: value}, with the command."""
    shown = subprocess.run(["ctest", "--test-dir", BUILD, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    return {test["name"]: {"command": test.get("command"), **{each["name"]: each["value"] for each in test["properties"]}} for test in json.loads(shown)["tests"]}


def lines():
    """(pattern, seconds of CPU) of each line."""
    return [(re.compile(re.escape(name).replace(r"\*", ".*")), int(seconds)) for name, seconds in LINE.findall(COSTS.read_text())]


def costs(names):
    """Name → seconds of CPU."""
    known = lines()
    return {name: next(seconds for pattern, seconds in known if pattern.fullmatch(name)) for name in names}


def sums(all_entries):
    """Label → seconds of CPU."""
    found, cost = {}, costs(all_entries)
    for name, properties in all_entries.items():
        for label in properties["LABELS"]:
            found[label] = found.get(label, 0) + cost[name]
    return found


def measure(pattern):
    known = entries()
    cost = costs(known)
    for name, properties in known.items():
        if not re.search(pattern, name):
            continue
        env = {**os.environ, **dict(each.split("=", 1) for each in properties.get("ENVIRONMENT", []))}
        began = time.monotonic()
        child = subprocess.Popen(properties["command"], env=env, cwd=properties.get("WORKING_DIRECTORY", tree.ROOT), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        print(f"{name:28} {used.ru_utime + used.ru_stime:7.1f} s of CPU in {time.monotonic() - began:7.1f} s; says {cost[name]}"
              + (f"; ended with {os.waitstatus_to_exitcode(status)}" if status else ""), flush=True)


class Costs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.entries = entries()

    def test_each_entry_says_what_it_costs_and_of_which_kind_it_is(self):
        self.assertGreater(len(self.entries), 50)
        self.assertEqual([name for name, each in self.entries.items() if each.get("COST", 0) <= 0 or len(each.get("LABELS", [])) != 1], [])

    def test_all_of_them_fit_into_what_a_run_may_cost(self):
        self.assertLessEqual(sum(costs(self.entries).values()), MOST, "what is long goes into the nightly")
        self.assertEqual([name for name, each in self.entries.items() if each["COST"] > LONGEST], [], "what is long goes into the nightly")

    def test_no_line_is_of_nothing(self):
        known = lines()
        self.assertGreater(len(known), 20)
        first = {next(pattern for pattern, _ in known if pattern.fullmatch(name)) for name in self.entries}
        self.assertEqual([pattern.pattern for pattern, _ in known if pattern not in first], [])

    def test_contributing_says_the_same(self):
        told = {label: int(seconds) for _, label, seconds, _ in ROW.findall(DOCUMENT.read_text())}
        self.assertEqual(told, sums(self.entries), "tests/structure/costs.py --write puts it right")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure((sys.argv[2:] or ["."])[0])
    elif sys.argv[1:] == ["--write"]:
        now = sums(entries())
        DOCUMENT.write_text(ROW.sub(lambda row: f"{row[1]}{now.get(row[2], 0)}{row[4]}", DOCUMENT.read_text()))
    else:
        unittest.main()
