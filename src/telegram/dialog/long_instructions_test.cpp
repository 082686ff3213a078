// What is too long begins nothing, whatever parts it comes in.
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "service/limits.hpp"
#include "telegram/dialog/testing_update_handler.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using telegram::testing::with_update_handler;
using namespace std::chrono_literals;

namespace {

struct long_instructions : with_update_handler {
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await body(a, db);
        });
    }
    arrived repeats(std::int64_t to, std::string text, std::chrono::milliseconds after) {
        auto one = says(2, std::move(text), after);
        std::get<message>(one.what.what).reply = answered_to{.id = to};
        return one;
    }
};

/// As much as a client puts into one message.
std::string part(int number, std::string_view letter = "x") {
    auto text = fmt::format("part {} ", number);
    while (text.size() < 4096 * letter.size())
        text += letter;
    return text;
}

awaitable<std::string> text_of(store::pool& db, std::string what) { // `db` outlives it
    auto r = co_await db.query(what);
    co_return r.empty() ? "" : std::string(r.text(0, 0));
}

/// What is told, a line for each message that waits to be sent.
constexpr auto messages =
    "select coalesce(string_agg(coalesce(request #>> '{body,text}', body), '|' order by id), '') from outbox";
constexpr auto begun = "tasks where state <> 'aborted'";

} // namespace

TEST_F(long_instructions, that_a_client_split_begin_nothing_and_are_told_once) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(2, part(1))), "task");
        EXPECT_EQ(co_await hear(a, db, says(2, part(2))), "joined");
        EXPECT_EQ(co_await hear(a, db, says(2, part(3), 1s)), "joined");
        for (int i = 4; i <= 7; ++i)
            EXPECT_EQ(co_await hear(a, db, says(2, part(i), 2s)), "refused");
        update_handler after_a_kill(dependencies(db));
        co_await after_a_kill.begin();
        auto rest = says(2, "the short rest", 3s);
        rest.received += 1h; // it waited at Telegram
        EXPECT_EQ(co_await hear(after_a_kill, db, rest), "refused");
        EXPECT_EQ(co_await count_of(db, begun), 0);
        EXPECT_EQ(co_await text_of(db, messages), "Task 1 · r\nQueued: it is next.|Withdrawn.");
        auto found = *co_await rules().load({1});
        EXPECT_TRUE(is_withdrawn(found.task));
        mechanic::task as_step{.id = {1}, .what = found.task.what, .now = mechanic::queued{}};
        EXPECT_TRUE(mechanic::step(as_step, mechanic::abort_wished{}, {}));
        EXPECT_EQ(found.task, as_step) << "the state that the state machine gives it";
        EXPECT_EQ(co_await hear(a, db, says(2, "something else", 7s)), "task");
    });
}

TEST_F(long_instructions, count_characters_so_that_russian_gets_as_much) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await hear(a, db, says(2, part(1, "ж"))), "task");
        for (int i = 2; i <= 3; ++i)
            EXPECT_EQ(co_await hear(a, db, says(2, part(i, "ж"))), "joined");
        EXPECT_EQ(co_await hear(a, db, says(2, std::string("ещё"))), "joined");
        EXPECT_EQ(co_await count_of(db, begun), 1);
        EXPECT_GT(std::stoi(co_await text_of(db, "select octet_length(instruction)::text from tasks")), 16384);
    });
}

TEST_F(long_instructions, have_their_parts_in_the_order_of_writing_whatever_comes_first) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto one = says(2, "один"), two = says(2, "two", 1s), three = says(2, "three", 1s), four = says(2, "four", 2s);
        EXPECT_EQ(co_await hear(a, db, three), "task");
        EXPECT_EQ(co_await hear(a, db, one), "joined");
        EXPECT_EQ(co_await hear(a, db, four), "joined");
        EXPECT_EQ(co_await hear(a, db, two), "joined");
        EXPECT_EQ(co_await text_of(db, "select instruction from tasks"), "один\n\ntwo\n\nthree\n\nfour");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
    });
}

TEST_F(long_instructions, that_wait_for_a_repository_have_their_parts_in_the_order_of_writing) {
    settings.git_remote_url = "";
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.script("insert into repositories (name, remote) values ('r', '/srv/r.git')");
        auto one = says(2, "один"), two = says(2, "two", 1s), three = says(2, "three", 1s), four = says(2, "four", 2s);
        EXPECT_EQ(co_await hear(a, db, four), "answer");
        EXPECT_EQ(co_await hear(a, db, one), "joined");
        EXPECT_EQ(co_await hear(a, db, three), "joined");
        EXPECT_EQ(co_await told(db), "Which repository? Choose one, and I begin with your message.");
        auto press = co_await presses(db, 2, "repo");
        EXPECT_EQ(co_await hear(a, db, press), "task");
        EXPECT_EQ(co_await text_of(db, "select instruction from tasks"), "один\n\nthree\n\nfour");
        EXPECT_EQ(co_await hear(a, db, two), "joined") << "each part is known by its message";
        EXPECT_EQ(co_await text_of(db, "select instruction from tasks"), "один\n\ntwo\n\nthree\n\nfour");
        std::get<message>(four.what.what).text = "five";
        four.what.what = edited{std::get<message>(four.what.what)};
        EXPECT_EQ(co_await hear(a, db, four), "answer") << "an edit of one part cannot replace all of them";
        EXPECT_EQ(co_await text_of(db, "select instruction from tasks"), "один\n\ntwo\n\nthree\n\nfour");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
    });
}

