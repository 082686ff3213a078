import unittest

from intervals import length, merge


class Merge(unittest.TestCase):
    def test_apart_stay_apart(self):
        self.assertEqual(merge([(5, 6), (1, 2)]), [(1, 2), (5, 6)])

    def test_overlapping_are_joined(self):
        self.assertEqual(merge([(1, 4), (3, 6)]), [(1, 6)])

    def test_touching_are_joined(self):
        self.assertEqual(merge([(1, 3), (3, 5)]), [(1, 5)])

    def test_one_inside_another_is_swallowed(self):
        self.assertEqual(merge([(1, 10), (2, 3)]), [(1, 10)])

    def test_length_counts_each_number_once(self):
        self.assertEqual(length([(1, 10), (2, 3)]), 10)


if __name__ == "__main__":
    unittest.main()
