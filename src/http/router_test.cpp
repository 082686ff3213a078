#include "http/router.hpp"
#include "http/testing_socket.hpp"

using namespace persais;
using namespace persais::http;
using namespace persais::http::testing;
using namespace std::chrono_literals;

namespace {

response text(std::string body) {
    return {200, {{"Content-Type", "text/plain"}}, std::move(body)};
}

std::string body_of(const std::string& answer) {
    auto end = answer.find("\r\n\r\n");
    return end == answer.npos ? "" : answer.substr(end + 4);
}

std::string request_of(std::string_view line, std::string_view more = {}, std::string_view body = {}) {
    return fmt::format("{} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n{}", line, more,
                       body.size(), body);
}

struct person {
    std::string name;
};

const authenticator<person> by_name{"name", [](request head) -> awaitable<result<person, response>> {
                                        auto name = header(head.fields, "X-Name");
                                        if (name.empty()) co_return std::unexpected(error_response(401, "Who is it?"));
                                        co_return person{std::string(name)};
                                    }};

} // namespace

struct http_router : ::testing::Test, loop {
    router routes;
    std::vector<std::string> told;
    std::optional<server> at;
    std::uint16_t port = 0;

    void start(server_options options = {}) {
        routes.answered([this](std::string_view pattern, std::string_view method, int status, auto) {
            told.push_back(fmt::format("{} {} {}", method, pattern, status));
        });
        at.emplace(io.get_executor(), routes.as_handler(), options);
        port = *at->listen_tcp("127.0.0.1", 0);
    }
    void TearDown() override {
        if (at) at->close();
        EXPECT_TRUE(dry()) << "something is still under way";
    }
};

TEST_F(http_router, gives_a_handler_its_parameters_and_the_body) {
    routes.add({.method = "POST", .pattern = "/tasks/{id}/reply"}, no_authentication{},
               [](call c) -> awaitable<response> { co_return text(c.path.at("id") + ": " + c.asked.body); });
    start();
    run([&]() -> awaitable<> {
        auto got = co_await ask(port, request_of("POST /tasks/a%2Fb/reply?x=y", {}, "hello"));
        EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\n")) << got;
        EXPECT_EQ(body_of(got), "a/b: hello");
        got = co_await ask(port, request_of("POST /tasks/%zz/reply"));
        EXPECT_TRUE(got.starts_with("HTTP/1.1 400 ")) << got;
    });
    EXPECT_EQ(told, (std::vector<std::string>{"POST /tasks/{id}/reply 200", "POST other 400"}));
}

TEST_F(http_router, says_404_and_405_and_answers_head) {
    routes.add({.method = "GET", .pattern = "/a"}, no_authentication{},
               [](call) -> awaitable<response> { co_return text("hello"); });
    routes.add({.method = "DELETE", .pattern = "/a", .counted_as = "a"}, no_authentication{},
               [](call) -> awaitable<response> { co_return response{204, {}, ""}; });
    start();
    run([&]() -> awaitable<> {
        auto none = co_await ask(port, request_of("GET /b"));
        EXPECT_TRUE(none.starts_with("HTTP/1.1 404 ")) << none;
        EXPECT_NE(none.find(R"({"error":{"code":404,"message":"There is no /b here."}})"), none.npos) << none;
        auto wrong = co_await ask(port, request_of("POST /a"));
        EXPECT_TRUE(wrong.starts_with("HTTP/1.1 405 ")) << wrong;
        EXPECT_NE(wrong.find("\r\nAllow: DELETE, GET, HEAD\r\n"), wrong.npos) << wrong;
        auto head = co_await ask(port, request_of("HEAD /a"));
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
        EXPECT_NE(head.find("\r\nContent-Length: 5\r\n"), head.npos) << "what GET would have: " << head;
        EXPECT_EQ(body_of(head), "");
        auto empty = co_await ask(port, request_of("DELETE /a"));
        EXPECT_TRUE(empty.starts_with("HTTP/1.1 204 ")) << empty;
        EXPECT_EQ(empty.find("Content-Length"), empty.npos) << empty;
    });
    EXPECT_EQ(told, (std::vector<std::string>{"GET other 404", "POST /a 405", "HEAD /a 200", "DELETE a 204"}));
}

TEST_F(http_router, a_refused_body_that_has_come_does_not_end_the_connection) {
    routes.add({.method = "GET", .pattern = "/a"}, no_authentication{},
               [](call) -> awaitable<response> { co_return text("hello"); });
    start();
    run([&]() -> awaitable<> {
        auto got =
            co_await ask(port, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + request_of("GET /a"));
        EXPECT_NE(got.find("HTTP/1.1 404 "), got.npos) << got;
        EXPECT_TRUE(got.ends_with("\r\n\r\nhello")) << got;
    });
}

