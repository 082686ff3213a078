// Who is let in from the chat: requests of strangers, invitations, and taking it back.
#include "base/encoding.hpp"
#include "telegram/dialog/people.hpp"
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/inbound/limits.hpp"
#include "telegram/store/outbox.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using namespace std::chrono_literals;

namespace {

/// 1 and 5 are admins, 2 is a user; everybody else is a stranger.
struct people_of_a_chat : telegram::testing::with_update_handler {
    people_of_a_chat() {
        settings.telegram_admin_ids = {1, 5};
        settings.telegram_access_requests = true;
    }
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            a.introduce({42, "a_bot"});
            co_await body(a, db);
        });
    }
    /// The link of the newest invitation.
    awaitable<std::string> code_of_invite(store::pool& db) {
        auto r = co_await db.query("select request ->> 'sealed' from outbox where request ? 'sealed' order by id desc "
                                   "limit 1");
        if (r.empty()) co_return "";
        auto body = sealing.open(from_hex(r.text(0, 0)), sealed_message);
        std::string text(body ? boost::json::parse(body->reveal()).at("text").as_string() : boost::json::string());
        constexpr std::string_view link = "https://t.me/a_bot?start=";
        auto at = text.find(link);
        co_return at == text.npos ? "" : text.substr(at + link.size());
    }
    std::string answered() const { return calls.empty() ? "" : calls.back(); }
};

awaitable<std::string> all_told(store::pool& db) { // `db` outlives it
    auto r =
        co_await db.query("select coalesce(string_agg(chat_id || ': ' || (request #>> '{body,text}'), '|' order by "
                          "id), '') from outbox");
    co_return std::string(r.text(0, 0));
}

} // namespace

TEST_F(people_of_a_chat, a_stranger_is_shown_to_each_admin_once_and_gets_silence) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_FALSE(a.turn_away_at_the_door(says(3, "hello").what));
        EXPECT_EQ(co_await hear(a, db, says(3, "hello")), "refused");
        EXPECT_EQ(co_await all_told(db), "1: A (3) asks to be let in.|5: A (3) asks to be let in.");
        EXPECT_EQ(co_await count_of(db, "buttons where action in ('let_in', 'keep_out')"), 4);
        EXPECT_EQ(co_await hear(a, db, says(3, "/start")), "refused");
        EXPECT_EQ(a.turn_away_at_the_door(says(3, "hello?").what)->effect, "refused");
        EXPECT_EQ(a.turn_away_at_the_door(says(3, "hello?").what)->person, 3);
        update_handler after_a_restart(dependencies(db));
        co_await after_a_restart.begin();
        EXPECT_EQ(co_await hear(after_a_restart, db, says(3, "/start")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox"), 2);
        EXPECT_EQ(refused, 3);
    });
}

TEST_F(people_of_a_chat, the_name_of_a_stranger_shows_what_it_is_and_links_to_nothing) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto one = says(3, "hello");
        auto& m = std::get<message>(one.what.what);
        m.from->first_name = "\u202Etoor t.me/x " + std::string(200, 'y');
        co_await hear(a, db, one);
        auto r = co_await db.query("select request #>> '{body,text}', request #>> '{body,entities,0,type}', "
                                   "request #>> '{body,entities,0,length}' from outbox limit 1");
        EXPECT_TRUE(r.text(0, 0).starts_with("‹U+202E›toor t.me/x yyy")) << r.text(0, 0);
        EXPECT_LT(r.text(0, 0).size(), 130U);
        EXPECT_EQ(r.text(0, 1), "code");
        EXPECT_EQ(r.text(0, 2), "64");
    });
}

TEST_F(people_of_a_chat, admins_are_told_of_ten_strangers_an_hour) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        for (int i = 0; i < limits::access_requests; ++i)
            co_await hear(a, db, says(100 + i, "hello"));
        EXPECT_EQ(a.turn_away_at_the_door(says(200, "hello").what)->effect, "refused")
            << "without a look at the database";
        EXPECT_EQ(co_await hear(a, db, says(200, "hello")), "refused");
        update_handler after_a_restart(dependencies(db));
        co_await after_a_restart.begin();
        EXPECT_EQ(co_await hear(after_a_restart, db, says(200, "hello")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox where chat_id = 1"), limits::access_requests);
        EXPECT_EQ(co_await count_of(db, "people"), limits::access_requests);
        co_await db.script("update people set asked_at = asked_at - interval '1 hour'");
        time.at += 1h;
        EXPECT_EQ(co_await hear(after_a_restart, db, says(200, "hello")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox where chat_id = 1"), limits::access_requests + 1);
    });
}

TEST_F(people_of_a_chat, requests_can_be_switched_off_and_are_never_made_in_a_group) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        auto in_a_group = says(3, "/help");
        auto& m = std::get<message>(in_a_group.what.what);
        m.where = {.id = -7, .what = chat::kind::group, .title = "g"};
        EXPECT_EQ(co_await hear(a, db, in_a_group), "refused");
        settings.telegram_access_requests = false;
        EXPECT_EQ(a.turn_away_at_the_door(says(3, "hello").what)->effect, "refused");
        EXPECT_EQ(co_await hear(a, db, says(3, "hello")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox"), 0);
        EXPECT_EQ(co_await count_of(db, "people"), 0);
    });
}

