#include "api/event_stream.hpp"
#include "api/limits.hpp"
#include "api/testing.hpp"
#include "base/temp_dir.hpp"
#include "queue/people.hpp"

#include <list>

#include <boost/asio/local/stream_protocol.hpp>

using namespace persais;
using namespace persais::api;
using namespace persais::api::testing;

namespace {

using numbers = std::vector<std::int64_t>;
constexpr std::int64_t base = 1'000'000'000; // above the numbers that the database gives

struct api_streams : served {
    /// Streams begin behind this event.
    static constexpr auto behind_base = "1000000000";

    static std::string number(std::int64_t n) { return fmt::format("\"number\":{}", n); }
    /// They happen in another process, and this one is told.
    static awaitable<> told(process& on, std::string task, numbers which) {
        co_await happens(on, std::move(task), std::move(which));
        on.hub.news();
    }
};

/// What does not fit the schema of events, in what a stream said.
std::string misfit_in(const std::string& seen) {
    constexpr std::string_view data = "data: ";
    for (auto at = seen.find(data); at != seen.npos; at = seen.find(data, at + 1)) {
        auto line = seen.substr(at + data.size(), seen.find('\n', at) - at - data.size());
        auto fault = misfit(json::parse(line), schemas().at("Event").as_object(), "event");
        if (!fault.empty()) return fault;
    }
    return "";
}

} // namespace

TEST_F(api_streams, tell_each_event_once_to_whoever_may_see_its_task) {
    with([](process& on) -> awaitable<void> {
        background<void> reading(co_await asio::this_coro::executor, on.hub.run());
        auto terminal = (co_await token(on, {"read", "submit"})).token;
        auto member = (co_await token(on, {"read", "submit"}, 7)).token;
        auto mine = co_await task_of(on, member), theirs = co_await task_of(on, terminal);
        co_await happens(on, mine, {base});
        listening all(on, "/api/v1/events", terminal, behind_base), my(on, "/api/v1/events", member, behind_base),
            one(on, "/api/v1/tasks/" + mine + "/events", terminal, behind_base);
        for (auto* each : {&all, &my, &one})
            co_await each->begin();
        co_await told(on, mine, {base + 1});
        co_await told(on, theirs, {base + 2});
        co_await told(on, mine, {base + 3, base + 4});
        for (auto* each : {&all, &my, &one}) {
            EXPECT_TRUE(co_await each->hears(number(base + 4)));
            EXPECT_EQ(misfit_in(each->seen), "");
        }
        EXPECT_EQ(all.numbers(), (numbers{base + 1, base + 2, base + 3, base + 4}));
        EXPECT_EQ(my.numbers(), (numbers{base + 1, base + 3, base + 4}));
        EXPECT_EQ(one.numbers(), (numbers{base + 1, base + 3, base + 4}));
        auto no = co_await say(on, {"GET", "/api/v1/tasks/" + theirs + "/events", member});
        EXPECT_EQ(no.status, 403);
        EXPECT_EQ(reason_of(no), "not_yours");
        EXPECT_EQ((co_await say(on, {"GET", "/api/v1/tasks/987654321/events", terminal})).status, 404);
        auto bad = co_await say(
            on, {.method = "GET", .path = "/api/v1/events", .token = terminal, .fields = "Last-Event-ID: 1;drop\r\n"});
        EXPECT_EQ(bad.status, 400);
        co_await reading.stop();
    });
}

