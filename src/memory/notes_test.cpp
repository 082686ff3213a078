#include "memory/notes.hpp"
#include "memory/testing.hpp"

using namespace persais;
using namespace persais::memory;
using namespace persais::memory::testing;

struct notes : remembering {};

TEST_F(notes, are_kept_once_and_corrected_by_another) {
    with([](store::pool& db) -> awaitable<void> {
        auto first = (co_await db.transact({add_note("/r", "Redis is on 6379.", 11)})).front().number(0, 0);
        auto again = (co_await db.transact({add_note("/r", "Redis is on 6379.", 12)})).front().number(0, 0);
        EXPECT_EQ(first, again);
        auto right = (co_await db.transact({correct(first, "Redis is on 6380.", 12)})).front().number(0, 0);
        EXPECT_EQ((co_await load(db, first))->untrue, "corrected");
        EXPECT_EQ((co_await load(db, right))->people, std::vector<std::int64_t>{12});
        EXPECT_TRUE((co_await db.transact({correct(99, "x", {})})).front().empty());
        EXPECT_EQ((co_await list(db, {})).size(), 1U);
        EXPECT_EQ((co_await list(db, {.untrue = true})).size(), 2U);
        EXPECT_EQ((co_await list(db, {.words = "redis"})).size(), 1U);
    });
}

TEST_F(notes, that_two_people_wrote_with_the_same_words_are_forgotten_with_the_second_one) {
    with([](store::pool& db) -> awaitable<void> {
        std::int64_t note = 0;
        for (int person : {11, 12, 12})
            note = (co_await db.transact({add_note("/r", "Redis is on 6379.", person)})).front().number(0, 0);
        EXPECT_EQ((co_await load(db, note))->people, (std::vector<std::int64_t>{11, 12}));
        EXPECT_EQ((co_await db.transact({forget_person(11)})).front().number(0, 0), 0);
        EXPECT_EQ((co_await load(db, note))->people, std::vector<std::int64_t>{12});
        EXPECT_EQ((co_await db.transact({forget_person(12)})).front().number(0, 0), 1);
        EXPECT_FALSE(co_await load(db, note));
        auto at_terminal = (co_await db.transact({add_note("/r", "Tests want LANG=C.", {})})).front().number(0, 0);
        co_await db.transact({add_note("/r", "Tests want LANG=C.", 12)});
        EXPECT_EQ((co_await db.transact({forget_person(12)})).front().number(0, 0), 0);
        EXPECT_TRUE(co_await load(db, at_terminal)) << "somebody at a terminal wrote it";
    });
}

TEST_F(notes, are_corrected_to_the_words_that_they_had) {
    with([](store::pool& db) -> awaitable<void> {
        auto first = (co_await db.transact({add_note("/r", "Redis is on 6379.", 11)})).front().number(0, 0);
        auto same = (co_await db.transact({correct(first, "Redis is on 6379.", 12)})).front().number(0, 0);
        EXPECT_EQ((co_await load(db, same))->untrue, "") << "what is given is there";
        EXPECT_EQ((co_await list(db, {})).size(), 1U);
    });
}

TEST_F(notes, texts_are_cut_at_whole_characters_and_never_to_nothing) {
    with([](store::pool& db) -> awaitable<void> {
        auto cut = [&db](std::string text, int bytes) -> awaitable<std::string> {
            auto r = co_await db.query("select memory_cut($1, $2::int)", {text, std::to_string(bytes)});
            co_return std::string(r.text(0, 0));
        };
        EXPECT_EQ(co_await cut("  short \n", 10), "short");
        EXPECT_EQ(co_await cut(std::string(3000, ' ') + "late", 100), "late");
        EXPECT_EQ(co_await cut("a word and another", 7), "a word") << "no blank is left at the end";
        EXPECT_EQ(co_await cut("порт", 5), "по");
        EXPECT_EQ(co_await cut("", 5), "");
        auto none = co_await db.query("select memory_distilled(null)");
        EXPECT_FALSE(none.null(0, 0)) << "else the whole item would be nothing";
    });
}

TEST_F(notes, that_a_task_left_are_forgotten_with_it_also_later) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        co_await becomes(db, id, "review");
        EXPECT_EQ((co_await db.transact({forget(1)})).front().number(0, 0), 1);
        EXPECT_EQ((co_await db.transact({forget(1)})).front().number(0, 0), 0);
        co_await becomes(db, id, "deployed");
        EXPECT_EQ((co_await kept(db, "/r")).size(), 0U);
    });
}

TEST_F(notes, of_a_person_are_forgotten_everywhere_and_those_of_others_stay) {
    with([](store::pool& db) -> awaitable<void> {
        auto theirs = co_await task_of(db, "/r", "Mend the sum."), others = co_await task_of(db, "/q", "Mend the sum.");
        auto later = co_await task_of(db, "/q", "Of theirs too, and not done.");
        for (auto id : {theirs, later})
            co_await db.query("insert into task_chats (task_id, chat_id, person_id, message_id, language) values ($1, "
                              "5, 11, 1, 'en')",
                              {std::to_string(id)});
        co_await db.query(
            "insert into task_turns (task_id, turn, instruction, person_id, state) values ($1, 1, 'x', 12, 'begun')",
            {std::to_string(others)});
        co_await becomes(db, theirs, "review");
        co_await becomes(db, others, "review");
        co_await db.transact({add_note("/q", "A note of 11.", 11), add_note("/q", "A note of 12.", 12)});
        EXPECT_EQ((co_await db.transact({forget_person(11)})).front().number(0, 0), 2);
        co_await becomes(db, later, "review");
        EXPECT_EQ((co_await list(db, {})).size(), 2U) << "of 12, and the task of nobody in the chat";
        EXPECT_EQ((co_await db.transact({forget_person(12)})).front().number(0, 0), 2) << "they replied to it";
    });
}
