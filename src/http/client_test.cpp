#include "http/testing_socket.hpp"

#include <fmt/format.h>

using namespace persais;
using namespace persais::http;
using namespace std::chrono_literals;
using kind = fetch_error::kind;

namespace {

struct http_client : ::testing::Test, http::testing::loop {
    http_client()
        : s(io.get_executor(), [this](request r, pending_request& to) -> awaitable<> {
              r.body = (co_await to.body(1000)).value();
              co_await answer(r, to);
          }) {
        root = fmt::format("http://127.0.0.1:{}", *s.listen_tcp("127.0.0.1", 0));
    }
    void TearDown() override {
        s.close();
        c.reset();
        EXPECT_TRUE(dry());
    }
    event never{io.get_executor()}; // outlives the handlers that wait for it
    std::function<awaitable<>(const request&, responder&)> answer;
    server s;
    std::string root;
    std::optional<client> c{std::in_place, io.get_executor()};
};

} // namespace

TEST_F(http_client, sends_what_it_is_given_and_gives_back_what_came) {
    answer = [](const request& r, responder& to) -> awaitable<> {
        co_await to.send(418, {{"X-Reply", "yes"}},
                         fmt::format("{} {} {} {}", r.method, r.path, header(r.fields, "X-Ask"), r.body));
    };
    run([&]() -> awaitable<> {
        auto got =
            co_await c->fetch({.method = "POST", .url = root + "/p", .fields = {{"X-Ask", "q"}}, .body = "b"}, 1000);
        EXPECT_TRUE(got);
        if (!got) co_return;
        EXPECT_EQ(got->status, 418);
        EXPECT_EQ(header(got->fields, "x-reply"), "yes");
        EXPECT_EQ(got->body, "POST /p q b");
    });
}

TEST_F(http_client, sends_secrets_and_names_none) {
    answer = [](const request& r, responder& to) -> awaitable<> {
        co_await to.send(200, {}, fmt::format("{} {}", r.path, header(r.fields, "Authorization")));
    };
    run([&]() -> awaitable<> {
        fetch_spec spec{.url = root,
                        .secret_path = secret("/bot1:word/getMe"),
                        .secret_fields = {{"Authorization", secret("Bearer word")}}};
        auto got = co_await c->fetch(spec, 1000);
        EXPECT_TRUE(got);
        if (!got) co_return;
        EXPECT_EQ(got->body, "/bot1:word/getMe Bearer word");
        s.close();
        auto lost = co_await c->fetch(spec, 1000);
        EXPECT_FALSE(lost);
        if (lost) co_return;
        EXPECT_FALSE(lost.error().sentence.contains("word")) << lost.error().sentence;
    });
}

TEST_F(http_client, gives_each_piece_when_it_comes) {
    event seen(io.get_executor());
    answer = [&](const request&, responder& to) -> awaitable<> {
        co_await to.begin(200, {});
        co_await to.write("one");
        co_await seen.wait();
        co_await to.write("two");
        co_await to.finish();
    };
    run([&]() -> awaitable<> {
        auto got = co_await c->open({.url = root});
        EXPECT_TRUE(got);
        EXPECT_EQ((co_await (*got)->read()).value_or("error"), "one");
        seen.set();
        EXPECT_EQ((co_await (*got)->read()).value_or("error"), "two");
        EXPECT_EQ((co_await (*got)->read()).value_or("error"), "") << "the true end";
    });
}

TEST_F(http_client, a_reader_that_is_slow_slows_the_sender) {
    constexpr std::size_t piece = 1024 * 1024;
    constexpr int pieces = 64;
    int written = 0;
    answer = [&](const request&, responder& to) -> awaitable<> {
        co_await to.begin(200, {});
        for (; written < pieces; ++written)
            co_await to.write(std::string(piece, 'x'));
        co_await to.finish();
    };
    run([&]() -> awaitable<> {
        auto got = co_await c->open({.url = root});
        EXPECT_TRUE(got);
        int before = -1; // the sender stands still when the buffers between are full
        while (before != written) {
            before = written;
            co_await sleep_for(50ms);
        }
        EXPECT_LT(written, pieces);
        std::size_t all = 0;
        for (;;) {
            auto part = co_await (*got)->read();
            EXPECT_TRUE(part);
            if (!part || part->empty()) break;
            all += part->size();
        }
        EXPECT_EQ(all, piece * pieces);
    });
}

