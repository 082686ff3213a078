"""A task that fills the disk, or leaves a mess on it, costs itself and nobody else."""

from scripted import fix
from story import Story

# It writes what it may not, and would wait for ever.
FILL = "import time\nfor n in range(60):\n  open(%s + str(n), 'wb').write(bytes(8 << 20))\ntime.sleep(300)\n"
SHELL = "python3 - <<'EOF'\n%sEOF\n"  # a setup that names Python gets a virtual environment first
HERE, HOME = "'x'", "__import__('os').environ['HOME'] + '/x'"
# Folders inside one another, of which no path reaches the innermost.
NEST = ("import os\nat = os.open(os.environ['HOME'], os.O_RDONLY)\nfor n in range(%d):\n"
        "  os.mkdir('%s', dir_fd=at)\n  inner = os.open('%s', os.O_RDONLY, dir_fd=at)\n  os.close(at)\n  at = inner\n")
MANY, LONG = NEST % (1200, "inner", "inner"), NEST % (60, "x" * 200, "x" * 200)


class Full(Story):
    """TASK_DISK_MB, a verdict of its own for setup and checks; what the agent made is kept as a diff."""

    def ends_full(self, remote, sentence, **more):
        self.script(fix())
        run = self.begin(remote, TASK_DISK_MB="128", **more)
        result = self.finish(run)
        self.expect(result, "disk_limit")
        self.assertIn(sentence, result["sentence"])
        self.expect_nothing_pushed(remote)

    def test_a_check_that_fills_the_disk(self):
        self.ends_full(self.remote(files={"check.py": FILL % HERE}),
                       "The check `python3 check.py` used more than 128 MB of disk and was ended. "
                       "A larger TASK_DISK_MB gives each task more.")

    def test_a_setup_that_fills_its_home(self):
        self.ends_full(self.remote(files={"fill.sh": SHELL % (FILL % HOME)}), "The setup `sh fill.sh` used more than 128 MB of disk",
                       more=["--setup", "sh fill.sh"])


class Deep(Story):
    """Folders inside one another, too many for paths, and for descriptors."""

    def test_in_the_home_of_a_check_cost_nothing(self):
        remote = self.remote(files={"check.py": MANY + "import calc\nassert calc.add(2, 3) == 5\n"})
        self.script(fix())
        self.expect(self.run_on(remote), "ready")

    def test_that_setup_leaves_are_told_as_its_fault(self):
        remote = self.remote(files={"nest.sh": SHELL % LONG})
        self.script(fix())
        result = self.run_on(remote, more=["--setup", "sh nest.sh"])
        self.expect(result, "checks_could_not_run")
        self.assertIn("The setup `sh nest.sh` left folders that are nested too deep", result["sentence"])
