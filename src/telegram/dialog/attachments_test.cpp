// What people attach is never dropped without a word: it is in the instruction, or one line says that it is not, and
// nothing is paid until the person says so.
#include "mechanic/limits.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/testing_update_handler.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using namespace std::chrono_literals;

namespace {

struct attachments : telegram::testing::with_update_handler {
    attachments() {
        files["log"] = "line 1\nline 2\n";
        files["zip"] = std::unexpected(unread::no_text);
        files["big"] = std::unexpected(unread::too_large);
    }
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await body(a, db);
        });
    }
    arrived sends(std::string text, std::string file, std::string name, std::chrono::milliseconds after = 0ms) {
        return with_it(says(2, std::move(text), after),
                       {.what = attachment::kind::document, .file = std::move(file), .name = std::move(name)});
    }
    arrived shows(std::string text, std::chrono::milliseconds after = 0ms) {
        return with_it(says(2, std::move(text), after), {.what = attachment::kind::photo});
    }
    static arrived with_it(arrived one, attachment what) {
        std::get<message>(one.what.what).attached = std::move(what);
        return one;
    }
};

awaitable<std::string> begun(store::pool& db) { // `db` outlives it
    auto r = co_await db.query("select coalesce(string_agg(instruction, ' | ' order by id), '') from tasks where state "
                               "<> 'aborted'");
    co_return std::string(r.text(0, 0));
}

constexpr auto read_log = "The file a.log:\n\n```\nline 1\nline 2\n```";
constexpr auto ask = "Nothing is begun and nothing is paid until you say so: go on without it?";

} // namespace

TEST_F(attachments, of_text_are_a_part_of_the_instruction) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, sends("mend this", "log", "a.log")), "task");
        EXPECT_EQ(co_await begun(db), std::string("mend this\n\n") + read_log);
        EXPECT_EQ(co_await hear(a, db, sends("", "log", "a.log", 1s)), "joined") << "another file of the same album";
        EXPECT_EQ(co_await begun(db), std::string("mend this\n\n") + read_log + "\n\n" + read_log);
        time.at += 1min;
        files["log"] = "a ``` b";
        EXPECT_EQ(co_await hear(a, db, sends("and this", "log", "b\n.log")), "task");
        EXPECT_TRUE((co_await begun(db)).ends_with("| and this\n\nThe file b .log:\n\n````\na ``` b\n````"))
            << co_await begun(db);
    });
}

TEST_F(attachments, that_are_not_read_are_named_and_nothing_begins_until_the_person_says_so) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, sends("mend this", "zip", "a.zip")), "answer");
        EXPECT_EQ(co_await told(db), std::string("Not read: a.zip (I read text only). ") + ask);
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        EXPECT_EQ(co_await hear(a, db, says(2, "/status")), "command") << "asks something else meanwhile";
        time.at += limits::update_old + 1min;
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 1, "dialog", "go_on")), "button") << "not this person's";
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "task");
        EXPECT_EQ(co_await begun(db), "mend this");
        EXPECT_EQ(co_await count_of(db, "outbox where request::text like '%while I was away%'"), 0);
        EXPECT_EQ(co_await count_of(db, "task_chats where message_id = 501"), 1);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "button") << "pressed again";
        EXPECT_TRUE(calls.back().contains("Nothing of yours waits here any more")) << calls.back();
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
    });
}

TEST_F(attachments, say_why_they_are_not_read) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        const std::pair<arrived, std::string> all[] = {
            {shows("x"), "a picture (I read text only)"},
            {sends("x", "big", "core"), "core (it is too long)"},
            {sends("x", "gone", ""), "a file (Telegram did not hand it over)"},
            {with_it(says(2, "x"), {.what = attachment::kind::voice}), "a voice message (I read text only)"}};
        for (auto [one, why] : all) {
            time.at += 1min;
            std::get<message>(one.what.what).date = time.at.time_since_epoch() / 1s;
            one.received = time.at;
            EXPECT_EQ(co_await hear(a, db, one), "answer");
            EXPECT_EQ(co_await told(db), "Not read: " + why + ". " + ask);
        }
        files["log"] = std::string(limits::instruction_characters, 'x');
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, sends("mend this", "log", "a.log")), "answer");
        EXPECT_EQ(co_await told(db), std::string("Not read: a.log (it is too long). ") + ask);
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
    });
}

