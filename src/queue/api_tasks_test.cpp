// Whose a task is, whichever way it came, and requests that may come once more.
#include "mechanic/landing.hpp"
#include "queue/add_task.hpp"
#include "queue/api_tasks.hpp"
#include "queue/forge_inbox.hpp"
#include "queue/listing.hpp"
#include "queue/people.hpp"
#include "queue/testing_table.hpp"
#include "queue/turns.hpp"

using namespace persais;
using namespace persais::queue;
using namespace std::chrono_literals;
using queue::testing::commit;
using queue::testing::some_order;

namespace {

constexpr std::int64_t ann = 11, bob = 12;

struct whose_task : queue::testing::table {};

store::statement in_chat(task_id id, std::int64_t person) {
    return {"insert into task_chats (task_id, chat_id, person_id, message_id, language) values ($1::bigint, "
            "$2::bigint, $2::bigint, 1, 'en')",
            {id.str(), std::to_string(person)}};
}

store::statement at_forge(task_id id, std::optional<std::int64_t> person, int turn = 0) {
    return came_from_forge({.task = id, .turn = turn, .remote = "r", .number = 3, .author = "x", .person = person});
}

/// A task with these rows beside it. `all` and `db` outlive it.
awaitable<task_id> given(store::pool& db, tasks& all, std::vector<store::statement (*)(task_id)> ways) {
    auto id = co_await all.add(some_order());
    for (auto way : ways)
        co_await db.transact({way(id)});
    co_return id;
}

awaitable<std::string> text_of(store::pool& db, std::string sql, std::vector<store::param> params) {
    auto r = co_await db.query(std::move(sql), std::move(params));
    co_return r.empty() || r.null(0, 0) ? "nobody" : std::string(r.text(0, 0));
}

awaitable<std::string> person_of(store::pool& db, task_id id) {
    return text_of(db, "select task_person($1::bigint)", {id.str()});
}

awaitable<std::string> tasks_of(store::pool& db, std::int64_t person) {
    return text_of(db, "select string_agg(t::text, ' ' order by t) from person_tasks($1::bigint) t",
                   {std::to_string(person)});
}

std::string words_of(const std::optional<std::int64_t>& person) {
    return person ? std::to_string(*person) : "a terminal";
}

struct way {
    std::string_view name;
    std::vector<store::statement (*)(task_id)> rows;
    std::string pays;                  // task_person
    std::string giver;                 // who may look at it as theirs
    std::vector<std::string> asked_by; // for rules about own work
};

const std::vector<way> ways{
    {"a chat", {[](task_id id) { return in_chat(id, ann); }}, "11", "11", {"11"}},
    {"the API", {[](task_id id) { return given_by_api(id, ann); }}, "11", "11", {"11"}},
    {"a terminal, or its token", {}, "terminal", "a terminal", {"terminal"}},
    {"a forge, by somebody known", {[](task_id id) { return at_forge(id, ann); }}, "11", "11", {"11"}},
    {"a forge, told in a chat, too",
     {[](task_id id) { return at_forge(id, ann); }, [](task_id id) { return in_chat(id, ann); }},
     "11",
     "11",
     {"11"}},
    {"a forge, by a stranger", {[](task_id id) { return at_forge(id, {}); }}, "nobody", "a terminal", {}},
};

/// SQLSTATE of what adding this key fails with, or "kept".
awaitable<std::string> keeping(store::pool& db, keyed_request what) {
    std::exception_ptr failed;
    try {
        co_await db.transact({keep_request(what)});
    } catch (...) {
        failed = std::current_exception();
    }
    co_return failed ? queue::testing::sqlstate_of(failed) : "kept";
}

} // namespace