TEST_F(http_client, an_answer_that_is_cut_is_no_end) {
    answer = [](const request&, responder& to) -> awaitable<> {
        co_await to.begin(200, {});
        co_await to.write("half");
        throw std::runtime_error("cut on purpose");
    };
    run([&]() -> awaitable<> {
        auto got = co_await c->fetch({.url = root}, 1000);
        EXPECT_FALSE(got);
        EXPECT_EQ(got.error().what, kind::cut);
        EXPECT_NE(got.error().sentence.find("127.0.0.1"), std::string::npos) << got.error().sentence;
    });
}

TEST_F(http_client, names_who_was_silent_and_where) {
    answer = [&](const request& r, responder& to) -> awaitable<> {
        if (r.path == "/middle") {
            co_await to.begin(200, {});
            co_await to.write("x");
        }
        co_await never.wait();
    };
    run([&]() -> awaitable<> {
        auto head = co_await c->fetch({.url = root, .connect = 10ms, .first_byte = 10ms}, 1000);
        EXPECT_FALSE(head);
        EXPECT_EQ(head.error().what, kind::silent);
        auto body = co_await c->fetch({.url = root + "/middle", .silence = 20ms}, 1000);
        EXPECT_FALSE(body);
        EXPECT_EQ(body.error().what, kind::silent);
        EXPECT_NE(body.error().sentence.find("middle of its answer"), std::string::npos);
    });
}

TEST_F(http_client, a_server_that_was_not_reached_has_not_seen_the_request) {
    run([&]() -> awaitable<> {
        for (auto* url : {"http://127.0.0.1:1/", "http://name.invalid/", "gopher://127.0.0.1/"}) {
            auto got = co_await c->fetch({.url = url}, 1000);
            EXPECT_FALSE(got);
            EXPECT_EQ(got.error().what, kind::unreached) << url << ": " << got.error().sentence;
        }
        auto tls = co_await c->fetch({.url = "https" + root.substr(4)}, 1000);
        EXPECT_FALSE(tls) << "no TLS there";
    });
}

TEST_F(http_client, follows_no_redirect) {
    int asked = 0;
    answer = [&](const request&, responder& to) -> awaitable<> {
        ++asked;
        co_await to.send(302, {{"Location", "/elsewhere"}}, "");
    };
    run([&]() -> awaitable<> {
        auto got = co_await c->fetch({.url = root, .fields = {{"Authorization", "Bearer t"}}}, 1000);
        EXPECT_EQ(got->status, 302);
    });
    EXPECT_EQ(asked, 1);
}

TEST_F(http_client, refuses_more_than_it_was_asked_to_take) {
    answer = [](const request&, responder& to) -> awaitable<> { co_await to.send(200, {}, std::string(5000, 'x')); };
    run([&]() -> awaitable<> {
        auto got = co_await c->fetch({.url = root}, 1000);
        EXPECT_FALSE(got);
        EXPECT_EQ(got.error().what, kind::too_large);
    });
}

TEST_F(http_client, a_cancelled_fetch_cuts_the_transfer) {
    event started(io.get_executor()), cancelled(io.get_executor());
    answer = [&](const request&, responder&) -> awaitable<> {
        started.set();
        try {
            co_await sleep_for(1h);
        } catch (const boost::system::system_error&) {
            cancelled.set();
            throw;
        }
    };
    run([&]() -> awaitable<> {
        auto fetch = [&]() -> awaitable<> { (void)co_await c->fetch({.url = root}, 1000); };
        auto fetching = spawn(io.get_executor(), "fetch", fetch());
        co_await started.wait();
        fetching.cancel();
        co_await cancelled.wait();
    });
}

