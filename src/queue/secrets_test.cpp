#include "queue/branches.hpp"
#include "queue/sealed_values.hpp"
#include "queue/secrets.hpp"
#include "queue/support.hpp"
#include "queue/testing_table.hpp"

#include <algorithm>

#include <boost/json.hpp>

using namespace persais;
using namespace persais::queue;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

struct secret_table : queue::testing::table {
    static awaitable<std::int64_t> changed(store::pool& db, store::statement what) {
        co_return (co_await db.query(std::move(what.sql), std::move(what.params))).affected();
    }
    static awaitable<std::string> audit(store::pool& db) {
        auto r = co_await db.query("select coalesce(string_agg(what || ' ' || detail || ' by ' || by, '; ' order by "
                                   "id), '') from audit");
        co_return std::string(r.text(0, 0));
    }
    /// A task with a branch of this name.
    static awaitable<task_id> with_branch(store::pool& db, std::string remote, std::string branch) {
        pg_tasks all(db, "me", 10s);
        auto order = queue::testing::some_order();
        order.remote = std::move(remote);
        auto id = co_await all.add(order);
        co_await db.query("update tasks set facts = facts || jsonb_build_object('branch', $2::text) where id = $1",
                          {id.str(), std::move(branch)});
        co_return id;
    }
};

const std::string any_bytes("\0\\x41'\xff\n\"", 9);

} // namespace

TEST_F(secret_table, keeps_any_bytes_and_names_of_settings_apart_from_its_own) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await load_secret(db, "telegram_webhook"), std::nullopt);
        co_await keep_secret(db, "telegram_webhook", any_bytes);
        EXPECT_EQ(co_await load_secret(db, "telegram_webhook"), any_bytes);
        EXPECT_EQ(co_await changed(db, set_secret("B_KEY", any_bytes, "42")), 1);
        EXPECT_EQ(co_await changed(db, set_secret("A_KEY", "", "terminal")), 1);
        auto all = co_await secrets_of_settings(db);
        EXPECT_EQ(all.size(), 2U);
        if (all.size() != 2) co_return;
        EXPECT_EQ(all[0].name + all[1].name, "A_KEYB_KEY") << "in the order of their names";
        EXPECT_EQ(all[1].sealed, any_bytes);
        EXPECT_EQ(co_await changed(db, set_secret("B_KEY", "newer", "42")), 1);
        auto again = co_await secrets_of_settings(db);
        EXPECT_EQ(again.at(1).sealed, "newer");
        EXPECT_GT(again.at(1).set_at, all[1].set_at);
        co_await keep_secret(db, "telegram_webhook", std::nullopt);
        co_await keep_secret(db, "telegram_webhook", std::nullopt);
        EXPECT_EQ(co_await load_secret(db, "telegram_webhook"), std::nullopt);
        EXPECT_EQ(co_await changed(db, unset_secret("' or true --", "42")), 0);
        EXPECT_EQ((co_await secrets_of_settings(db)).size(), 2U);
        EXPECT_FALSE((co_await audit(db)).contains("newer"));
    });
}

TEST_F(secret_table, two_changes_of_the_key_at_once_are_one) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_FALSE(co_await load_key_change(db));
        bool other = false;
        {
            background<void> beside(co_await asio::this_coro::executor,
                                    [](store::pool& at, bool& won) -> awaitable<void> {
                                        won = co_await begin_key_change(at, {"next of two", "before of two"});
                                    }(db, other));
            bool mine = co_await begin_key_change(db, {"next of one", "before of one"});
            co_await beside.join();
            EXPECT_NE(mine, other);
            auto now = co_await load_key_change(db);
            EXPECT_TRUE(now);
            if (!now) co_return;
            EXPECT_EQ(now->next, mine ? "next of one" : "next of two");
            EXPECT_EQ(now->before, mine ? "before of one" : "before of two") << "both rows are of the same change";
        }
        EXPECT_TRUE((co_await read_sealed(db, sealed_secrets)).empty()) << "they are sealed with one key each";
        EXPECT_TRUE((co_await secrets_of_settings(db)).empty());
        co_await end_key_change(db, "terminal");
        co_await end_key_change(db, "terminal");
        EXPECT_FALSE(co_await load_key_change(db));
        EXPECT_EQ(co_await audit(db), "secrets_resealed  by terminal") << "the second ended nothing";
    });
}

TEST_F(secret_table, half_a_change_of_the_key_is_none) {
    with([](store::pool& db) -> awaitable<void> {
        co_await keep_secret(db, next_master_key, "next");
        EXPECT_FALSE(co_await load_key_change(db));
        co_await keep_secret(db, next_master_key, std::nullopt);
        co_await keep_secret(db, master_key_before, "before");
        EXPECT_FALSE(co_await load_key_change(db));
    });
}