TEST_F(whose_task, is_the_same_person_for_money_for_looking_and_for_own_work) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        for (const auto& each : ways) {
            auto id = co_await given(db, all, each.rows);
            EXPECT_EQ(co_await person_of(db, id), each.pays) << each.name;
            EXPECT_EQ(words_of(co_await giver_of(db, id)), each.giver) << each.name;
            auto page = co_await page_of_tasks(db, {.most = 1});
            EXPECT_TRUE(page.size() == 1 && page[0].what.id == id) << each.name;
            if (!page.empty()) EXPECT_EQ(words_of(page[0].giver), each.giver) << each.name;
            EXPECT_EQ((co_await all.landing_record_of(id, "11")).asked_by, each.asked_by) << each.name;
        }
        EXPECT_EQ(co_await tasks_of(db, ann), "1 2 4 5") << "each once, however many ways lead to it";
        EXPECT_EQ((co_await page_of_tasks(db, {.giver = ann})).size(), 4U);
        EXPECT_EQ(co_await waiting_of(db, ann), 4);
        EXPECT_EQ(co_await waiting_of(db, bob), 0);
        EXPECT_EQ(words_of(co_await giver_of(db, {999})), "a terminal") << "that there is none is looked at before";
    });
}

TEST_F(whose_task, is_of_whoever_asked_for_the_turn_that_it_is_at) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto id = co_await given(db, all, {[](task_id of) { return given_by_api(of, ann); }});
        co_await db.transact({reply_statement(id, {1, "Go on.", bob})});
        EXPECT_EQ(co_await person_of(db, id), "11") << "the reply was not begun yet";
        co_await db.query("update task_turns set state = 'begun'");
        EXPECT_EQ(co_await person_of(db, id), "12");
        EXPECT_EQ((co_await all.landing_record_of(id, "11")).asked_by, (std::vector<std::string>{"11", "12"}))
            << "it is both's own work";
        co_await db.transact({reply_statement(id, {2, "And the tests.", {}}), at_forge(id, {}, 2)});
        co_await db.query("update task_turns set state = 'begun'");
        EXPECT_EQ(co_await person_of(db, id), "nobody") << "somebody whom nobody knows here takes nobody's money";
        EXPECT_EQ(words_of(co_await giver_of(db, id)), "11");
    });
}

TEST_F(whose_task, of_a_terminal_is_of_whoever_is_known_as_it) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        co_await db.query("insert into people (id) values (11)");
        co_await db.query("insert into identities (kind, id, person) values ('terminal', 'terminal', 11)");
        auto here = co_await all.add(some_order());
        auto theirs = co_await given(db, all, {[](task_id id) { return given_by_api(id, bob); }});
        auto unknown = co_await given(db, all, {[](task_id id) { return at_forge(id, {}); }});
        EXPECT_EQ(co_await person_of(db, here), "11");
        EXPECT_EQ(co_await person_of(db, theirs), "12");
        EXPECT_EQ(co_await person_of(db, unknown), "nobody");
    });
}

TEST_F(whose_task, that_comes_to_a_result_or_is_landed_is_not_taken_from_who_goes) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto way = [](task_id id) { return given_by_api(id, ann); };
        auto waits = co_await given(db, all, {way});
        for (auto now : std::vector<mechanic::state>{mechanic::review{commit, mechanic::verdict::ready},
                                                     mechanic::deploying{1, 0, commit, {}}, mechanic::deployed{commit},
                                                     mechanic::aborted{}}) {
            auto was = co_await all.load(co_await given(db, all, {way}));
            EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, now),
                                          std::holds_alternative<mechanic::deploying>(now)));
        }
        EXPECT_EQ(co_await tasks_of(db, ann), waits.str());
        EXPECT_EQ(co_await waiting_of(db, ann), 1);
        co_await queue::testing::claim(all);
        EXPECT_EQ(co_await waiting_of(db, ann), 0) << "a worker has it";
        EXPECT_EQ(co_await tasks_of(db, ann), waits.str()) << "and it goes with them all the same";
        co_await db.transact({set_role(ann, "", "member", "terminal", {}), set_role(bob, "", "admin", "terminal", {})});
        auto gone = co_await db.transact({remove_person(ann, "12", {})});
        EXPECT_EQ(gone.at(0).number(0, 0), 1);
        EXPECT_TRUE((co_await all.abort_wished_of({waits})).size() == 1);
    });
}