TEST_F(attachments, that_come_right_after_the_words_hold_them_too) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(2, "mend this")), "task");
        EXPECT_EQ(co_await hear(a, db, shows("", 1s)), "answer");
        EXPECT_EQ(co_await begun(db), "") << "it waits, too";
        EXPECT_TRUE((co_await told(db)).ends_with(ask));
        EXPECT_EQ(co_await hear(a, db, says(2, "and that", 2s)), "joined");
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "task");
        EXPECT_EQ(co_await begun(db), "mend this\n\nand that");
    });
}

TEST_F(attachments, that_come_right_before_the_words_hold_them_too) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, sends("", "zip", "a.zip")), "answer");
        EXPECT_EQ(co_await told(db), "Not read: a.zip (I read text only). Say in words what should change.");
        EXPECT_EQ(co_await hear(a, db, says(2, "mend this", 1s)), "answer");
        EXPECT_EQ(co_await told(db), std::string("Not read: what came before. ") + ask);
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "task");
    });
}

TEST_F(attachments, without_words_wait_for_them) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, sends("", "log", "a.log")), "answer");
        EXPECT_EQ(co_await told(db), "I have read a.log. Say in words what to do with it.");
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        time.at += 3min;
        EXPECT_EQ(co_await hear(a, db, says(2, "/ask what went wrong here?")), "question");
        EXPECT_EQ(co_await begun(db), std::string(read_log) + "\n\nwhat went wrong here?");
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, shows("")), "answer");
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, says(2, "mend the sum")), "task") << "who says it after our line knows";
    });
}

TEST_F(attachments, of_an_album_are_told_once) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (auto [text, effect] : {std::pair{"as here", "answer"}, {"", "joined"}, {"", "joined"}}) {
            auto one = shows(text);
            std::get<message>(one.what.what).album = "7";
            EXPECT_EQ(co_await hear(a, db, one), effect);
        }
        EXPECT_EQ(co_await count_of(db, "outbox"), 1);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "task");
        EXPECT_EQ(co_await begun(db), "as here");
    });
}

TEST_F(attachments, of_a_reply_hold_the_reply) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "mend the sum"));
        co_await db.script("update tasks set state = 'aborted', not_before = null, fence = 1; delete from outbox");
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, with_it(replies(2, 501, "like this"), {.what = attachment::kind::photo})),
                  "answer");
        EXPECT_EQ(co_await count_of(db, "task_turns"), 0);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "turn");
        EXPECT_EQ(co_await count_of(db, "task_turns where instruction = 'like this'"), 1);
        EXPECT_EQ(co_await hear(a, db, shows("", 1s)), "joined");
        EXPECT_EQ(co_await told(db),
                  "Not read: a picture (I read text only). Task 1 goes on without it; /abort ends that.");
    });
}

TEST_F(attachments, that_were_cancelled_begin_nothing) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, shows("mend this")), "answer");
        EXPECT_EQ(co_await hear(a, db, says(2, "/cancel")), "command");
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "button");
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
    });
}

TEST_F(attachments, and_quotations_of_what_is_answered_are_a_part_of_the_instruction) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        a.introduce({.id = 42, .username = "persais_bot"});
        auto answers = [this](answered_to what) {
            time.at += 1min;
            auto one = says(2, "do this");
            std::get<message>(one.what.what).reply = std::move(what);
            return one;
        };
        person colleague{.id = 7}, us{.id = 42, .is_bot = true};
        EXPECT_EQ(co_await hear(a, db, answers({.id = 9, .from = colleague, .text = "one\ntwo"})), "task");
        EXPECT_TRUE((co_await begun(db)).ends_with("do this\n\n> one\n> two"));
        EXPECT_EQ(co_await hear(a, db, answers({.id = 9, .from = colleague, .text = "one\ntwo", .quote = "two"})),
                  "task");
        EXPECT_TRUE((co_await begun(db)).ends_with("do this\n\n> two"));
        EXPECT_EQ(co_await hear(a, db, answers({.id = 9, .from = us, .text = "all of ours", .quote = "ours"})), "task");
        EXPECT_TRUE((co_await begun(db)).ends_with("do this\n\n> ours"));
        EXPECT_EQ(co_await hear(a, db, answers({.id = 9, .from = us, .text = "all of ours"})), "task");
        EXPECT_TRUE((co_await begun(db)).ends_with("| do this")) << "our own words say nothing new";
        EXPECT_EQ(
            co_await hear(
                a, db,
                answers({.id = 9,
                         .from = colleague,
                         .attached = attachment{.what = attachment::kind::document, .file = "log", .name = "a.log"}})),
            "task");
        EXPECT_TRUE((co_await begun(db)).ends_with(std::string("do this\n\n") + read_log));

        co_await db.script("update tasks set state = 'aborted', not_before = null, fence = 1");
        EXPECT_EQ(co_await hear(a, db, answers({.id = 501, .from = us, .text = "red", .quote = "red"})), "turn");
        EXPECT_EQ(co_await count_of(db, "task_turns where instruction = E'do this\\n\\n> red'"), 1);
    });
}