TEST_F(secret_table, a_value_is_replaced_only_where_it_is_what_was_read) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("insert into repositories (name, remote, token) values ('a', '/srv/a.git', 'one'), ('b', "
                          "'/srv/b.git', 'one'), ('c', '/srv/c.git', null)");
        co_await db.query("insert into repository_environment (repository, name, sealed) select id, n, 'one' from "
                          "repositories, (values ('X'), ('Y')) v(n) where repositories.name <> 'c'");
        co_await db.query("insert into second_factors (person, sealed) values ('7', 'one'), ('8', 'one')");
        co_await changed(db, set_secret("A_KEY", "one", "42"));
        co_await changed(db, set_secret("B_KEY", "one", "42"));
        for (const auto& kind : {sealed_secrets, sealed_tokens, sealed_environments, sealed_factors}) {
            auto before = co_await read_sealed(db, kind);
            EXPECT_EQ(before.size(), kind.what == sealed_environments.what ? 4U : 2U) << kind.what;
            auto first = before.at(0);
            EXPECT_TRUE(co_await replace_sealed(db, kind, first, any_bytes)) << kind.what;
            EXPECT_FALSE(co_await replace_sealed(db, kind, first, "late")) << kind.what << ": it is another by now";
            auto nobody = first;
            nobody.key = "77777";
            if (kind.what == sealed_environments.what) nobody.key = "77777 X";
            EXPECT_FALSE(co_await replace_sealed(db, kind, nobody, "late")) << kind.what << ": it is gone";
            auto after = co_await read_sealed(db, kind);
            EXPECT_EQ(std::ranges::count(after, any_bytes, &sealed_value::sealed), 1) << kind.what;
            EXPECT_EQ(std::ranges::count(after, "one", &sealed_value::sealed), std::ssize(before) - 1) << kind.what;
        }
    });
}

TEST_F(secret_table, pages_of_support_hold_no_word_of_people_nor_who_they_are) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto order = queue::testing::some_order();
        order.remote = "https://me:canary@git.example/canary/app.git";
        order.instruction = "canary \"quoted\"\nand its second line";
        auto id = co_await all.add(order);
        co_await db.query("update tasks set facts = facts || '{\"branch\": \"canary\", \"question\": \"canary\"}'");
        co_await changed(db, set_secret("A_KEY", "canary", "987654321"));
        for (const auto& page : support_pages(false)) {
            std::string said;
            for (const auto& row : co_await read_support_page(db, page)) {
                boost::system::error_code wrong;
                boost::json::parse(row, wrong);
                EXPECT_FALSE(wrong) << page.name << ": " << row;
                EXPECT_FALSE(row.contains('\n')) << page.name;
                said += row;
            }
            EXPECT_FALSE(said.contains("canary")) << page.name << ": " << said;
            EXPECT_FALSE(said.contains("second line")) << page.name;
            EXPECT_FALSE(said.contains("git.example")) << page.name;
            EXPECT_FALSE(said.contains("987654321")) << page.name << ": a person's number";
            if (page.name == "tasks.jsonl") EXPECT_TRUE(said.contains("\"task\": " + id.str())) << said;
            if (page.name == "audit.jsonl") EXPECT_TRUE(said.contains("a person")) << said;
        }
        bool found = false;
        for (const auto& page : support_pages(true))
            if (page.name == "tasks.jsonl")
                for (const auto& row : co_await read_support_page(db, page))
                    found = found || row.contains("second line");
        EXPECT_TRUE(found) << "where words are asked for, they are there";
        EXPECT_EQ(co_await newest_words(db), std::vector<std::string>{order.instruction});
    });
}

TEST_F(secret_table, branches_are_of_their_remote_and_their_whole_name) {
    with([](store::pool& db) -> awaitable<void> {
        auto one = co_await with_branch(db, "/srv/r.git", "persais/1");
        auto odd = co_await with_branch(db, "/srv/r.git", "a\"b','c\\ правка");
        auto twin = co_await with_branch(db, "/srv/r.git", "persais/1");
        co_await with_branch(db, "/srv/other.git", "persais/1");
        co_await with_branch(db, "/srv/r.git", "persais/11");
        using ids = std::vector<task_id>;
        EXPECT_EQ(co_await tasks_with_branches(db, "/srv/r.git", {"persais/1", "main"}), (ids{one, twin}));
        EXPECT_EQ(co_await tasks_with_branches(db, "/srv/r.git", {"a\"b','c\\ правка"}), ids{odd});
        for (auto* nobody : {"", "%", "persais/_", "PERSAIS/1", "persais/1 ", "null"})
            EXPECT_EQ(co_await tasks_with_branches(db, "/srv/r.git", {nobody}), ids{}) << nobody;
        EXPECT_EQ(co_await tasks_with_branches(db, "/srv/r.git", {}), ids{});
        EXPECT_EQ(co_await tasks_with_branches(db, "/srv/r", {"persais/1"}), ids{});
    });
}

TEST_F(secret_table, a_task_is_held_until_its_time_is_over) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(queue::testing::some_order());
        EXPECT_EQ(co_await tasks_held(db), 0);
        EXPECT_TRUE(co_await queue::testing::claim(all, id));
        EXPECT_EQ(co_await tasks_held(db), 1);
        co_await db.query("update tasks set lease_until = clock_timestamp() - interval '1 second'");
        EXPECT_EQ(co_await tasks_held(db), 0) << "who held it was killed";
    });
}