TEST_F(people_of_a_chat, who_is_let_in_is_told_and_is_a_user_in_every_process_at_once) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        update_handler beside(dependencies(db));
        co_await beside.begin();
        co_await hear(a, db, says(3, "hello"));
        auto of_a_user = co_await presses(db, 2, "let_in");
        EXPECT_EQ(co_await hear(a, db, of_a_user), "button");
        EXPECT_TRUE(answered().contains("Only an admin may do that.")) << answered();
        EXPECT_EQ(co_await hear(a, db, says(3, "hello")), "refused");
        auto press = co_await presses(db, 1, "let_in");
        EXPECT_EQ(co_await hear(a, db, press), "button");
        EXPECT_TRUE(answered().contains("A (3) is let in. Decided by A.")) << answered();
        EXPECT_TRUE((co_await all_told(db)).contains("|3: You have been let in.")) << co_await all_told(db);
        EXPECT_EQ(beside.role_of(3), role::stranger) << "it was not told";
        EXPECT_EQ(co_await hear(beside, db, says(3, "mend the sum")), "task");
        EXPECT_EQ(co_await hear(a, db, says(3, "mend another sum", 5s)), "task");
        EXPECT_EQ(a.role_of(3), role::user);
        update_handler after_a_restart(dependencies(db));
        co_await after_a_restart.begin();
        EXPECT_EQ(after_a_restart.role_of(3), role::user);
    });
}

TEST_F(people_of_a_chat, a_second_admin_is_told_who_decided) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(3, "hello"));
        auto first = co_await presses(db, 1, "keep_out"), second = co_await presses(db, 5, "let_in");
        std::get<callback_query>(first.what.what).from.first_name = "Ada";
        auto at_once = co_await a.decide(second); // decided before the other press was stored
        co_await hear(a, db, first);
        std::string state;
        try {
            co_await db.transact(at_once.writes);
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, decide_again);
        update_handler after_a_restart(dependencies(db));
        co_await after_a_restart.begin();
        EXPECT_EQ(co_await hear(after_a_restart, db, second), "button");
        EXPECT_TRUE(answered().contains("A (3) is ignored from now on. Decided by Ada.")) << answered();
        EXPECT_TRUE((co_await told(db)).contains("Decided by Ada."))
            << "so does the message, which has no buttons any more";
        EXPECT_EQ(co_await hear(a, db, says(3, "please")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox where chat_id = 3"), 0);
        EXPECT_EQ(co_await count_of(db, "outbox where request ->> 'method' = 'sendMessage'"), 2) << "silent for good";
    });
}

TEST_F(people_of_a_chat, what_was_given_can_be_taken_back) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        update_handler beside(dependencies(db));
        co_await hear(a, db, says(3, "hello"));
        EXPECT_EQ(co_await hear(a, db, says(1, "/people")), "command");
        EXPECT_TRUE((co_await told(db)).starts_with("Nobody was let in from the chat."));
        auto press = co_await presses(db, 1, "let_in");
        co_await hear(a, db, press);
        co_await beside.begin();
        co_await hear(a, db, says(2, "/people"));
        EXPECT_EQ(co_await told(db), "Only an admin may do that.");
        co_await hear(a, db, says(5, "/people"));
        EXPECT_EQ(co_await told(db), "Let in from the chat, the newest first:\nA (3), by A\n"
                                     "Those whom the settings name are not listed here.");
        auto remove = co_await presses(db, 5, "put_out");
        co_await hear(a, db, remove);
        EXPECT_TRUE((co_await told(db)).starts_with("A (3) is out:")) << co_await told(db);
        EXPECT_EQ(beside.role_of(3), role::user) << "it was not told";
        auto before = co_await count_of(db, "outbox");
        EXPECT_EQ(co_await hear(beside, db, says(3, "mend the sum")), "refused");
        EXPECT_EQ(co_await hear(a, db, says(3, "mend the sum")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox"), before) << "nobody is asked again";
        EXPECT_EQ(co_await hear(a, db, says(1, "/people remove 3")), "command");
        EXPECT_TRUE((co_await told(db)).starts_with("3 is nobody who was let in.")) << co_await told(db);
    });
}