TEST_F(attachments, and_messages_of_other_chats_are_quoted_or_named) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto one = says(2, "do this");
        std::get<message>(one.what.what).elsewhere = answered_elsewhere{"as agreed", {}};
        EXPECT_EQ(co_await hear(a, db, one), "task");
        EXPECT_EQ(co_await begun(db), "do this\n\n> as agreed");
        time.at += 1min;
        one = says(2, "and this");
        std::get<message>(one.what.what).elsewhere = answered_elsewhere{};
        EXPECT_EQ(co_await hear(a, db, one), "answer");
        EXPECT_EQ(co_await told(db),
                  std::string("Not read: the message of another chat (Telegram does not show it to me). ") + ask);
    });
}

TEST_F(attachments, that_wait_take_an_edit_of_their_words) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto picture = attachment{.what = attachment::kind::photo};
        auto edits_caption = [&](std::string text) {
            auto edit = edits(2, std::move(text));
            std::get<edited>(edit.what.what).now.attached = picture;
            return edit;
        };
        EXPECT_EQ(co_await hear(a, db, shows("do this")), "answer");
        EXPECT_EQ(co_await hear(a, db, edits_caption("do this")), "ignored");
        EXPECT_EQ(co_await hear(a, db, edits_caption("do that")), "answer");
        EXPECT_TRUE((co_await told(db)).starts_with("I took your edit"));
        EXPECT_EQ(co_await hear(a, db, says(2, "and more", 1s)), "joined");
        EXPECT_EQ(co_await hear(a, db, edits(2, "and less")), "answer");
        EXPECT_TRUE((co_await told(db)).contains("/cancel it and send all of it anew")) << co_await told(db);
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "dialog", "go_on")), "task");
        EXPECT_EQ(co_await begun(db), "do that\n\nand more");
    });
}

TEST_F(attachments, do_not_end_a_dialog_and_do_not_answer_it) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(1, "/repo add")), "command");
        for (const auto* caption : {"", "/srv/app.git"}) {
            auto one = with_it(says(1, caption), {.what = attachment::kind::photo});
            EXPECT_EQ(co_await hear(a, db, one), "answer");
            EXPECT_TRUE((co_await told(db)).starts_with("I take answers to my question in words only"));
        }
        EXPECT_EQ(co_await count_of(db, "conversations where expects ->> 'step' = 'address'"), 1);
        EXPECT_EQ(co_await hear(a, db, says(1, "/srv/app.git")), "answer");
        EXPECT_EQ(co_await count_of(db, "conversations where expects ->> 'step' = 'branch'"), 1);
    });
}

TEST_F(attachments, and_quotations_stay_when_the_words_are_edited) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto one = sends("do this", "log", "a.log");
        auto& m = std::get<message>(one.what.what);
        m.reply = answered_to{.id = 9, .from = person{.id = 7}, .text = "one"};
        EXPECT_EQ(co_await hear(a, db, one), "task");
        auto edit = edits(2, "do that");
        auto& now = std::get<edited>(edit.what.what).now;
        now.attached = m.attached;
        now.reply = m.reply;
        EXPECT_EQ(co_await hear(a, db, edit), "answer");
        EXPECT_EQ(co_await begun(db), std::string("do that\n\n") + read_log + "\n\n> one");
    });
}
