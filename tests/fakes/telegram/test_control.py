"""The fake as a program, driven from outside."""

import json
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent


def post(url, name, **given):
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/{name}", json.dumps(given).encode())) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Program(unittest.TestCase):
    def setUp(self):
        self.program = subprocess.Popen([sys.executable, HERE, "--token", "4242:x", "--die-with-parent"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.program.stdout.close)
        self.addCleanup(self.program.wait)
        self.addCleanup(self.program.terminate)
        self.root, self.control = self.program.stdout.readline().split()[1:]

    def bot(self, method, **args):
        with urllib.request.urlopen(f"{self.root}/bot4242:x/{method}", urllib.parse.urlencode(args).encode()) as answer:
            return json.load(answer)["result"]

    def test_a_conversation(self):
        ann = post(self.control, "person", first_name="Ann", language="ru")["id"]
        said = post(self.control, "says", person=ann, text="привет")
        self.assertEqual(self.bot("getUpdates")[0]["message"], said)
        sent = self.bot("sendMessage", chat_id=ann, text="ready", reply_markup='{"inline_keyboard":[[{"text":"Diff","callback_data":"d"}]]}')
        press = post(self.control, "presses", person=ann, chat=ann, message=sent["message_id"], button="Diff")
        self.bot("answerCallbackQuery", callback_query_id=press["press"])
        self.assertEqual(post(self.control, "answers", press=press["press"]), [{}])
        self.assertEqual([message["texts"] for message in post(self.control, "messages", chat=ann)], [["привет"], ["ready"]])
        self.assertEqual([call["method"] for call in post(self.control, "calls")], ["getUpdates", "sendMessage", "answerCallbackQuery"])
        self.assertEqual(post(self.control, "state")["complaints"], [])

    def test_faults_and_mistakes(self):
        post(self.control, "fault", method="getMe", status=500)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.bot("getMe")
        caught.exception.close()
        self.assertEqual(self.bot("getMe")["id"], 4242)
        self.assertEqual(post(self.control, "nothing")[0], 404)
        self.assertEqual(post(self.control, "says", person=1)[0], 400)

    def test_the_port_file_and_down(self):
        post(self.control, "down")
        with self.assertRaises(urllib.error.URLError):
            self.bot("getMe")
        post(self.control, "up")
        self.bot("getMe")
        with tempfile.TemporaryDirectory() as folder:
            other = subprocess.Popen([sys.executable, HERE, "--port-file", f"{folder}/p", "--die-with-parent"], stdout=subprocess.PIPE, text=True)
            other.stdout.readline()
            self.assertEqual(len(Path(folder, "p").read_text().split()), 2)
            other.terminate()
            other.wait()
            other.stdout.close()


if __name__ == "__main__":
    unittest.main()
