"""Methods: parameters in each form, their types, the server's own words for what is wrong."""

import http.client
import json
import unittest

from testing import Case

SPACE = {"inline_keyboard": [[{"text": "Diff", "callback_data": "d"}, {"text": "Log", "callback_data": "l"}]]}


class Forms(Case):
    def test_json_form_query_and_multipart_say_the_same(self):
        self.met()
        text, number = "a 😀 & b", self.ann.id
        self.send(text)
        self.assertTrue(self.form("sendMessage", chat_id=number, text=text)["ok"])
        self.assertTrue(self.raw("sendMessage", query=f"?chat_id={number}&text=a+%F0%9F%98%80+%26+b")[1]["ok"])
        self.assertTrue(self.multipart("sendMessage", {}, chat_id=number, text=text)["ok"])
        self.assertEqual([message.text for message in self.ann.chat.from_bot], [text] * 4)
        self.assertEqual(self.fake.complaints, [])

    def test_a_method_in_any_case_and_an_unknown_one(self):
        self.assertTrue(self.ask("GETME")["ok"])
        self.assertEqual(self.ask("getYou")["description"], "Not Found: method not found")

    def test_a_wrong_token(self):
        for token, description in (("4242:wrong", "Unauthorized"), ("none", "Unauthorized: invalid token specified")):
            connection = http.client.HTTPConnection("127.0.0.1", self.fake.port)
            connection.request("GET", f"/bot{token}/getMe")
            answer = connection.getresponse()
            self.assertEqual((answer.status, json.loads(answer.read())["description"]), (401, description))
            connection.close()

    def test_an_unknown_parameter_passes_and_is_noted(self):
        self.met()
        self.send(foo=1, reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "y", "colour": "red"}]]})
        self.assertEqual(self.fake.complaints, [
            "sendMessage: foo: sendMessage has no such parameter",
            "sendMessage: reply_markup.inline_keyboard[0][0].colour: InlineKeyboardButton has no such field"])

    def test_types_are_held_to_the_tables(self):
        self.met()
        self.wrong("editMessageText", 400, 'Bad Request: parameter "message_id" must be an Integer', chat_id=self.ann.id, message_id="x", text="a")
        self.wrong("sendMessage", 400, "Bad Request: expected an Array of MessageEntity in entities", chat_id=self.ann.id, text="a", entities={})
        self.wrong("sendMessage", 400, "Bad Request: object expected as link preview options", chat_id=self.ann.id, text="a", link_preview_options=[])
        self.send(5, disable_notification="perhaps")
        self.assertEqual(len(self.fake.complaints), 2)

    def test_a_body_that_is_no_utf8(self):
        answer = self.raw("sendMessage", b'{"chat_id": 1, "text": "\xff"}')[1]
        self.assertEqual(answer["description"], "Bad Request: strings must be encoded in UTF-8")

    def test_structured_parameters_as_text(self):
        self.met()
        self.assertTrue(self.form("sendMessage", chat_id=self.ann.id, text="a", reply_markup=json.dumps(SPACE))["ok"])
        self.assertEqual(self.ann.chat.last.button("log")["callback_data"], "l")
        answer = self.form("sendMessage", chat_id=self.ann.id, text="a", reply_markup="{")
        self.assertEqual(answer["description"], "Bad Request: can't parse reply markup JSON object")