TEST_F(api_streams, go_on_behind_the_last_id_in_another_process_with_what_was_committed_late) {
    with([](process& on) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        background<void> reading(executor, on.hub.run());
        auto who = (co_await token(on, {"read", "submit"})).token;
        auto task = co_await task_of(on, who);
        co_await happens(on, task, {base});
        listening first(on, "/api/v1/events", who, behind_base);
        co_await first.begin();
        co_await told(on, task, {base + 1, base + 2});
        EXPECT_TRUE(co_await first.hears(number(base + 2)));
        first.leave();
        co_await told(on, task, {base + 3, base + 6});

        process other(executor, on.db, on.settings);
        background<void> reading_too(executor, other.hub.run());
        listening second(other, "/api/v1/events", who, first.last_id());
        co_await second.begin();
        EXPECT_TRUE(co_await second.hears(number(base + 6)));
        EXPECT_TRUE(second.last_id().starts_with(std::to_string(base + 6) + ".")) << "and knows what is to come";
        co_await told(other, task, {base + 5});
        EXPECT_TRUE(co_await second.hears(number(base + 5)));
        auto id = second.last_id();
        second.leave();
        co_await told(other, task, {base + 4, base + 7});

        listening third(on, "/api/v1/tasks/" + task + "/events", who, id);
        co_await third.begin();
        EXPECT_TRUE(co_await third.hears(number(base + 7)));
        auto all = first.numbers();
        for (const auto* each : {&second, &third})
            std::ranges::copy(each->numbers(), std::back_inserter(all));
        EXPECT_EQ(all, (numbers{base + 1, base + 2, base + 3, base + 6, base + 5, base + 4, base + 7}));
        co_await reading.stop();
        co_await reading_too.stop();
        co_await other.end();
    });
}

TEST_F(api_streams, have_an_event_once_that_is_committed_while_they_catch_up) {
    with([](process& on) -> awaitable<void> {
        auto who = (co_await token(on, {"read", "submit"})).token;
        auto task = co_await task_of(on, who);
        co_await happens(on, task, {base, base + 1, base + 2, base + 4});
        auto& db = dynamic_cast<pool_with_a_moment&>(on.db);
        db.words = "from task_events e join tasks t"; // the newest place was read before, without it
        bool there = false;
        db.then = [&]() -> awaitable<void> {
            co_await happens(on, task, {base + 3});
            there = true;
        };
        listening stream(on, "/api/v1/events", who, fmt::format("{}.{}", base + 4, base + 3));
        co_await stream.begin();
        while (!there)
            co_await on.db.query("select");
        co_await on.hub.newest();
        EXPECT_TRUE(co_await stream.hears(number(base + 3)));
        co_await happens(on, task, {base + 5});
        co_await on.hub.newest();
        EXPECT_TRUE(co_await stream.hears(number(base + 5)));
        EXPECT_EQ(stream.numbers(), (numbers{base + 3, base + 5}));
    });
}

TEST_F(api_streams, of_a_slow_reader_hold_up_nobody_and_miss_nothing) {
    with([](process& on) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto who = (co_await token(on, {"read", "submit"})).token;
        auto task = co_await task_of(on, who);
        co_await happens(on, task, {base, base + 1});
        temp_dir folder; // the kernel takes little for a unix socket
        auto path = folder.path() / "api";
        EXPECT_TRUE(on.server.listen_unix(path, 0600));
        asio::local::stream_protocol::socket slow(executor);
        co_await slow.async_connect(asio::local::stream_protocol::endpoint(path.string()), asio::use_awaitable);
        auto asked = asking{"GET", "/api/v1/events", who, "", fmt::format("Last-Event-ID: {}\r\n", base)}.text();
        co_await asio::async_write(slow, asio::buffer(asked), asio::use_awaitable);
        auto seen = co_await http::testing::read_until(slow, number(base + 1));
        listening quick(on, "/api/v1/events", who, std::to_string(base + 1));
        co_await quick.begin();
        auto at = co_await on.hub.newest();
        std::int64_t last = base + 1;
        for (int batch = 0; batch < 2; ++batch) { // the second one while it is behind already
            co_await on.db.query("insert into task_events (task_id, number, fence, kind, body) select $1::bigint, "
                                 "$2::bigint + n, 1, 'log', jsonb_build_object('text', repeat('x', 1500)) from "
                                 "generate_series(1, 1200) n",
                                 {task, std::to_string(last)});
            last += 1200;
            co_await on.hub.newest();
            EXPECT_TRUE(co_await quick.hears(number(last)));
        }
        EXPECT_FALSE(on.hub.from(at.next)) << "what the slow one wants is not kept for it";
        seen += co_await with_deadline(60s, http::testing::read_until(slow, number(last)));
        numbers all, every;
        for (auto n = base + 1; n <= last; ++n)
            every.push_back(n);
        constexpr std::string_view name = "\"number\":";
        for (auto from = seen.find(name); from != seen.npos; from = seen.find(name, from + 1))
            all.push_back(std::stoll(seen.substr(from + name.size(), 12)));
        EXPECT_EQ(all, every);
        every.erase(every.begin());
        EXPECT_EQ(quick.numbers(), every);
    });
}