TEST_F(whose_task, keys_are_each_persons_own_and_go_with_the_task) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto one = co_await all.add(some_order()), other = co_await all.add(some_order());
        keyed_request what{.person = "11", .key = "k'\"\\ —", .digest = std::string(64, 'a'), .task = one, .turn = 3};
        EXPECT_EQ(co_await keeping(db, what), "kept");
        EXPECT_EQ(co_await keeping(db, what), "23505");
        auto same_key = what;
        same_key.task = other;
        EXPECT_EQ(co_await keeping(db, same_key), "23505") << "whatever it would be for";
        same_key.person = "terminal";
        EXPECT_EQ(co_await keeping(db, same_key), "kept");
        auto kept = co_await kept_request(db, "11", what.key);
        EXPECT_TRUE(kept && kept->task == one && kept->turn == 3 && kept->digest == what.digest);
        EXPECT_FALSE(co_await kept_request(db, "12", what.key));
        EXPECT_FALSE(co_await kept_request(db, "11", "K'\"\\ —")) << "to the letter";
        EXPECT_FALSE(co_await kept_request(db, "11", ""));
        co_await db.query("delete from tasks where id = $1::bigint", {one.str()});
        EXPECT_FALSE(co_await kept_request(db, "11", what.key)) << "nothing can be said of it any more";
        EXPECT_EQ(co_await keeping(db, what), "23503");
        what.task = other;
        EXPECT_EQ(co_await keeping(db, what), "kept") << "the key is free again";
    });
}

TEST_F(whose_task, and_its_key_are_written_together_or_not_at_all) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto one = co_await all.add(some_order());
        EXPECT_EQ(co_await keeping(db, {.person = "11", .key = "k", .digest = "ab", .task = one}), "kept");
        auto id = co_await reserve_task(db);
        std::string failed;
        try {
            co_await db.transact({add_statement(id, some_order(), 0ms, "[]"), given_by_api(id, ann),
                                  keep_request({.person = "11", .key = "k", .digest = "ab", .task = id})});
        } catch (const store::db_error& e) {
            failed = e.sqlstate;
        }
        EXPECT_EQ(failed, "23505");
        EXPECT_FALSE(co_await all.load(id));
        EXPECT_EQ(co_await text_of(db, "select count(*)::text from api_tasks", {}), "0");
    });
}

TEST_F(whose_task, pages_go_on_where_the_last_one_ended_also_when_tasks_come_and_go) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        for (int i = 0; i < 5; ++i)
            co_await all.add(some_order());
        auto ids = [&](page_filter what) -> awaitable<std::vector<std::int64_t>> {
            std::vector<std::int64_t> made;
            for (const auto& each : co_await page_of_tasks(db, std::move(what)))
                made.push_back(each.what.id.value);
            co_return made;
        };
        using numbers = std::vector<std::int64_t>;
        EXPECT_EQ(co_await ids({.most = 2}), (numbers{5, 4}));
        co_await all.add(some_order());
        co_await db.query("delete from tasks where id = 4");
        EXPECT_EQ(co_await ids({.before = task_id{4}, .most = 2}), (numbers{3, 2})) << "none twice, none left out";
        EXPECT_EQ(co_await ids({.before = task_id{1}}), numbers{});
        EXPECT_EQ(co_await ids({.before = task_id{0}}), numbers{});
        co_await db.query("update tasks set remote = '/srv/other.git' where id in (2, 5)");
        EXPECT_EQ(co_await ids({.remote = "/srv/other.git"}), (numbers{5, 2}));
        EXPECT_EQ(co_await ids({.remote = "/srv/OTHER.git"}), numbers{});
        auto was = co_await all.load({5});
        EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, mechanic::aborted{}), false));
        EXPECT_EQ(co_await ids({.state = "aborted"}), numbers{5});
        EXPECT_EQ(co_await ids({.remote = "/srv/other.git", .unsettled = true}), numbers{2});
        EXPECT_EQ(co_await ids({.state = "aborted", .unsettled = true}), numbers{}) << "it has settled";
        EXPECT_EQ(co_await ids({.state = "no such state"}), numbers{});
        EXPECT_EQ(co_await ids({.giver = 11}), numbers{});
    });
}
