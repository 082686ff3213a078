"""What people do, what the bot is told of it, and how messages change."""

import unittest

from testing import Case

from telegram import transcript
from telegram.people import parts

BUTTONS = {"inline_keyboard": [[{"text": "Diff", "callback_data": "diff:1"}, {"text": "Log", "url": "https://example.org/log"}]]}


class Acting(Case):
    def updates(self):
        found = [update.json() for update in self.fake.updates.pending.values()]
        self.fake.updates.clear()
        return found

    def test_saying_editing_replying(self):
        message = self.ann.says("/task fix the login test")
        self.ann.edits(message, "/task fix the logout test")
        bot = self.send("on it")
        self.ann.replies(self.ann.chat.last, "and be quick")
        said, edited, reply = self.updates()
        self.assertEqual(said["message"]["entities"], [{"offset": 0, "length": 5, "type": "bot_command"}])
        self.assertEqual((edited["edited_message"]["message_id"], edited["edited_message"]["text"]), (message.id, "/task fix the logout test"))
        self.assertIn("edit_date", edited["edited_message"])
        self.assertEqual(reply["message"]["reply_to_message"]["message_id"], bot["message_id"])
        self.assertEqual(said["message"]["from"]["language_code"], "en")

    def test_the_transcript_has_presses_where_they_were_made(self):
        self.ann.says("hello")
        bot = self.send("on it", reply_markup=BUTTONS)
        since = self.fake.world.now()
        self.ann.says("Well?")
        press = self.ann.presses(self.ann.chat.by_id[bot["message_id"]], "Diff")
        self.good("answerCallbackQuery", callback_query_id=press.id, text="Here it is.")
        self.ann.says("Thanks")
        width = " " * len("Ann")
        self.assertEqual(transcript.of(self.ann.chat, since=since), f"Ann  Well?\n\nAnn  [Diff]\n{width}  (Here it is.)\n\nAnn  Thanks\n")
        self.assertIn("on it", transcript.of(self.ann.chat))

    def test_photos_albums_documents_and_forwards(self):
        self.ann.sends_photo("a picture")
        self.ann.sends_album(3, "an album")
        self.ann.sends_document("trace.log", b"boom", "see this")
        self.ann.forwards(self.ann.says("original"))
        photo, *album, document, _, forward = [update["message"] for update in self.updates()]
        self.assertEqual((photo["caption"], len(photo["photo"])), ("a picture", 1))
        self.assertEqual(len({part["media_group_id"] for part in album}), 1)
        self.assertEqual([part.get("caption") for part in album], ["an album", None, None])
        self.assertEqual(document["document"]["file_name"], "trace.log")
        self.assertEqual(forward["forward_origin"]["sender_user"]["id"], self.ann.id)
        path = self.good("getFile", file_id=document["document"]["file_id"])["file_path"]
        self.assertEqual(self.fake.file(path), b"boom")

    def test_a_long_text_is_split_as_clients_do(self):
        self.assertEqual(parts("a" * 5000), ["a" * 4096, "a" * 904])
        lines = "".join(f"line {i}\n" for i in range(800))
        self.assertTrue(all(len(part) <= 4096 for part in parts(lines)))
        self.assertEqual("\n".join(parts(lines)).split(), lines.split())
        self.assertEqual([len(part) for part in parts("😀" * 3000)], [2048, 952])
        self.ann.says_long(lines)
        self.assertEqual(len(self.updates()), len(parts(lines)))

    def test_pressing_a_button_and_its_answer(self):
        self.met()
        self.send("ready", reply_markup=BUTTONS)
        press = self.ann.presses(self.ann.chat.last, "diff")
        query = self.updates()[0]["callback_query"]
        self.assertEqual((query["data"], query["message"]["text"], query["from"]["id"]), ("diff:1", "ready", self.ann.id))
        self.wrong("answerCallbackQuery", 400, "Bad Request: MESSAGE_TOO_LONG", callback_query_id=query["id"], text="x" * 201)
        self.good("answerCallbackQuery", callback_query_id=query["id"], text="Here it is")
        self.assertEqual(press.wait(), {"text": "Here it is"})
        with self.assertRaises(AssertionError):
            self.ann.presses(self.ann.chat.last, "Deploy")

    def test_a_late_answer_and_a_gone_message(self):
        self.met()
        self.send("ready", reply_markup=BUTTONS)
        message = self.ann.chat.last
        self.ann.presses(message, "diff")
        self.fake.advance(16)
        query = self.updates()[0]["callback_query"]["id"]
        self.wrong("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired or query ID is invalid",
                   callback_query_id=query)
        self.good("deleteMessage", chat_id=self.ann.id, message_id=message.id)
        self.ann.presses(message, {"callback_data": "diff:1"})
        self.assertEqual(self.updates()[0]["callback_query"]["message"]["date"], 0)

    def test_privacy_in_groups(self):
        group = self.fake.group(members=[self.ann])
        self.send("I am here", chat=group)
        unseen = self.ann.says("among us", chat=group)
        for text in ("/status", "/status@mechanic_bot", "@mechanic_bot fix it"):
            self.ann.says(text, chat=group)
        self.ann.says("/status@other_bot", chat=group)
        self.ann.replies(group.last, "go on")
        self.ann.edits(unseen, "still among us")
        self.assertEqual([update["message"]["text"] for update in self.updates()],
                         ["/status", "/status@mechanic_bot", "@mechanic_bot fix it", "go on"])
        group.add_bot("administrator")
        self.ann.says("among us", chat=group)
        self.assertEqual(len(self.updates()), 2)

    def test_topics_are_told_with_each_message(self):
        forum = self.fake.group(members=[self.ann], forum=True)
        topic = forum.topic("Backend")
        self.ann.says("/status", chat=forum, topic=topic)
        created, said = self.updates()
        self.assertEqual(created["message"]["forum_topic_created"]["name"], "Backend")
        self.assertEqual((said["message"]["message_thread_id"], said["message"]["chat"]["is_forum"]), (topic.id, True))


