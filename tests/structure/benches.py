"""Each script in bench/ can be started, and says what it measures: no test runs them, so that what they import could vanish unseen."""

import os
import subprocess
import unittest

import tree


def benches():
    return [path for path in tree.files() if path.parts[0] == "bench" and len(path.parts) == 2 and os.access(tree.ROOT / path, os.X_OK)]


class Benches(unittest.TestCase):
    def test_each_one_starts_and_says_what_it_measures(self):
        self.assertGreater(len(benches()), 6)
        asked = {path: subprocess.Popen([tree.ROOT / path, "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, "COLUMNS": "200"}) for path in benches()}
        for path, process in asked.items():
            said = process.communicate()[0]
            with self.subTest(path.name):
                self.assertEqual(process.returncode, 0, said)
                about = tree.text(path).split('"""')[1].split("\n")[0]
                self.assertIn(about.split(",")[0].split(":")[0][:60], said)


if __name__ == "__main__":
    unittest.main()
