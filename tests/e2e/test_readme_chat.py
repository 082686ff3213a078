"""The README's chat is what the bot says: the demo's project, the real agent, and the README's own words as the outcome."""

import json
import re
from pathlib import Path

from telegramming import PATIENCE, TelegramStory
from telegram import transcript

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"
INSTRUCTION = "merge() loses numbers: touching intervals stay apart, and one inside another shortens it. Mend it."


def told():
    """The README's chat."""
    return re.search(r"<!-- transcript: tests/e2e/test_readme_chat.py -->\n```\n(.*?)```\n", (ROOT / "README.md").read_text(), re.DOTALL)[1]


def without_figures(text):
    """Time, money and ids are other ones each time."""
    text = re.sub(r"\b(\d+ min )?\d+ (s|min)\b", "N s", re.sub(r"\$\d+\.\d+", "$N", text))
    return [line.rstrip() for line in re.sub(r"index [0-9a-f]+\.\.[0-9a-f]+", "index", text).splitlines()]


class Chat(TelegramStory):
    aider = True

    def test_is_the_one_of_the_readme(self):
        files = {path.relative_to(DEMO / "project").as_posix(): path.read_bytes() for path in sorted((DEMO / "project").rglob("*"))
                 if path.is_file() and path.suffix != ".pyc"}
        steps = json.loads((DEMO / "answers/script.json").read_text())["steps"]
        for step in steps:
            step["reply"] = (DEMO / "answers" / step.pop("reply_file")).read_text()
        self.script(*steps)
        service = self.begin(self.remote("intervals", files), CHECK_COMMAND="python3 -m unittest -q")
        self.bob.says(INSTRUCTION)
        service.wait_for_line(r"^review\b")
        self.telegram.wait(lambda: len(self.bob.chat.from_bot) > 1 and self.bob.chat.from_bot[0].button("Diff"), PATIENCE)
        self.maxDiff = None
        self.assertEqual(without_figures(transcript.of(self.bob.chat)), without_figures(told()))
        self.assertEqual(self.telegram.complaints, [])