TEST_F(people_of_a_chat, an_invitation_lets_in_whoever_opens_it_first) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        update_handler beside(dependencies(db));
        co_await beside.begin();
        co_await hear(a, db, says(1, "/invite"));
        auto code = co_await code_of_invite(db);
        EXPECT_EQ(code.size(), 22U);
        auto r =
            co_await db.query("select (select string_agg(o::text, '') from outbox o) || (select string_agg(i::text, "
                              "'') from invites i) || (select string_agg(b::text, '') from buttons b)");
        EXPECT_FALSE(r.text(0, 0).contains(code)) << "the code stands nowhere in the database";
        EXPECT_FALSE(a.turn_away_at_the_door(says(3, "/start " + code).what));
        EXPECT_EQ(co_await hear(beside, db, says(3, "/start " + code)), "command");
        auto told_all = co_await all_told(db);
        EXPECT_TRUE(told_all.contains("3: You have been let in.")) << told_all;
        EXPECT_TRUE(told_all.contains("1: A (3) came in by your invitation.")) << told_all;
        EXPECT_EQ(co_await hear(a, db, says(3, "mend the sum")), "task");
        EXPECT_EQ(co_await hear(a, db, says(4, "/start " + code)), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox where chat_id = 4"), 0);
    });
}

TEST_F(people_of_a_chat, an_invitation_that_is_wrong_expired_withdrawn_or_of_nobody_gets_silence) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/invite"));
        auto expired = co_await code_of_invite(db);
        co_await db.script("update invites set expires_at = now()");
        EXPECT_EQ(co_await hear(a, db, says(3, "/start " + expired)), "refused");
        co_await hear(a, db, says(1, "/invite"));
        auto withdrawn = co_await code_of_invite(db);
        auto press = co_await presses(db, 1, "drop_invite");
        co_await hear(a, db, press);
        EXPECT_EQ(co_await told(db), "The invitation is withdrawn: its link lets nobody in.");
        EXPECT_EQ(co_await hear(a, db, says(3, "/start " + withdrawn)), "refused");
        co_await hear(a, db, says(5, "/invite"));
        auto of_nobody = co_await code_of_invite(db);
        settings.telegram_admin_ids = {1}; // 5 is no admin any more
        EXPECT_EQ(co_await hear(a, db, says(3, "/start " + of_nobody)), "refused");
        EXPECT_EQ(refused, 3);
        EXPECT_EQ(co_await count_of(db, "outbox where chat_id = 3"), 0);
    });
}

TEST_F(people_of_a_chat, guesses_at_invitations_are_bounded_and_shut_nobody_else_out) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(1, "/invite"));
        auto code = co_await code_of_invite(db);
        for (int i = 0; i < limits::pairing_tries; ++i)
            EXPECT_EQ(co_await hear(a, db, says(3, "/start wrong")), "refused");
        EXPECT_EQ(a.turn_away_at_the_door(says(3, "/start " + code).what)->effect, "refused");
        EXPECT_EQ(co_await hear(a, db, says(3, "/start " + code)), "refused");
        EXPECT_EQ(refused, limits::pairing_tries + 1);
        time.at += limits::wrong_codes_for;
        EXPECT_FALSE(a.turn_away_at_the_door(says(3, "/start " + code).what)) << "after an hour";
        EXPECT_EQ(co_await hear(a, db, says(4, "/start " + code)), "command");
    });
}

TEST_F(people_of_a_chat, invitations_are_made_by_admins_in_private_and_not_without_end) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await hear(a, db, says(2, "/invite"));
        EXPECT_EQ(co_await told(db), "Only an admin may do that.");
        auto in_a_group = says(1, "/invite");
        auto& m = std::get<message>(in_a_group.what.what);
        m.where = {.id = -7, .what = chat::kind::group, .title = "g"};
        co_await hear(a, db, in_a_group);
        EXPECT_EQ(co_await told(db), "Everybody here would see the link: write /invite to me in private.");
        for (int i = 0; i < limits::invites_open; ++i) {
            time.at += 10s;
            co_await hear(a, db, says(1, "/invite"));
        }
        EXPECT_EQ(co_await count_of(db, "invites"), limits::invites_open);
        time.at += 10s;
        co_await hear(a, db, says(1, "/invite"));
        EXPECT_TRUE((co_await told(db)).starts_with("20 invitations are open already.")) << co_await told(db);
        EXPECT_EQ(co_await count_of(db, "invites"), limits::invites_open);
    });
}