TEST_F(http_router, a_body_has_the_limit_of_its_route) {
    for (auto [pattern, most] : {std::pair("/small", 10u), std::pair("/large", 1'000'000u)})
        routes.add({.method = "POST", .pattern = pattern, .body_bytes = most}, no_authentication{},
                   [](call c) -> awaitable<response> { co_return text(std::to_string(c.asked.body.size())); });
    start();
    run([&]() -> awaitable<> {
        EXPECT_EQ(body_of(co_await ask(port, request_of("POST /small", {}, std::string(10, 'x')))), "10");
        EXPECT_EQ(body_of(co_await ask(port, request_of("POST /large", {}, std::string(1'000'000, 'x')))), "1000000");
        auto over = co_await ask(port, request_of("POST /small", {}, std::string(11, 'x')));
        EXPECT_TRUE(over.starts_with("HTTP/1.1 413 ")) << over;
        over = co_await ask(port, request_of("POST /small", {}, std::string(1'000'000, 'x')));
        EXPECT_TRUE(over.starts_with("HTTP/1.1 413 ")) << "the answer is read while the body is still being sent";
        over = co_await ask(
            port, "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n");
        EXPECT_TRUE(over.starts_with("HTTP/1.1 413 ")) << over;
    });
    EXPECT_EQ(told.back(), "POST /small 413");
}

TEST_F(http_router, a_route_without_bodies_waits_for_none) {
    routes.add({.method = "GET", .pattern = "/live", .body_bytes = 0, .at_once = 1}, no_authentication{},
               [](call) -> awaitable<response> { co_return text("alive"); });
    start();
    run([&]() -> awaitable<> {
        auto got = co_await ask(port, "GET /live HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 413 ")) << got;
        EXPECT_EQ(body_of(co_await ask(port, request_of("GET /live"))), "alive");
    });
}

TEST_F(http_router, asks_who_it_is_before_it_reads_the_body) {
    int answered = 0;
    routes.add({.method = "POST", .pattern = "/a"}, by_name, [&](person who, call c) -> awaitable<response> {
        ++answered;
        co_return text(who.name + " says " + c.asked.body);
    });
    start();
    run([&]() -> awaitable<> {
        auto got = co_await ask(port, request_of("POST /a", "X-Name: Ann\r\n", "hello"));
        EXPECT_EQ(body_of(got), "Ann says hello");
        // The body of this one never comes, and its client waits to be asked for it.
        got =
            co_await ask(port, "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 50000\r\n\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 401 ")) << got;
        EXPECT_NE(got.find("\r\nConnection: close\r\n"), got.npos) << got;
    });
    EXPECT_EQ(answered, 1);
    EXPECT_EQ(told.back(), "POST /a 401");
}

TEST_F(http_router, lists_who_may_use_each_route) {
    auto nothing = [](call) -> awaitable<response> { co_return response{}; };
    routes.add({.method = "GET", .pattern = "/a/{b}"}, no_authentication{}, nothing);
    routes.add({.method = "GET", .pattern = "/c"}, by_name,
               [](person, call) -> awaitable<response> { co_return response{}; });
    std::string all;
    for (const auto& each : routes.routes())
        all += each.method + " " + each.pattern + " " + each.authentication + "\n";
    EXPECT_EQ(all, "GET /a/{b} \nGET /c name\n");
    EXPECT_THROW(routes.add({.method = "GET", .pattern = "/c"}, no_authentication{}, nothing), std::invalid_argument);
}

TEST_F(http_router, a_handler_that_stalls_meets_its_deadline_and_others_go_on) {
    bool cancelled = false;
    event stalled(io.get_executor());
    routes.add({.method = "GET", .pattern = "/stalls", .deadline = 50ms}, no_authentication{},
               [&](call) -> awaitable<response> {
                   stalled.set();
                   try {
                       co_await sleep_for(1h);
                   } catch (const boost::system::system_error&) {
                       cancelled = true;
                       throw;
                   }
                   co_return response{};
               });
    routes.add({.method = "GET", .pattern = "/a"}, no_authentication{},
               [](call) -> awaitable<response> { co_return text("hello"); });
    start();
    run([&]() -> awaitable<> {
        auto slow = co_await dial(port);
        co_await put(slow, request_of("GET /stalls"));
        co_await stalled.wait();
        EXPECT_EQ(body_of(co_await ask(port, request_of("GET /a"))), "hello");
        EXPECT_FALSE(cancelled);
        auto got = co_await read_all(slow);
        EXPECT_TRUE(got.starts_with("HTTP/1.1 503 ")) << got;
        EXPECT_NE(got.find("\r\nRetry-After: 5\r\n"), got.npos) << got;
        EXPECT_TRUE(cancelled);
    });
    EXPECT_EQ(told, (std::vector<std::string>{"GET /a 200", "GET /stalls 503"}));
}

TEST_F(http_router, authentication_that_stalls_meets_the_deadline_too) {
    const authenticator<person> never{"never", [](request) -> awaitable<result<person, response>> {
                                          co_await sleep_for(1h);
                                          co_return person{};
                                      }};
    routes.add({.method = "GET", .pattern = "/a", .deadline = 20ms}, never,
               [](person, call) -> awaitable<response> { co_return response{}; });
    start();
    run([&]() -> awaitable<> {
        auto got = co_await ask(port, request_of("GET /a"));
        EXPECT_TRUE(got.starts_with("HTTP/1.1 503 ")) << got;
    });
}

