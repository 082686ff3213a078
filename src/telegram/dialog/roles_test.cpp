// Roles in a repository, in the chat.
#include "base/encoding.hpp"
#include "queue/people.hpp"
#include "telegram/dialog/people.hpp"
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/store/outbox.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using namespace std::chrono_literals;

namespace {

/// 1 is an admin, 2 is a user; the repository is `r`.
struct roles_in_a_chat : telegram::testing::with_update_handler {
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            a.introduce({42, "a_bot"});
            co_await body(a, db);
        });
    }
    awaitable<std::string> answer(update_handler& a, store::pool& db, std::int64_t person, std::string text) {
        time.at += 10s;
        co_await hear(a, db, says(person, std::move(text)));
        co_return co_await told(db);
    }
};

} // namespace

TEST_F(roles_in_a_chat, are_given_by_admins_and_taken_back) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await answer(a, db, 2, "/people role 2 admin"), "Only an admin may do that.");
        for (auto* wrong : {"/people role", "/people role 3", "/people role x reader", "/people role 3 owner",
                            "/people role 3 reader a b"})
            EXPECT_TRUE((co_await answer(a, db, 1, wrong)).starts_with("Write it like this:")) << wrong;
        EXPECT_TRUE(
            (co_await answer(a, db, 1, "/people role 3 reader")).contains("(3) is reader here now: everywhere."));
        EXPECT_TRUE((co_await answer(a, db, 1, "/people role 3 deployer You/Shop")).starts_with("I know no repository"))
            << "it would never count";
        co_await db.query("insert into repositories (name, remote) values ('web', 'https://git.example/you/shop.git')");
        for (auto* named : {"Web", "You/Shop"})
            EXPECT_TRUE((co_await answer(a, db, 1, fmt::format("/people role 3 deployer {}", named)))
                            .contains("(3) is deployer here now: you/shop."))
                << named;
        co_await answer(a, db, 1, "/people");
        auto r = co_await db.query("select string_agg(request #>> '{body,text}', '|' order by id desc) from outbox");
        EXPECT_TRUE(r.text(0, 0).contains("(3): reader, deployer (you/shop)")) << r.text(0, 0);
        EXPECT_TRUE((co_await answer(a, db, 1, "/people role 3 none you/shop")).contains("is taken back: you/shop."));
        EXPECT_TRUE((co_await answer(a, db, 1, "/people role 3 none you/shop")).starts_with("Write it like this:"));
        EXPECT_EQ(co_await queue::all_grants(db), (std::vector<queue::role_grant>{{3, "", "reader"}}));
    });
}

TEST_F(roles_in_a_chat, a_reader_looks_and_gives_nothing) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await answer(a, db, 2, "mend the sum");
        co_await answer(a, db, 1, "/people role 2 reader r");
        EXPECT_TRUE(
            (co_await answer(a, db, 2, "mend it again")).starts_with("You may look at this repository's tasks"));
        EXPECT_TRUE(
            (co_await answer(a, db, 2, "/ask where is it?")).starts_with("You may look at this repository's tasks"));
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        auto id = (co_await db.query("select id from tasks")).number(0, 0);
        EXPECT_FALSE((co_await answer(a, db, 2, fmt::format("/abort {}", id))).empty());
        EXPECT_EQ(co_await count_of(db, "tasks where state = 'queued'"), 1)
            << "what they gave before is to be looked at";
        co_await answer(a, db, 1, "/people role 2 none r");
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(2, "mend it again")), "task");
    });
}

TEST_F(roles_in_a_chat, who_has_one_elsewhere_only_is_nobody_here) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.transact({queue::set_role(3, "you/shop", "member", "1", {1})});
        EXPECT_EQ(co_await answer(a, db, 3, "mend the sum"),
                  "You have no role in this repository. Ask an admin of this bot.");
        EXPECT_EQ(co_await count_of(db, "tasks"), 0);
        co_await db.transact({queue::set_role(3, "r", "member", "1", {1})});
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(3, "mend the sum")), "task") << "at once";
    });
}

TEST_F(roles_in_a_chat, an_admin_by_a_role_is_one_and_the_last_one_stays) {
    settings.telegram_admin_ids = {};
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, name, paired_at) values (7, 'Ann', now())");
        update_handler b(dependencies(db));
        co_await b.begin();
        EXPECT_TRUE((co_await answer(b, db, 7, "/people remove 7")).starts_with("That would leave nobody"));
        EXPECT_TRUE((co_await answer(b, db, 7, "/people role 7 member")).starts_with("That would leave nobody"));
        co_await answer(b, db, 7, "/people role 8 admin");
        EXPECT_TRUE((co_await answer(b, db, 8, "/people remove 7")).starts_with("A (7) is out:")) << co_await told(db);
        EXPECT_EQ(b.role_of(7), role::stranger) << "at once";
        time.at += 10s;
        EXPECT_EQ(co_await hear(b, db, says(7, "mend the sum")), "refused");
        EXPECT_EQ(b.role_of(7), role::stranger);
        EXPECT_EQ(b.role_of(8), role::admin);
        (void)a;
    });
}

TEST_F(roles_in_a_chat, a_code_for_the_terminal_is_shown_in_private_and_stands_nowhere) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await answer(a, db, 2, "/link");
        auto r = co_await db.query(
            "select request ->> 'sealed' from outbox where request ? 'sealed' order by id desc limit 1");
        auto body = sealing.open(from_hex(r.text(0, 0)), sealed_message);
        std::string text(boost::json::parse(body->reveal()).at("text").as_string());
        auto at = text.find("persais people link ");
        EXPECT_NE(at, text.npos) << text;
        auto code = text.substr(at + 20, text.find('\n', at) - at - 20);
        auto stored = co_await db.query("select (select string_agg(o::text, '') from outbox o) || (select "
                                        "string_agg(l::text, '') from link_codes l)");
        EXPECT_FALSE(stored.text(0, 0).contains(code));
        auto who = co_await db.transact({queue::use_link_code(queue::code_digest(code), {"terminal", "terminal"})});
        EXPECT_EQ(who.front().number(0, 0), 2);
    });
}