TEST_F(long_instructions, in_an_album_or_of_one_message_begin_nothing) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto picture = [this](std::string caption) {
            auto one = says(2, std::move(caption));
            auto& m = std::get<message>(one.what.what);
            m.attached = attachment{.what = attachment::kind::photo};
            m.album = "7";
            return one;
        };
        auto many = std::string(limits::instruction_characters + 1, 'x');
        EXPECT_EQ(co_await hear(a, db, picture(many)), "refused");
        EXPECT_EQ(co_await hear(a, db, picture("")), "refused");
        EXPECT_EQ(co_await hear(a, db, says(2, "and a comment")), "refused");
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        EXPECT_EQ(co_await count_of(db, "outbox"), 1);
        EXPECT_EQ(co_await told(db), "This is longer than 16384 characters, the most that an instruction may have. "
                                     "Nothing was begun: send it shorter, or one step at a time.");
    });
}

TEST_F(long_instructions, that_reply_to_a_task_begin_no_turn_and_no_task) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "mend the sum"));
        co_await db.script("update tasks set state = 'aborted', not_before = null, fence = 1; delete from outbox");
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, repeats(501, part(1), 0s)), "turn");
        EXPECT_EQ(co_await hear(a, db, repeats(501, part(2), 1s)), "joined") << "as clients do that repeat the reply";
        EXPECT_EQ(co_await hear(a, db, says(2, part(3), 1s)), "joined") << "as clients do that do not";
        EXPECT_EQ(co_await hear(a, db, says(2, part(4), 2s)), "refused");
        EXPECT_EQ(co_await hear(a, db, repeats(501, part(5), 2s)), "refused");
        EXPECT_EQ(co_await hear(a, db, says(2, "the rest", 3s)), "refused");
        EXPECT_EQ(co_await text_of(db, "select string_agg(format('%s %s', turn, state), ',') from task_turns"),
                  "1 dropped");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_EQ(co_await text_of(db, messages), "Going on with task 1.\nQueued: it is next.|Withdrawn.");
        EXPECT_EQ(co_await hear(a, db, repeats(501, "in short", 7s)), "turn");
    });
}

TEST_F(long_instructions, or_others_that_are_refused_are_refused_with_all_their_parts) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "mend the sum"));
        co_await db.query(
            "insert into task_turns (task_id, turn, instruction) select 1, n, 'x' from generate_series(1, $1::int) n",
            {std::to_string(limits::replies_kept)});
        co_await db.script("update tasks set fence = 1");
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, "one too many")), "refused");
        EXPECT_EQ(co_await hear(a, db, says(2, "its second part", 1s)), "refused");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_EQ(co_await count_of(db, "outbox where task_id is null"), 1) << "told once";
    });
}

TEST_F(long_instructions, that_wait_for_the_choice_of_a_repository_are_one_too) {
    settings.git_remote_url.clear();
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.script("insert into repositories (name, remote) values ('team/app', '/srv/app.git')");
        EXPECT_EQ(co_await hear(a, db, says(2, part(1))), "answer");
        EXPECT_EQ(co_await hear(a, db, says(2, "part 2", 1s)), "joined");
        EXPECT_EQ(co_await count_of(db, "outbox"), 1) << "asked once";
        EXPECT_EQ(co_await hear(a, db, co_await presses(db, 2, "repo")), "task");
        EXPECT_EQ(co_await text_of(db, "select instruction from tasks"), part(1) + "\n\npart 2");
        time.at += 1min;
        co_await db.script(
            "delete from outbox; update conversations set repository = null; update tasks set fence = 1");
        for (int i = 1; i <= 3; ++i)
            co_await hear(a, db, says(2, part(i)));
        for (int i = 4; i <= 8; ++i)
            EXPECT_EQ(co_await hear(a, db, says(2, part(i), 1s)), "refused");
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_EQ(co_await count_of(db, "conversations where expects is not null"), 0);
        EXPECT_EQ(co_await count_of(db, "outbox"), 2) << "the question, and one sentence";
    });
}

TEST_F(long_instructions, or_words_that_ask_for_nothing_begin_nothing_but_may_be_a_part) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (const auto* nothing : {"-", "\u2060\u200b", "Спасибо!"}) {
            EXPECT_EQ(co_await hear(a, db, says(2, nothing)), "answer") << nothing;
            EXPECT_TRUE((co_await told(db)).starts_with("I see nothing to do in this")) << nothing;
        }
        EXPECT_EQ(co_await hear(a, db, says(2, "mend the sum")), "task");
        EXPECT_EQ(co_await hear(a, db, says(2, "thanks", 1s)), "joined");
        co_await db.script("update tasks set state = 'aborted', not_before = null, fence = 1");
        time.at += 1min;
        EXPECT_EQ(co_await hear(a, db, replies(2, 504, "Thank you!")), "answer");
        EXPECT_EQ(co_await count_of(db, "task_turns"), 0);
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
    });
}

TEST_F(long_instructions, cannot_be_retried_or_edited_into_a_task_but_a_reply_goes_on) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (int i = 1; i <= 5; ++i)
            co_await hear(a, db, says(2, part(i)));
        time.at += 1min;
        co_await hear(a, db, says(2, "/retry 1"));
        EXPECT_EQ(co_await told(db), "What task 1 was asked for in all its turns is longer than one task takes: say it "
                                     "anew in fewer words.");
        EXPECT_EQ((co_await rules().retry({1})).error().why, service::refusal::reason::too_long);
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        EXPECT_EQ(co_await hear(a, db, replies(2, 501, "in short")), "turn");
        auto edited = edits(2, "shorter");
        std::get<telegram::edited>(edited.what.what).now.id = 501;
        EXPECT_EQ(co_await hear(a, db, edited), "answer");
        EXPECT_EQ(co_await told(db), "Task 1 was not begun, and an edit does not begin it. Send it anew.");
    });
}
