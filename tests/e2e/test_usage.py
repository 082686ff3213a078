"""Wrong use: one clear line, exit 2, no task, nothing made."""

from story import Story


class Usage(Story):
    embedded = True

    def refused(self, run, *words):
        self.assertEqual(run.wait(), 2, run.story())
        said = (run.errors + run.raw).decode()
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(run.lines, [])
        self.assertLessEqual(len(said.strip().splitlines()), 3, said)
        self.assertFalse(self.data.exists(), "a data folder was made")
        self.nothing_left()

    def test_an_empty_instruction(self):
        remote = self.remote()
        for words in ([], [""], ["  \n\t "]):
            self.refused(self.start("--json", "--repo", remote.path, *words), "instruction", "empty")

    def test_a_path_that_is_no_repository(self):
        (self.folder / "plain").mkdir()
        self.refused(self.start("--json", "--repo", self.folder / "plain", "Mend it."), str(self.folder / "plain"))
        self.refused(self.start("--json", "--repo", self.folder / "absent", "Mend it."), str(self.folder / "absent"))

    def test_no_repository_at_all(self):
        self.refused(self.start("--json", "Mend it."), "--repo", "GIT_REMOTE_URL")

    def test_an_unknown_flag(self):
        self.refused(self.start("--json", "--repo", self.remote().path, "--chek", "true", "Mend it."), "--chek")

    def test_an_instruction_over_its_limit(self):
        for letter in "xж":
            self.refused(self.start("--json", "--repo", self.remote(letter).path, letter * (16 * 1024 + 1)), "16385 characters", "16384")

    def test_a_wrong_setting(self):
        (self.folder / "cwd/.env").write_text("OPENROUTER_API_KEY=a key\n")
        run = self.start("--json", "--repo", self.remote().path, "Mend it.", OPENROUTER_API_KEY=None)
        self.refused(run, "OPENROUTER_API_KEY")
        (self.folder / "cwd/.env").unlink()
        self.refused(self.start("--json", "--repo", self.remote("other").path, "Mend it.", TASK_TIMEOUT="soon"), "TASK_TIMEOUT")
        self.refused(self.start("--json", "--repo", self.remote("third").path, "Mend it.", PERSAIS_TYPO="1"), "PERSAIS_TYPO")

    def test_a_url_with_a_password(self):
        run = self.start("--json", "--repo", "https://ada:secret-word@127.0.0.1/team.git", "Mend it.")
        self.refused(run)
        self.assertNotIn(b"secret-word", run.errors + run.raw)