namespace {

arrived in_a_group(arrived one) {
    auto* e = std::get_if<edited>(&one.what.what);
    (e ? e->now : std::get<message>(one.what.what)).where = {.id = -7, .what = chat::kind::group, .title = "g"};
    return one;
}

} // namespace

TEST_F(roles_in_a_chat, of_one_repository_show_no_tasks_of_another) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await answer(a, db, 1, "mend the sum");
        auto id = (co_await db.query("select id from tasks")).number(0, 0);
        co_await db.transact({queue::set_role(2, "you/shop", "reader", "1", {1})}); // a member everywhere else
        auto there = co_await answer(a, db, 2, fmt::format("/log {}", id));
        EXPECT_EQ(there, fmt::format("Task {} belongs to another chat.", id));
        co_await db.transact({queue::set_role(2, "r", "reader", "1", {1})});
        EXPECT_NE(co_await answer(a, db, 2, fmt::format("/log {}", id)), there) << "here they look";
    });
}

TEST_F(roles_in_a_chat, whom_an_admin_takes_the_right_from_hears_nothing_that_admins_hear) {
    settings.telegram_admin_ids = {};
    with_handler([this](update_handler&, store::pool& db) -> awaitable<void> {
        co_await db.query("insert into people (id, name, paired_at) values (6, 'Ann', now()), (7, 'Bob', now()), "
                          "(8, 'Cy', now()), (9, 'Di', now())");
        update_handler b(dependencies(db));
        co_await b.begin();
        b.introduce({42, "a_bot"});
        co_await answer(b, db, 6, "/people remove 7");
        EXPECT_EQ(b.admins(), (std::vector<std::int64_t>{6, 8, 9})) << "at once";
        co_await answer(b, db, 6, "/people role 8 member");
        EXPECT_EQ(b.admins(), (std::vector<std::int64_t>{6, 9}));
        co_await answer(b, db, 6, "/people role 3 reader");
        EXPECT_EQ(b.role_of(3), role::reader) << "heard at the door from now on";
        EXPECT_FALSE(b.turn_away(says(3, "/status").what));
        co_await db.transact({queue::remove_person(9, "terminal", {})});
        EXPECT_EQ(co_await b.admins_now(), std::vector<std::int64_t>{6}) << "by another process";
        EXPECT_EQ(b.admins(), std::vector<std::int64_t>{6});
    });
}

TEST_F(roles_in_a_chat, a_reader_rewords_and_joins_nothing) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "mend the sum"));
        for (auto* role : {"reader", "none"}) {
            co_await db.transact({queue::set_role(2, "r", "reader", "1", {1})});
            if (role == std::string("none")) {
                settings.allowed_user_ids = {1};
                co_await db.transact({queue::set_role(2, "r", std::nullopt, "1", {1}),
                                      queue::set_role(2, "you/shop", "member", "1", {1})});
            }
            co_await hear(a, db, edits(2, "delete everything"));
            EXPECT_TRUE((co_await told(db)).starts_with("You ")) << role << ": " << co_await told(db);
            EXPECT_EQ(co_await hear(a, db, says(2, "and delete everything")), "refused") << role;
            EXPECT_EQ(co_await count_of(db, "tasks where instruction = 'mend the sum'"), 1) << role;
        }
    });
}

TEST_F(roles_in_a_chat, a_reader_chooses_nothing_where_others_write) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.query("insert into repositories (name, remote) values ('web', 'https://git.example/you/shop.git')");
        co_await db.transact({queue::set_role(2, "you/shop", "reader", "1", {1})});
        auto chosen = "conversations where chat_id = -7 and (repository is not null or model is not null)";
        co_await hear(a, db, in_a_group(says(2, "/repo web")));
        EXPECT_TRUE((co_await told(db)).starts_with("You may look at this repository's tasks"));
        EXPECT_EQ(co_await count_of(db, chosen), 0);
        co_await hear(a, db, in_a_group(says(1, "/repo web")));
        EXPECT_EQ(co_await count_of(db, chosen), 1);
        for (auto* said : {"/model a/b", "/reset"}) {
            time.at += 10s;
            co_await hear(a, db, in_a_group(says(2, said)));
            EXPECT_TRUE((co_await told(db)).starts_with("You may look at this repository's tasks")) << said;
        }
        EXPECT_EQ(
            co_await count_of(db, "conversations where chat_id = -7 and repository is not null and model is null"), 1);
        time.at += 10s;
        co_await hear(a, db, says(2, "/repo web"));
        EXPECT_EQ(co_await count_of(db, "conversations where chat_id = 2 and repository is not null"), 1)
            << "alone it is theirs";
    });
}

TEST_F(roles_in_a_chat, another_address_of_a_repository_that_is_known_is_refused) {
    settings.git_remote_url = "https://git.example/you/shop.git";
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE((co_await answer(a, db, 1, "/repo add https://git.example/you/shop"))
                        .starts_with("That is GIT_REMOTE_URL by another address"));
        co_await answer(a, db, 1, "/repo add https://other.example/you/shop");
        EXPECT_EQ(co_await count_of(db, "outbox where request #>> '{body,text}' like 'GIT_REMOTE_URL (%) has the same "
                                        "short name%'"),
                  1);
    });
}