class Editing(Case):
    def setUp(self):
        super().setUp()
        self.met()

    def edit(self, text, **args):
        return self.ask("editMessageText", chat_id=self.ann.id, message_id=self.ann.chat.last.id, text=text, **args)

    def test_what_a_message_was(self):
        self.send("queued", reply_markup=BUTTONS)
        self.edit("*running*", parse_mode="MarkdownV2", reply_markup=BUTTONS)
        self.edit("ready")
        message = self.ann.chat.last
        self.assertEqual((message.texts(), message.buttons), (["queued", "running", "ready"], []))  # no markup given: it goes
        self.assertIn("edit_date", message.json())

    def test_not_modified(self):
        self.send("same", reply_markup=BUTTONS)
        answer = self.edit("same ", reply_markup=BUTTONS)
        self.assertEqual(answer["description"], "Bad Request: message is not modified: specified new message content and reply markup are "
                         "exactly the same as a current content and reply markup of the message")
        self.assertTrue(self.edit("same")["ok"])
        self.assertFalse(self.edit("same")["ok"])
        self.assertTrue(self.edit("same", entities=[{"type": "bold", "offset": 0, "length": 4}])["ok"])

    def test_what_cannot_be_edited(self):
        said = self.ann.says("mine")
        self.wrong("editMessageText", 400, "Bad Request: message can't be edited", chat_id=self.ann.id, message_id=said.id, text="a")
        self.wrong("editMessageText", 400, "Bad Request: message to edit not found", chat_id=self.ann.id, message_id=99999, text="a")
        self.wrong("editMessageText", 400, "Bad Request: message identifier is not specified", chat_id=self.ann.id, text="a")
        self.multipart("sendDocument", {"document": ("a", b"1")}, chat_id=self.ann.id)
        self.assertEqual(self.edit("a")["description"], "Bad Request: there is no text in the message to edit")
        document = self.ann.chat.last
        self.good("editMessageCaption", chat_id=self.ann.id, message_id=document.id, caption="new")
        self.assertEqual(document.caption, "new")

    def test_the_keyboard_alone(self):
        self.send("ready", reply_markup=BUTTONS)
        message = self.ann.chat.last
        self.good("editMessageReplyMarkup", chat_id=self.ann.id, message_id=message.id)
        self.assertEqual((message.buttons, message.text), ([], "ready"))

    def test_deleting(self):
        self.send("a")
        mine, said = self.ann.chat.last, self.ann.says("a secret")
        self.good("deleteMessage", chat_id=self.ann.id, message_id=said.id)
        self.assertTrue(said.deleted)
        self.wrong("deleteMessage", 400, "Bad Request: message to delete not found", chat_id=self.ann.id, message_id=said.id)
        self.fake.advance(49 * 3600)
        self.wrong("deleteMessage", 400, "Bad Request: message can't be deleted", chat_id=self.ann.id, message_id=mine.id)
        group = self.fake.group(members=[self.ann])
        other = self.ann.says("/status", chat=group)
        self.wrong("deleteMessage", 400, "Bad Request: message can't be deleted", chat_id=group.id, message_id=other.id)

    def test_waiting_for_a_message(self):
        result = self.in_background(self.ann.chat.wait, "verdict")
        self.send("a verdict")
        self.assertEqual(result().text, "a verdict")
        with self.assertRaises(AssertionError):
            self.ann.chat.wait("never", seconds=0.05)


if __name__ == "__main__":
    unittest.main()