class Sending(Case):
    def setUp(self):
        super().setUp()
        self.met()

    def test_lengths(self):
        self.send("x" * 4096)
        self.wrong("sendMessage", 400, "Bad Request: message is too long", chat_id=self.ann.id, text="x" * 4097)
        self.send("<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
        self.wrong("sendMessage", 400, "Bad Request: message text is empty", chat_id=self.ann.id, text="")
        self.wrong("sendMessage", 400, "Bad Request: text must be non-empty", chat_id=self.ann.id, text=" \n ")
        self.wrong("sendMessage", 400, "Bad Request: text is too long", chat_id=self.ann.id, text="я" * 20000)

    def test_keyboards(self):
        def keyboard(**button):
            return {"inline_keyboard": [[{"text": "x", **button}]]}
        self.send(reply_markup=keyboard(callback_data="я" * 32))
        for button, description in (({"callback_data": "я" * 32 + "a"}, "BUTTON_DATA_INVALID"),
                                    ({}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
                                    ({"url": "not an address"}, "inline keyboard button URL 'not an address' is invalid: Wrong HTTP URL")):
            self.wrong("sendMessage", 400, "Bad Request: " + description, chat_id=self.ann.id, text="a", reply_markup=keyboard(**button))
        many = {"inline_keyboard": [[{"text": "x", "callback_data": "y"}] for _ in range(101)]}
        self.wrong("sendMessage", 400, "Bad Request: reply markup is too long", chat_id=self.ann.id, text="a", reply_markup=many)

    def test_replies(self):
        asked = self.ann.says("fix it")
        sent = self.send("on it", reply_parameters={"message_id": asked.id})
        self.assertEqual(sent["reply_to_message"]["text"], "fix it")
        self.wrong("sendMessage", 400, "Bad Request: QUOTE_TEXT_INVALID", chat_id=self.ann.id, text="a",
                   reply_parameters={"message_id": asked.id, "quote": "mend it"})
        self.ann.deletes(asked)
        self.wrong("sendMessage", 400, "Bad Request: message to be replied not found", chat_id=self.ann.id, text="a",
                   reply_parameters={"message_id": asked.id})
        sent = self.send("on it", reply_parameters={"message_id": asked.id, "allow_sending_without_reply": True})
        self.assertNotIn("reply_to_message", sent)

    def test_a_document(self):
        answer = self.multipart("sendDocument", {"document": ('c "1".diff', b"--- a\r\n\r\n--b\n+++ b")}, chat_id=self.ann.id, caption="the *diff*",
                                parse_mode="MarkdownV2")
        self.assertTrue(answer["ok"], answer)
        message = self.ann.chat.last
        self.assertEqual((message.caption, message.styled("bold"), message.document["file_name"], message.file),
                         ("the diff", ["diff"], 'c "1".diff', b"--- a\r\n\r\n--b\n+++ b"))
        again = self.good("sendDocument", chat_id=self.ann.id, document=message.document["file_id"])
        self.assertEqual(again["document"]["file_size"], 18)
        path = self.good("getFile", file_id=message.document["file_id"])["file_path"]
        self.assertEqual(self.fake.file(path), message.file)
        self.wrong("sendDocument", 400, "Bad Request: message caption is too long", chat_id=self.ann.id, document=message.document["file_id"],
                   caption="x" * 1025)
        self.wrong("sendDocument", 400, "Bad Request: there is no document in the request", chat_id=self.ann.id)
        self.assertEqual(self.multipart("sendDocument", {"document": ("a", b"")}, chat_id=self.ann.id)["description"],
                         "Bad Request: file must be non-empty")

    def test_an_album(self):
        media = '[{"type": "document", "media": "attach://a", "caption": "two"}, {"type": "document", "media": "attach://b"}]'
        answer = self.multipart("sendMediaGroup", {"a": ("a", b"1"), "b": ("b", b"2")}, chat_id=self.ann.id, media=media)
        self.assertEqual(len({message["media_group_id"] for message in answer["result"]}), 1)
        self.assertEqual([message.file for message in self.ann.chat.from_bot], [b"1", b"2"])

    def test_forward_and_copy(self):
        asked = self.ann.says("fix it")
        self.assertEqual(self.good("forwardMessage", chat_id=self.ann.id, from_chat_id=self.ann.id, message_id=asked.id)["forward_origin"]["type"], "user")
        self.good("copyMessage", chat_id=self.ann.id, from_chat_id=self.ann.id, message_id=asked.id)
        self.assertEqual(self.ann.chat.last.text, "fix it")
        self.wrong("forwardMessage", 400, "Bad Request: message to forward not found", chat_id=self.ann.id, from_chat_id=self.ann.id, message_id=9999)

    def test_an_action(self):
        self.good("sendChatAction", chat_id=self.ann.id, action="typing")
        self.assertEqual(self.ann.chat.actions[0][1], "typing")
        self.wrong("sendChatAction", 400, "Bad Request: wrong parameter action in request", chat_id=self.ann.id, action="thinking")


class WhereToSend(Case):
    def test_who_cannot_be_written_to(self):
        bob = self.fake.person("Bob")
        self.wrong("sendMessage", 400, "Bad Request: chat not found", chat_id=99, text="a")
        self.wrong("sendMessage", 400, "Bad Request: chat_id is empty", text="a")
        self.wrong("sendMessage", 403, "Forbidden: bot can't initiate conversation with a user", chat_id=bob.id, text="a")
        self.met()
        self.ann.blocks()
        self.wrong("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=self.ann.id, text="a")
        self.ann.unblocks()
        self.send()
        self.ann.deletes_account()
        self.wrong("sendMessage", 403, "Forbidden: user is deactivated", chat_id=self.ann.id, text="a")
        kinds = [update["my_chat_member"]["new_chat_member"]["status"] for update in self.good("getUpdates")]
        self.assertEqual(kinds, ["kicked", "member"])

    def test_groups(self):
        group, old = self.fake.group(members=[self.ann]), self.fake.group("Old", [self.ann], kind="group")
        self.send(chat=group)
        group.kick_bot()
        self.wrong("sendMessage", 403, "Forbidden: bot was kicked from the supergroup chat", chat_id=group.id, text="a")
        new = old.upgrade()
        answer = self.wrong("sendMessage", 400, "Bad Request: group chat was upgraded to a supergroup chat", chat_id=old.id, text="a")
        self.assertEqual(answer["parameters"], {"migrate_to_chat_id": new.id})
        new.delete()
        self.wrong("sendMessage", 403, "Forbidden: the group chat was deleted", chat_id=new.id, text="a")

    def test_topics(self):
        forum = self.fake.group(members=[self.ann], forum=True)
        topic = forum.topic("Backend")
        sent = self.send(chat=forum, message_thread_id=topic.id)
        self.assertEqual((sent["message_thread_id"], sent["is_topic_message"]), (topic.id, True))
        self.assertEqual([message.text for message in topic.messages][-1], "hello")
        topic.close()
        self.wrong("sendMessage", 400, "Bad Request: TOPIC_CLOSED", chat_id=forum.id, message_thread_id=topic.id, text="a")
        topic.delete()
        self.wrong("sendMessage", 400, "Bad Request: message thread not found", chat_id=forum.id, message_thread_id=topic.id, text="a")
        self.wrong("createForumTopic", 400, "Bad Request: not enough rights to create a topic", chat_id=forum.id, name="x")
        forum.add_bot("administrator")
        self.assertEqual(self.good("createForumTopic", chat_id=forum.id, name="New")["name"], "New")

    def test_message_ids(self):
        self.met()
        bob, group = self.fake.person("Bob"), self.fake.group(members=[self.ann])
        bob.says("hi")
        first, second, in_group = self.send(), self.send(chat=bob), self.send(chat=group)
        self.assertEqual(second["message_id"], first["message_id"] + 1)  # private chats share their count
        self.assertEqual(in_group["message_id"], 1)

    def test_members(self):
        group = self.fake.group(members=[self.ann])
        self.assertEqual(self.good("getChatMember", chat_id=group.id, user_id=self.ann.id)["status"], "creator")
        self.assertEqual(self.good("getChatMember", chat_id=group.id, user_id=4242)["status"], "member")
        self.wrong("getChatMember", 400, "Bad Request: user not found", chat_id=group.id, user_id=7)
        self.assertEqual(self.good("getChat", chat_id=group.id)["title"], "Team")


class Settings(Case):
    def test_commands_by_scope_and_language(self):
        commands, scope = [{"command": "status", "description": "What goes on"}], {"type": "all_private_chats"}
        self.good("setMyCommands", commands=commands, scope=scope, language_code="ru")
        self.assertEqual(self.good("getMyCommands", scope=scope, language_code="ru"), commands)
        self.assertEqual(self.good("getMyCommands", language_code="ru"), [])
        for wrong, description in (([{"command": "Status", "description": "x"}], "BOT_COMMAND_INVALID"),
                                   ([{"command": "a", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
                                   ([{"command": "a", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID")):
            self.wrong("setMyCommands", 400, "Bad Request: " + description, commands=wrong)
        self.wrong("setMyCommands", 400, "Bad Request: chat not found", commands=commands, scope={"type": "chat", "chat_id": 5})
        self.wrong("setMyCommands", 400, "Bad Request: invalid language code specified", commands=commands, language_code="russian")

    def test_descriptions(self):
        self.good("setMyDescription", description="en")
        self.good("setMyDescription", description="ру", language_code="ru")
        self.assertEqual(self.good("getMyDescription", language_code="ru"), {"description": "ру"})
        self.assertEqual(self.good("getMyDescription", language_code="de"), {"description": "en"})
        self.wrong("setMyShortDescription", 400, "Bad Request: bot short description is too long", short_description="x" * 121)


if __name__ == "__main__":
    unittest.main()