TEST_F(http_router, the_deadline_is_of_the_begin_of_an_answer) {
    event go_on(io.get_executor());
    routes.add({.method = "GET", .pattern = "/a", .deadline = 20ms}, no_authentication{},
               [&](call, responder& to) -> awaitable<> {
                   co_await to.begin(200, {});
                   co_await go_on.wait();
                   co_await to.write("late and whole");
                   co_await to.finish();
               });
    start();
    run([&]() -> awaitable<> {
        auto s = co_await dial(port);
        co_await put(s, request_of("GET /a"));
        auto got = co_await read_until(s, "\r\n\r\n");
        co_await sleep_for(60ms); // longer than the deadline, which must not strike
        go_on.set();
        got += co_await read_all(s);
        EXPECT_TRUE(got.ends_with("late and whole\r\n0\r\n\r\n")) << got;
    });
}

TEST_F(http_router, more_at_once_than_a_route_allows_get_503) {
    event two(io.get_executor()), go_on(io.get_executor());
    int under_way = 0;
    routes.add({.method = "GET", .pattern = "/a", .at_once = 2}, no_authentication{}, [&](call) -> awaitable<response> {
        if (++under_way == 2) two.set();
        co_await go_on.wait();
        co_return text("hello");
    });
    routes.add({.method = "GET", .pattern = "/b"}, no_authentication{},
               [](call) -> awaitable<response> { co_return text("other"); });
    start();
    run([&]() -> awaitable<> {
        auto first = co_await dial(port), second = co_await dial(port);
        co_await put(first, request_of("GET /a"));
        co_await put(second, request_of("GET /a"));
        co_await two.wait();
        auto third = co_await ask(port, request_of("GET /a"));
        EXPECT_TRUE(third.starts_with("HTTP/1.1 503 ")) << third;
        EXPECT_NE(third.find("\r\nRetry-After: 5\r\n"), third.npos) << third;
        EXPECT_EQ(body_of(co_await ask(port, request_of("GET /b"))), "other");
        go_on.set();
        EXPECT_EQ(body_of(co_await read_all(first)), "hello");
        EXPECT_EQ(body_of(co_await read_all(second)), "hello");
        EXPECT_EQ(body_of(co_await ask(port, request_of("GET /a"))), "hello") << "their places are free again";
    });
}

TEST_F(http_router, one_client_gets_half_of_what_a_route_does_at_once_unless_it_is_known_who_asks) {
    event three(io.get_executor()), go_on(io.get_executor());
    int under_way = 0;
    auto slow = [&]() -> awaitable<response> {
        if (++under_way == 3) three.set();
        co_await go_on.wait();
        co_return text("hello");
    };
    routes.add({.method = "GET", .pattern = "/a", .at_once = 4}, no_authentication{}, [&](call) { return slow(); });
    routes.add({.method = "GET", .pattern = "/b", .at_once = 2}, by_name, [&](person, call) { return slow(); });
    start({.proxies = *networks::parse("127.0.0.1")});
    const std::string one = "X-Forwarded-For: 1.1.1.1\r\n", other = "X-Forwarded-For: 2.2.2.2\r\n";
    run([&]() -> awaitable<> {
        std::vector<tcp::socket> waiting;
        for (const auto& asked : {request_of("GET /a", one), request_of("GET /a", one), request_of("GET /a", other)}) {
            waiting.push_back(co_await dial(port));
            co_await put(waiting.back(), asked);
        }
        co_await three.wait();
        EXPECT_TRUE((co_await ask(port, request_of("GET /a", one))).starts_with("HTTP/1.1 503 "));
        three.reset();
        under_way = 0;
        for (const auto& asked : {request_of("GET /a", other), request_of("GET /b", one + "X-Name: ann\r\n"),
                                  request_of("GET /b", one + "X-Name: ann\r\n")}) {
            waiting.push_back(co_await dial(port));
            co_await put(waiting.back(), asked);
        }
        co_await three.wait();
        go_on.set();
        for (auto& each : waiting)
            EXPECT_EQ(body_of(co_await read_all(each)), "hello");
    });
}

TEST_F(http_router, what_a_handler_throws_is_a_500_that_is_counted) {
    routes.add({.method = "GET", .pattern = "/a"}, no_authentication{},
               [](call) -> awaitable<response> { throw std::runtime_error("the secret detail"); });
    routes.add({.method = "GET", .pattern = "/b"}, no_authentication{}, [](call) -> awaitable<response> {
        co_return response{302, {{"Location", "/x\r\nSet-Cookie: a=b"}}, ""};
    });
    start();
    run([&]() -> awaitable<> {
        for (auto* line : {"GET /a", "GET /b"}) {
            auto got = co_await ask(port, request_of(line));
            EXPECT_TRUE(got.starts_with("HTTP/1.1 500 ")) << got;
            EXPECT_EQ(got.find("secret"), got.npos) << got;
            EXPECT_EQ(got.find("Set-Cookie"), got.npos) << got;
        }
    });
    EXPECT_EQ(told, (std::vector<std::string>{"GET /a 500", "GET /b 500"}));
}