TEST_F(api_streams, end_with_the_token_and_with_the_right_to_their_task) {
    with([](process& on) -> awaitable<void> {
        background<void> reading(co_await asio::this_coro::executor, on.hub.run());
        auto terminal = co_await token(on, {"read", "submit"}), expires = co_await token(on, {"read"});
        auto member = co_await token(on, {"read", "submit"}, 7);
        auto task = co_await task_of(on, terminal.token), own = co_await task_of(on, member.token);
        co_await on.db.transact({queue::set_role(7, "you/shop", "reader", "5", {5})});
        co_await happens(on, task, {base});
        listening of_task(on, "/api/v1/tasks/" + task + "/events", member.token, behind_base),
            of_all(on, "/api/v1/events", member.token, behind_base),
            of_terminal(on, "/api/v1/events", terminal.token, behind_base),
            until_soon(on, "/api/v1/events", expires.token, behind_base);
        for (auto* each : {&of_task, &of_all, &of_terminal, &until_soon})
            co_await each->begin();
        co_await told(on, task, {base + 1});
        for (auto* each : {&of_task, &of_all, &of_terminal, &until_soon})
            EXPECT_TRUE(co_await each->hears(number(base + 1)));

        co_await on.db.transact({queue::set_role(7, "you/shop", std::nullopt, "5", {5})});
        co_await on.db.query("update api_tokens set expires_at = clock_timestamp() where id = $1",
                             {std::to_string(expires.id)});
        on.hub.rights_may_be_new(); // which the audit tells each process
        co_await told(on, task, {base + 2});
        co_await told(on, own, {base + 3});
        EXPECT_TRUE(co_await of_task.hears("event: end\ndata: {}\n\n"));
        EXPECT_TRUE(co_await until_soon.hears("event: end"));
        EXPECT_TRUE(co_await of_all.hears(number(base + 3))) << "of their own tasks it goes on";
        EXPECT_TRUE(co_await of_terminal.hears(number(base + 3)));
        EXPECT_EQ(of_task.numbers(), numbers{base + 1});
        EXPECT_EQ(until_soon.numbers(), numbers{base + 1});
        EXPECT_EQ(of_all.numbers(), (numbers{base + 1, base + 3}));

        co_await queue::revoke_api_token(on.db, terminal.id, "terminal");
        on.hub.rights_may_be_new();
        co_await told(on, own, {base + 4});
        EXPECT_TRUE(co_await of_terminal.hears("event: end"));
        EXPECT_FALSE(co_await of_terminal.hears("never")) << "and the connection is closed";
        EXPECT_TRUE(co_await of_all.hears(number(base + 4)));
        EXPECT_EQ(of_terminal.numbers(), (numbers{base + 1, base + 2, base + 3}));
        co_await reading.stop();
    });
}

TEST_F(api_streams, of_a_token_that_came_while_rights_were_read_are_not_ended) {
    with([](process& on) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        event_hub::listener old(executor), fresh(executor);
        old.token = (co_await token(on, {"read"})).id;
        fresh.token = (co_await token(on, {"read"})).id;
        on.hub.add(old);
        auto& db = dynamic_cast<pool_with_a_moment&>(on.db);
        db.words = "from api_tokens where id = any"; // whose tokens are asked about is decided
        db.then = [&]() -> awaitable<void> {
            on.hub.add(fresh);
            co_return;
        };
        co_await on.hub.renew_rights(); // for an event that the old one waits for
        co_await on.hub.renew_rights(); // as the new one begins
        EXPECT_TRUE(on.hub.valid(old.token));
        EXPECT_TRUE(on.hub.valid(fresh.token));
        db.then = [&]() -> awaitable<void> {
            co_await queue::revoke_api_token(on.db, old.token, "terminal");
            on.hub.rights_may_be_new();
        };
        on.hub.rights_may_be_new();
        co_await on.hub.renew_rights();
        EXPECT_FALSE(on.hub.valid(old.token)) << "what was read before is not taken for what is";
        on.hub.remove(old);
        on.hub.remove(fresh);
    });
}