TEST_F(http_client, many_at_once_over_kept_connections) {
    answer = [](const request& r, responder& to) -> awaitable<> { co_await to.send(200, {}, r.path); };
    run([&]() -> awaitable<> {
        for (int round = 0; round < 3; ++round) {
            int left = 50;
            event all(io.get_executor());
            auto one = [&](int i) -> awaitable<> {
                auto got = co_await c->fetch({.url = fmt::format("{}/{}", root, i)}, 1000);
                EXPECT_TRUE(got) << got.error().sentence;
                if (got) EXPECT_EQ(got->body, fmt::format("/{}", i));
                if (--left == 0) all.set();
            };
            for (int i = 0; i < 50; ++i)
                spawn(io.get_executor(), "one", one(i));
            co_await all.wait();
        }
    });
}

namespace {

/// Of a server that takes the `closing`th request whole and closes without an answer: how one request came out, and
/// how often the server was asked it. `leaves`: it takes no more connections, either.
std::pair<result<fetched, fetch_error>, int> closed_on(std::string method, int closing, bool leaves = false) {
    http::testing::loop on;
    int asked = 0;
    http::testing::raw_server s(on.io, [&](const std::string&) -> std::optional<std::string> {
        if (++asked == closing && leaves) s.close();
        if (asked == closing) return std::nullopt;
        return http::testing::whole_answer("{}");
    });
    std::optional<client> c{std::in_place, on.io.get_executor()};
    result<fetched, fetch_error> got;
    on.run([&]() -> awaitable<> {
        for (int i = 0; i < closing; ++i)
            got = co_await c->fetch({.method = method, .url = s.root(), .body = method == "GET" ? "" : "{}"}, 1000);
    });
    s.close();
    c.reset();
    EXPECT_TRUE(on.dry());
    return {got, asked - closing + 1};
}

} // namespace

TEST(repeating, what_changes_the_world_is_sent_once_however_the_connection_ends) {
    for (auto* method : {"POST", "PUT", "PATCH", "DELETE"})
        for (int closing : {1, 2}) { // on the first connection, on a reused one
            auto [got, times] = closed_on(method, closing);
            EXPECT_EQ(times, 1) << method << closing;
            ASSERT_FALSE(got) << method << closing;
            EXPECT_EQ(got.error().what, kind::cut) << got.error().sentence;
            EXPECT_TRUE(got.error().sentence.contains("127.0.0.1")) << got.error().sentence;
        }
}

TEST(repeating, what_was_sent_and_cannot_be_sent_again_may_have_been_taken) {
    auto [got, times] = closed_on("POST", 2, true);
    EXPECT_EQ(times, 1);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().what, kind::cut) << got.error().sentence;
}

TEST(repeating, a_question_that_a_reused_connection_lost_is_asked_again) {
    auto [got, times] = closed_on("GET", 2);
    EXPECT_EQ(times, 2);
    EXPECT_TRUE(got);
}

TEST(repeating, a_connection_that_was_closed_while_idle_takes_no_request_with_it) {
    http::testing::loop on;
    http::testing::raw_server s(on.io, [](const std::string&) { return http::testing::whole_answer("{}"); });
    s.closes_after_answers = true;
    std::optional<client> c{std::in_place, on.io.get_executor()};
    on.run([&]() -> awaitable<> {
        for (int i = 0; i < 3; ++i) {
            auto got = co_await c->fetch({.method = "POST", .url = s.root(), .body = "{}"}, 1000);
            EXPECT_TRUE(got) << got.error().sentence;
        }
    });
    EXPECT_EQ(s.requests.size(), 3u);
    EXPECT_EQ(s.connections, 3);
    s.close();
    c.reset();
    EXPECT_TRUE(on.dry());
}
