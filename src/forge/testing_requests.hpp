#pragma once
#include "forge/requests.hpp"
#include "http/testing_socket.hpp"

#include <map>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace persais::forge::testing {

/// An HTTP server that answers each "METHOD path?query" as a test says, and keeps what was sent.
struct answered_requests : ::testing::Test, http::testing::loop {
    struct written {
        int status = 200;
        std::string body;
        http::headers fields = {};
    };

    explicit answered_requests(kind what)
        : server(io.get_executor(), [this](const http::request& asked, http::pending_request& to) -> awaitable<> {
              auto line =
                  fmt::format("{} {}{}{}", asked.method, asked.path, asked.query.empty() ? "" : "?", asked.query);
              lines.push_back(line);
              constexpr std::size_t most = 100'000;
              bodies[line] = (co_await to.body(most)).value_or("");
              fields[line] = asked.fields;
              auto found = answers.find(line);
              auto said = found == answers.end() ? written{404, R"({"message":"Not Found"})"} : found->second;
              co_await to.send(said.status, said.fields, said.body);
          }) {
        root = fmt::format("http://127.0.0.1:{}", *server.listen_tcp("127.0.0.1", 0));
        all = make_requests({.kind = what, .web = "", .api = root, .path = "acme/team"}, secret("word"),
                            [this](http::fetch_spec ask) { return web->fetch(std::move(ask), 1'000'000); });
    }
    void TearDown() override {
        all.reset();
        server.close();
        web.reset();
        EXPECT_TRUE(dry());
    }

    template <class T>
    T got(awaitable<T> what) {
        std::optional<T> out;
        run([&]() -> awaitable<> { out = co_await std::move(what); });
        return std::move(*out);
    }
    boost::json::object sent(const std::string& line) { return boost::json::parse(bodies.at(line)).as_object(); }
    long times(const std::string& line) { return std::ranges::count(lines, line); }

    std::map<std::string, written> answers;
    std::map<std::string, std::string> bodies;
    std::map<std::string, http::headers> fields;
    std::vector<std::string> lines;
    http::server server;
    std::string root;
    std::optional<http::client> web{std::in_place, io.get_executor()};
    std::unique_ptr<requests> all;
};

/// GitHub's.
struct forge_requests : answered_requests {
    forge_requests() : answered_requests(kind::github) {}
};

} // namespace persais::forge::testing
