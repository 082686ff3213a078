// A confined program and its network, with a registry of the test's own on the loopback.
#include "base/temp_dir.hpp"
#include "egress/limits.hpp"
#include "egress/way_out.hpp"
#include "sandbox/child.hpp"
#include "sandbox/choose.hpp"

#include <algorithm>
#include <filesystem>
#include <sys/socket.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace persais::egress {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view client = R"(
import os, socket, sys, urllib.request, urllib.error
def get(url, **more):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **more), timeout=20) as r: return r.read().decode()
    except urllib.error.HTTPError as e: return f"{e.code} {e.reason}"
    except (OSError, urllib.error.URLError) as e: return str(getattr(e, "reason", e))
def raw(host, port, send=b"GET / HTTP/1.0\r\n\r\n"):
    try:
        with socket.create_connection((host, port), 20) as s:
            s.sendall(send)
            all = b""
            while piece := s.recv(65536): all += piece
            return all.decode().partition("\r\n\r\n")[2]
    except OSError as e: return type(e).__name__
def proxy(send): return raw("198.18.0.1", 3128, send)
)";

class way_out_of_a_setup : public ::testing::Test {
protected:
    void SetUp() override {
        asio::co_spawn(io_, sandbox::choose(false),
                       [this](const std::exception_ptr&, sandbox::choice c) { chosen_ = std::move(c); });
        io_.run();
        io_.restart();
        if (chosen_.use->level() != sandbox::isolation_level::bubblewrap) GTEST_SKIP() << chosen_.why;
        for (const char* name : {"tree", "home"}) {
            fs::create_directory(folder_.path() / name);
            chosen_.use->hand_over(folder_.path() / name, 0);
        }
        asio::co_spawn(io_, serve(), asio::detached);
    }

    int port() const { return registry_.local_endpoint().port(); }
    std::string place(const std::string& name) const { return name + ":" + std::to_string(port()); }
    std::string rule(const std::string& name) const { return place(name) + "@127.0.0.1"; }

