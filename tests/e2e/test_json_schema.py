"""The schema is one, and what does not hold is found. Real output is held to it in each story that asks for --json (serving.py, story.py)."""

import unittest

from json_schema import SCHEMA, command_faults, faults

STATE = {"event": "state", "task": "17", "state": "coding", "attempt": 1, "round": 0}


class Schema(unittest.TestCase):
    def test_what_does_not_hold_is_found(self):
        self.assertEqual(command_faults(["run"], [STATE]), [])
        for change in ({"task": 17}, {"state": "working"}, {"round": -1}, {"attempt": 0}, {"more": 1}, {"round": True}, {"event": "x"}):
            self.assertTrue(command_faults(["run"], [{**STATE, **change}]), change)
        self.assertTrue(command_faults(["run"], [{"event": "state", "task": "17"}]))
        self.assertTrue(command_faults(["tasks"], [STATE]), "of another command")

    def test_every_part_is_used_and_every_reference_is_there(self):
        named, parts = set(), [SCHEMA]
        while parts:
            part = parts.pop()
            if isinstance(part, dict):
                if "$ref" in part:
                    named.add(part["$ref"].removeprefix("#/$defs/"))
                parts += part.values()
            elif isinstance(part, list):
                parts += part
        self.assertEqual(named, set(SCHEMA["$defs"]))

    def test_a_word_that_nothing_looks_at_is_refused(self):
        with self.assertRaises(AssertionError):
            list(faults("x", {"maxLength": 1}))


if __name__ == "__main__":
    unittest.main()
