#include "telegram/dialog/testing_update_handler.hpp"

using namespace persais;
using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

/// 2 gave task 1, which failed; both people speak Russian.
struct readers : telegram::testing::with_update_handler {
    template <class F>
    void with_a_failed_task(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            co_await hear(a, db, says(2, "почини вход"));
            co_await db.query("update tasks set state = 'failed', verdict = 'remote_failed', reason = 'no_read', "
                              "sentence = 'It refuses the token. Check GIT_ACCESS_TOKEN.', not_before = null");
            for (auto person : {1, 2})
                co_await hear(a, db, says(person, "/lang ru"));
            co_await body(a, db);
        });
    }
    awaitable<std::string> answer(update_handler& a, store::pool& db, arrived one) {
        co_await hear(a, db, std::move(one));
        co_return co_await told(db);
    }
    arrived says_in_a_group(std::int64_t person, std::string text) {
        auto one = says(person, std::move(text));
        std::get<message>(one.what.what).where = {.id = -100, .what = chat::kind::group};
        return one;
    }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_F(readers, only_an_admin_who_reads_alone_is_told_what_to_set) {
    with_a_failed_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto admins = co_await answer(a, db, says(1, "/status"));
        EXPECT_TRUE(has(admins, "· 1: ")) << admins;
        EXPECT_TRUE(has(admins, "GIT_ACCESS_TOKEN")) << admins;
        EXPECT_TRUE(has(admins, "командой /repo")) << admins;
        for (auto one : {says(2, "/status"), says_in_a_group(1, "/status")}) {
            auto others = co_await answer(a, db, std::move(one));
            EXPECT_TRUE(has(others, "· 1: ")) << others;
            EXPECT_TRUE(has(others, "Попросите администратора этого бота")) << others;
            EXPECT_FALSE(has(others, "GIT_ACCESS_TOKEN")) << others;
        }
    });
}

TEST_F(readers, how_a_task_ended_is_told_in_their_language) {
    with_a_failed_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await answer(a, db, says(2, "/abort 1")),
                  "Задача 1 уже закончилась (сервер репозитория отказал).");
    });
}

TEST_F(readers, the_log_is_told_in_their_language) {
    with_a_failed_task([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.query("insert into task_events (task_id, fence, kind, body) values (1, 1, 'state', "
                          "'{\"state\": \"coding\", \"attempt\": 2, \"round\": 0}'), (1, 1, 'progress', "
                          "'{\"text\": \"editing a.py\", \"doing\": \"editing\", \"subject\": \"a.py\"}'), "
                          "(1, 1, 'log', '{\"text\": \"I have mended it.\\n\"}'), "
                          "(1, 1, 'progress', '{\"text\": \"of an older version\"}')");
        auto log = co_await answer(a, db, says(2, "/log 1"));
        EXPECT_TRUE(has(log, " работает агент, попытка 2\n")) << log;
        EXPECT_TRUE(has(log, " Агент правит a.py.\nI have mended it.\n")) << log;
        EXPECT_TRUE(has(log, " of an older version")) << log;
        co_await hear(a, db, says(2, "/lang en"));
        log = co_await answer(a, db, says(2, "/log 1"));
        EXPECT_TRUE(has(log, " coding, attempt 2\n")) << log;
        EXPECT_TRUE(has(log, " The agent is editing a.py.\n")) << log;
    });
}