    /// Answers each request with its first line and Host, and keeps the connection as a server that hopes for more.
    awaitable<> serve() {
        for (;;) {
            auto peer = std::make_shared<tcp::socket>(co_await registry_.async_accept(asio::use_awaitable));
            asio::co_spawn(io_, answer(peer), asio::detached);
        }
    }
    /// How many others are connected. One whose end has arrived is not, though its coroutine does not know it yet.
    int open_besides(const std::shared_ptr<tcp::socket>& peer) {
        std::erase_if(peers_, [](const std::weak_ptr<tcp::socket>& each) {
            auto other = each.lock();
            char byte = 0;
            return !other || ::recv(other->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
        });
        auto others = static_cast<int>(peers_.size());
        peers_.push_back(peer);
        return others;
    }
    awaitable<> answer(std::shared_ptr<tcp::socket> peer) {
        std::string asked;
        char piece[4096];
        while (!asked.contains("\r\n\r\n")) {
            auto got = co_await peer->async_read_some(asio::buffer(piece), asio::use_awaitable);
            asked.append(piece, got);
        }
        ++served_;
        most_open_ = std::max(most_open_, open_besides(peer) + 1);
        requests_ += asked;
        auto body = asked.substr(0, asked.find("\r\n")) + " for you";
        if (asked.contains("/large")) body = std::string(8'000'000, 'x');
        auto head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        co_await asio::async_write(*peer, asio::buffer(head + body), asio::use_awaitable);
        boost::system::error_code ec;
        if (!asked.contains("HTTP/1.0") && !asked.contains("Connection: close"))
            co_await peer->async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
    }

    /// What the script printed, with this network.
    std::string run(const std::string& rules, const std::string& script) {
        auto find = [this](std::string name) -> awaitable<std::vector<asio::ip::address>> {
            ++lookups_;
            if (name.starts_with("private")) co_return std::vector{asio::ip::make_address("10.1.2.3")};
            if (name.starts_with("local")) co_return std::vector{asio::ip::make_address("127.0.0.1")};
            co_return std::vector<asio::ip::address>{};
        };
        way_out out(io_.get_executor(), host_rules::parse(rules, host_rules::author::owner).value(), {}, find,
                    [this](const std::string& host) { denied_.push_back(host); });
        sandbox::child_spec spec{.argv = {"/usr/bin/python3", "-c", std::string(client) + script},
                                 .environment = way_out::environment(),
                                 .total = 60s};
        spec.environment.push_back("PATH=/usr/bin:/bin");
        spec.network = out.network();
        sandbox::view seen{.tree = folder_.path() / "tree", .home = folder_.path() / "home"};
        sandbox::child_result result;
        bool ended = false;
        asio::co_spawn(io_, sandbox::run_child(chosen_.use->confine(std::move(spec), seen)),
                       [&](const std::exception_ptr& e, sandbox::child_result r) {
                           result = std::move(r);
                           ended = true;
                           if (e) std::rethrow_exception(e);
                       });
        while (!ended)
            io_.run_one();
        missed_ = out.missed_a_host();
        out.close();
        EXPECT_EQ(result.error, "");
        return result.output;
    }

    asio::io_context io_{1};
    temp_dir folder_;
    sandbox::choice chosen_;
    tcp::acceptor registry_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
    std::vector<std::string> denied_;
    bool missed_ = false;
    std::string requests_;
    std::vector<std::weak_ptr<tcp::socket>> peers_;
    int served_ = 0, most_open_ = 0, lookups_ = 0;
};

TEST_F(way_out_of_a_setup, is_found_by_programs_that_know_a_proxy_and_by_those_that_do_not) {
    auto url = "http://" + place("registry.test");
    EXPECT_EQ(
        run(rule("registry.test"), "print(get('" + url +
                                       "/a'))\n"
                                       "print(raw('registry.test', " +
                                       std::to_string(port()) +
                                       "))\n"
                                       "print(proxy(b'CONNECT " +
                                       place("registry.test") +
                                       " HTTP/1.1\\r\\n\\r\\nGET /t HTTP/1.0\\r\\n\\r\\n').rpartition('\\n')[2])\n"
                                       "print(len(get('" +
                                       url + "/large')))"),
        "GET /a HTTP/1.1 for you\nGET / HTTP/1.0 for you\nGET /t HTTP/1.0 for you\n8000000\n");
    EXPECT_TRUE(denied_.empty());
    EXPECT_EQ(served_, 4);
    EXPECT_NE(requests_.find("Host: registry.test:"), std::string::npos);
}

TEST_F(way_out_of_a_setup, knows_whether_a_host_that_it_may_reach_was_away) {
    auto url = "http://" + place("registry.test");
    run(rule("registry.test") + ",unknown.test", "get('" + url + "/a')\nget('http://other.test/')");
    EXPECT_FALSE(missed_) << "one that it may not reach is told otherwise";
    for (const std::string away : {"http://unknown.test/", "http://registry.test:1/"}) {
        run(rule("registry.test") + ",registry.test:1@127.0.0.1,unknown.test",
            "get('" + url + "/a')\nget('" + away + "')");
        EXPECT_TRUE(missed_) << away;
    }
    run("registry.test:1@127.0.0.1", "raw('registry.test', 1)");
    EXPECT_TRUE(missed_) << "without the proxy";
}

TEST_F(way_out_of_a_setup, denies_what_no_rule_allows_and_says_it_once) {
    auto said = run(rule("registry.test"), "for i in range(3): print(get('https://evil.test/x'))\n"
                                           "print(get('http://evil.test/x'))\n"
                                           "print(raw('other.test', 443, b''))\n"
                                           "print(get('http://" +
                                               place("127.0.0.1") +
                                               "/x'))\n"
                                               "print(get('http://" +
                                               place("local.test") + "/x'))\n");
    EXPECT_NE(said.find("Tunnel connection failed: 403 setup may not reach evil.test:443; SETUP_HOSTS"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("403 setup may not reach evil.test:80"), std::string::npos) << said;
    EXPECT_NE(said.find("ConnectionResetError"), std::string::npos) << said;
    EXPECT_EQ(served_, 0);
    EXPECT_EQ(lookups_, 0) << "a name that is not allowed is nobody's to look up";
    // 127.0.0.1 is where urllib goes by no_proxy, and finds the namespace's own.
    EXPECT_EQ(denied_,
              (std::vector<std::string>{"evil.test:443", "evil.test:80", "other.test:443", place("local.test")}));
}

TEST_F(way_out_of_a_setup, never_reaches_what_is_not_public_by_an_allowed_name) {
    auto said = run(place("local.test") + "," + place("private.test") + ",private2.test,169.254.169.254",
                    "print(get('http://" + place("local.test") +
                        "/x'))\n"
                        "print(proxy(b'CONNECT " +
                        place("local.test") +
                        " HTTP/1.1\\r\\n\\r\\n'))\n"
                        "print(get('https://private2.test/x'))\n"
                        "print(get('http://169.254.169.254/latest'))\n");
    EXPECT_EQ(served_, 0) << said;
    EXPECT_EQ(denied_, (std::vector<std::string>{place("local.test") + " (127.0.0.1 is not public)",
                                                 "private2.test:443 (10.1.2.3 is not public)",
                                                 "169.254.169.254:80 (169.254.169.254 is not public)"}));
}

TEST_F(way_out_of_a_setup, serves_one_request_of_a_connection_whatever_the_server_hopes_for) {
    EXPECT_EQ(run(rule("registry.test"), "answer = proxy(b'GET http://" + place("registry.test") +
                                             "/1 HTTP/1.1\\r\\n\\r\\n"
                                             "GET http://" +
                                             place("evil.test") + "/2 HTTP/1.1\\r\\n\\r\\n')\nprint(answer)"),
              "GET /1 HTTP/1.1 for you\n");
    EXPECT_EQ(served_, 1);
}

TEST_F(way_out_of_a_setup, refuses_heads_that_have_no_end_or_no_sense) {
    auto said = run(rule("registry.test"), "print(raw('198.18.0.1', 3128, b'GET ' + b'x' * 100000))\n"
                                           "print(proxy(b'GET / HTTP/1.1\\r\\n\\r\\n'))\n"
                                           "print(proxy(b'\\0' * 100 + b'\\r\\n\\r\\n'))\n");
    EXPECT_NE(said.find("too large"), std::string::npos) << said;
    EXPECT_NE(said.find("Bad Request\n\nBad Request"), std::string::npos) << said;
}

TEST_F(way_out_of_a_setup, has_no_more_connections_than_it_may_and_serves_those_that_wait) {
    constexpr auto most = limits::egress_connections;
    auto script = R"(
held = []
for i in range(2 * most): # the later half by the other socket, which accepts beside the proxy's
    direct = i >= most
    s = socket.create_connection(('registry.test', port) if direct else ('198.18.0.1', 3128), 20)
    s.sendall(b'' if direct else b'CONNECT registry.test:%d HTTP/1.1\r\n\r\n' % port)
    s.sendall(b'GET /%d HTTP/1.1\r\n\r\n' % i)
    held.append(s)
def answered(s, i):
    all = b''
    while b'/%d HTTP/1.1 for you' % i not in all and (piece := s.recv(65536)): all += piece
    s.close()
    return all != b''
first = [answered(s, i) for i, s in enumerate(held[:most])]
print(all(first), all([answered(s, most + i) for i, s in enumerate(held[most:])]))
)";
    auto said =
        run(rule("registry.test"), "most, port = " + std::to_string(most) + ", " + std::to_string(port()) + script);
    EXPECT_EQ(said, "True True\n");
    EXPECT_EQ(served_, int(2 * most));
    EXPECT_EQ(most_open_, int(most));
}

TEST_F(way_out_of_a_setup, dies_with_it) {
    auto before = std::distance(fs::directory_iterator("/proc/self/fd"), {});
    for (int i = 0; i < 3; ++i)
        run(rule("registry.test"), "held = [socket.create_connection(('198.18.0.1', 3128)) for i in range(9)]\n"
                                   "held[0].sendall(b'CONNECT " +
                                       place("registry.test") + " HTTP/1.1\\r\\n\\r\\n'); held[0].recv(9)\n");
    for (int i = 0; i < 100 && io_.poll() > 0; ++i) {
    }
    EXPECT_LE(std::distance(fs::directory_iterator("/proc/self/fd"), {}), before + 1); // the registry's own end
}

} // namespace
} // namespace persais::egress
