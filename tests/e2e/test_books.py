"""What the comparison of the books says of books that do not agree."""

import unittest

from books import Call, problems, problems_of_results


def call(number=1, generation="g1", settled_by="cost", counted=0.5, reserved=1.0, state="settled", task="7"):
    return Call(number, task, generation, state, settled_by, counted, reserved)


class Books(unittest.TestCase):
    def says(self, charges, calls, *words, budget=2.0):
        found = list(problems(charges, calls, {"7": budget}))
        self.assertEqual(len(found), len(words), found)
        for line, word in zip(found, words):
            self.assertRegex(line, word)

    def test_that_agree_say_nothing(self):
        self.says({}, [])
        self.says({"g1": 0.5}, [call()])
        self.says({"g1": 0.5}, [call(generation="")])
        self.says({"g1": 0.5, "g2": 0.25}, [call(), call(2, "", counted=0.25), call(3, "", "nothing", 0.0)])
        self.says({"g1": 0.5}, [call(settled_by="reservation", counted=1.0)])
        self.says({"g1": 0.5}, [call(settled_by="", state="reserved", counted=1.0)])
        self.says({"g1": 0.5}, [call(settled_by="tokens", counted=0.0)])

    def test_less_is_said_whatever_it_is_marked_as(self):
        for by in ("cost", "generation", "prices", "reservation", "nothing"):
            for name in ("g1", ""):
                self.says({"g1": 0.5}, [call(generation=name, settled_by=by, counted=0.4)], ": less$")
        self.says({"g1": 0.5}, [], ": less$")
        self.says({"g1": 0.5, "g2": 0.25}, [call(), call(2, "g2", counted=0.0)], "g2.*: less$")

    def test_more_is_said_where_it_is_not_marked_as_estimated(self):
        self.says({"g1": 0.5}, [call(counted=0.6)], ": more, and not marked as estimated$")
        self.says({"g1": 0.5}, [call(generation="", counted=0.6)], ": more, and not marked as estimated$")
        self.says({}, [call()], ": more, and not marked as estimated$")

    def test_above_the_cap_only_what_was_dearer_than_expected(self):
        self.says({"g1": 2.5}, [call(counted=2.5, reserved=2.5)], "task 7: the provider took 2.5.*its budget is 2.0")
        self.says({"g1": 2.5}, [call(counted=2.5, reserved=0.5)])
        many = [call(number, f"g{number}", counted=0.5) for number in range(5)]
        self.says({each.generation: 0.5 for each in many}, many, "task 7: the provider took")

    def test_above_the_cap_of_a_repository_a_person_or_a_month(self):
        many = [call(number, f"g{number}", counted=0.5, task=str(number))._replace(day=f"2026-11-{28 + number}", repository="you/shop", person="11")
                for number in range(3)]
        charges = {each.generation: 0.5 for each in many}
        for owner, words in ((("repository", "you/shop", 7, 1.0), "repository you/shop, 2026-11: the provider took 1.5"),
                             (("person", "11", 10, 0.4), "person 11, 2026-11-30: the provider took 0.5"),
                             (("all", "", 7, 1.4), "all , 2026-11: the provider took 1.5"),
                             (("person", "11", 7, 1.5), None), (("repository", "you/other", 7, 0.1), None)):
            found = list(problems(charges, many, {}, [owner]))
            self.assertTrue(any(words in line for line in found) if words else not found, found)
        dear = [call(counted=0.5, reserved=0.1)._replace(day="2026-11-30", person="11")]
        self.assertEqual(list(problems({"g1": 0.5}, dear, {}, [("person", "11", 10, 0.2)])), [], "a call that came dearer than anything known")

    def test_of_results_alone(self):
        line = {"cost_usd": 0.5, "cost_estimated": False}
        self.assertEqual(list(problems_of_results({"g1": 0.5}, [line])), [])
        self.assertEqual(list(problems_of_results({"g1": 0.5}, [{"cost_usd": 0.7, "cost_estimated": True}])), [])
        for charged in (0.4, 0.6):
            self.assertEqual(len(list(problems_of_results({"g1": charged}, [line]))), 1)