TEST_F(api_streams, of_a_token_that_went_have_no_event_that_came_after_it) {
    with([](process& on) -> awaitable<void> {
        auto who = co_await token(on, {"read", "submit"});
        auto task = co_await task_of(on, who.token);
        co_await happens(on, task, {base, base + 1});
        listening stream(on, "/api/v1/events", who.token, behind_base);
        co_await stream.begin();
        EXPECT_TRUE(co_await stream.hears(number(base + 1)));
        auto& db = dynamic_cast<pool_with_a_moment&>(on.db);
        db.words = "from task_events e join tasks t"; // the rights were looked at just before
        db.then = [&]() -> awaitable<void> {
            co_await queue::revoke_api_token(on.db, who.id, "terminal");
            on.hub.rights_may_be_new();
            co_await happens(on, task, {base + 2});
        };
        co_await on.hub.renew_rights();
        co_await on.hub.newest();
        EXPECT_TRUE(co_await stream.hears("event: end"));
        EXPECT_EQ(stream.numbers(), numbers{base + 1});
    });
}

TEST_F(api_streams, are_so_many_of_one_token_and_of_all) {
    with([](process& on) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto greedy = co_await token(on, {"read"}), other = co_await token(on, {"read"});
        std::list<event_hub::listener> open;
        auto more = [&](std::int64_t of, std::size_t n) {
            while (n-- > 0) {
                open.emplace_back(executor).token = of;
                on.hub.add(open.back());
            }
        };
        more(greedy.id, limits::api_streams_of_token);
        auto no = co_await say(on, {"GET", "/api/v1/events", greedy.token});
        EXPECT_EQ(no.status, 429);
        EXPECT_EQ(reason_of(no), "too_many");
        listening theirs(on, "/api/v1/events", other.token);
        co_await theirs.begin();
        more(0, limits::api_streams - on.hub.streams());
        auto full = co_await say(
            on, {.method = "GET", .path = "/api/v1/events", .token = other.token, .fields = "Accept-Language: ru\r\n"});
        EXPECT_EQ(full.status, 429);
        EXPECT_EQ(detail_of(full), "Открыто слишком много потоков событий.");
        for (auto& each : open)
            on.hub.remove(each);
    });
}

TEST_F(api_streams, say_that_they_are_alive_and_find_then_what_nobody_told_them) {
    by_hand = true;
    with([this](process& on) -> awaitable<void> {
        auto who = (co_await token(on, {"read", "submit"})).token;
        auto task = co_await task_of(on, who);
        co_await happens(on, task, {base, base + 1});
        listening stream(on, "/api/v1/events", who, behind_base);
        co_await stream.begin();
        EXPECT_TRUE(co_await stream.hears(number(base + 1))); // now it waits
        background<void> reading(co_await asio::this_coro::executor, on.hub.run());
        co_await happens(on, task, {base + 2}); // by another process
        hand->move_to(hand->now() + limits::api_heartbeat - 1ms);
        EXPECT_EQ(stream.seen.find(": still here"), stream.seen.npos);
        hand->move_to(hand->now() + 1ms);
        EXPECT_TRUE(co_await stream.hears(": still here\n\n"));
        EXPECT_TRUE(co_await stream.hears(number(base + 2)));
        on.hub.hears = [] { return true; };
        EXPECT_FALSE(on.hub.wants_a_look()) << "whoever is told need not ask";
        co_await reading.stop();
    });
}
