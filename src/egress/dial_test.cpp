#include "egress/dial.hpp"

#include <algorithm>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace persais::egress {
namespace {

using asio::ip::tcp;

/// A server on the loopback, and a dialer that believes names to be at the addresses that it is told.
class dial : public ::testing::Test {
protected:
    std::string port() const { return std::to_string(server_.local_endpoint().port()); }
    /// What became of it: "open", or why not.
    std::string open(const std::string& rules, const std::string& to, std::vector<std::string> at = {},
                     upstream by = {}, bool tunnel = true) {
        for (const auto& each : at)
            known_.push_back(asio::ip::make_address(each));
        auto find = [this](std::string name) -> awaitable<std::vector<asio::ip::address>> {
            asked_.push_back(std::move(name));
            co_return known_;
        };
        dialer d(io_.get_executor(), host_rules::parse(rules, host_rules::author::owner).value(), std::move(by), find);
        std::string said;
        auto work = [&]() -> awaitable<> {
            auto way = co_await d.open(parse_host_and_port(to, 443).value(), tunnel);
            said = way ? (way->by ? "open, by a proxy" : "open") : in_words(way.error());
        };
        asio::co_spawn(io_, work(), [](const std::exception_ptr& e) {
            if (e) std::rethrow_exception(e);
        });
        io_.restart();
        io_.run();
        known_.clear();
        return said;
    }

    asio::io_context io_{1};
    tcp::acceptor server_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
    std::vector<asio::ip::address> known_;
    std::vector<std::string> asked_;
};

TEST_F(dial, a_host_without_a_rule_is_not_even_looked_up) {
    EXPECT_EQ(open("pkg.test", "evil.test"), "setup may not reach evil.test:443; SETUP_HOSTS, or setup_hosts in "
                                             ".persais.toml on the base branch, allows a host");
    EXPECT_TRUE(asked_.empty());
}

TEST_F(dial, an_allowed_name_at_an_address_that_is_not_public_is_refused) {
    for (std::string address : {"127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0",
                                "64:ff9b::7f00:1", "fe80::1", "fd00:ec2::254", "198.18.0.1"}) {
        auto said = open("pkg.test:" + port(), "pkg.test:" + port(), {address});
        EXPECT_TRUE(said.starts_with("setup may not reach pkg.test:")) << address << ": " << said;
        EXPECT_NE(said.find(" is not public)"), std::string::npos) << said;
    }
    for (std::string literal : {"127.0.0.1", "[::1]", "10.0.0.1", "[::ffff:127.0.0.1]"})
        EXPECT_NE(open(literal + ":" + port(), literal + ":" + port()).find("is not public"), std::string::npos);
    EXPECT_TRUE(open("*", "127.0.0.1:443").starts_with("setup may not reach 127.0.0.1:443 (127.0.0.1 is not public)"));
}

TEST_F(dial, only_the_addresses_that_are_allowed_are_tried) {
    // The second answer of the name is the server's address, which would be reached if it were tried.
    auto said = open("r.test:" + port() + "@127.0.0.2", "r.test:" + port(), {"127.0.0.1"});
    EXPECT_TRUE(said.contains("could not be reached") || said == "open") << said;
    EXPECT_TRUE(asked_.empty()) << "the address of the rule is the host's";
    EXPECT_EQ(open("r.test:" + port() + "@127.0.0.1", "r.test:" + port()), "open");
    EXPECT_TRUE(open("r.test@10.0.0.0/8", "r.test", {"127.0.0.1"}).contains("is not public"));
}

TEST_F(dial, this_machine_and_its_neighbours_are_refused_whatever_their_address_is) {
    EXPECT_TRUE(is_next_to_us(asio::ip::make_address("127.0.0.1")));
    EXPECT_TRUE(is_next_to_us(asio::ip::make_address("127.9.9.9")));
    EXPECT_TRUE(is_next_to_us(asio::ip::make_address("::1")));
    EXPECT_FALSE(is_next_to_us(asio::ip::make_address("8.8.8.8")));
    boost::system::error_code ec;
    asio::ip::udp::socket away(io_, asio::ip::udp::v4());
    away.connect({asio::ip::make_address("8.8.8.8"), 53}, ec); // sends nothing; tells which own address would be used
    if (ec) GTEST_SKIP() << "this machine has no route";
    auto own = away.local_endpoint().address();
    EXPECT_TRUE(is_next_to_us(own));
    EXPECT_TRUE(open("pkg.test:" + port(), "pkg.test:" + port(), {own.to_string()}).contains("is not public"));
}

/// A proxy on the loopback that answers one request with these words, and what it was asked.
awaitable<> answer_once(tcp::acceptor& at, std::string words, std::string& asked) {
    auto peer = co_await at.async_accept(asio::use_awaitable);
    while (!asked.ends_with("\r\n\r\n")) {
        char byte = 0;
        co_await asio::async_read(peer, asio::buffer(&byte, 1), asio::use_awaitable);
        asked += byte;
    }
    co_await asio::async_write(peer, asio::buffer(words), asio::use_awaitable);
}

TEST_F(dial, goes_through_the_proxy_of_this_machines_network) {
    std::map<std::string, std::string> environment{{"HTTPS_PROXY", "http://me:s%40y@127.0.0.1:" + port()},
                                                   {"no_proxy", "near.test, .corp"}};
    auto by = find_upstream(environment);
    ASSERT_TRUE(by);
    for (auto [words, said] :
         {std::pair("HTTP/1.1 200 Fine\r\n\r\n", "open"),
          std::pair("HTTP/1.1 407 No\r\n\r\n", "r.test:443 could not be reached: the proxy of this "
                                               "network answered 407"),
          std::pair("nonsense\r\n\r\n", "r.test:443 could not be reached: the proxy of this network "
                                        "answered 0")}) {
        std::string asked;
        asio::co_spawn(io_, answer_once(server_, words, asked), asio::detached);
        EXPECT_EQ(open("r.test", "r.test:443", {}, *by), said);
        EXPECT_TRUE(asked.starts_with("CONNECT r.test:443 HTTP/1.1\r\nHost: r.test:443\r\nProxy-Authorization: Basic "))
            << asked;
    }
    EXPECT_TRUE(open("r.test", "r.test:443", {"10.0.0.1"}, *by).contains("is not public"))
        << "as this machine knows it";
    EXPECT_TRUE(open("evil.corp", "pkg.test", {}, *by).contains("may not reach"));
    EXPECT_EQ(by->for_host("near.test", true), nullptr);
    EXPECT_EQ(by->for_host("a.corp", true), nullptr);
    EXPECT_NE(by->for_host("xcorp", true), nullptr);
    EXPECT_EQ(by->for_host("r.test", false), nullptr) << "HTTPS_PROXY is not for plain requests";
    environment = {{"https_proxy", "socks5://127.0.0.1:1"}};
    EXPECT_FALSE(find_upstream(environment));
    environment = {{"https_proxy", "http://user:pass@"}};
    EXPECT_FALSE(find_upstream(environment).error().contains("pass"));
    auto plain = find_upstream({{"http_proxy", "127.0.0.1:" + port()}});
    ASSERT_TRUE(plain);
    EXPECT_EQ(open("r.test", "r.test:80", {}, *plain, false), "open, by a proxy");
}

TEST_F(dial, asks_once_for_the_name_of_the_next_proxy_and_keeps_what_a_host_says_first) {
    auto by = find_upstream({{"https_proxy", "proxy.test:" + port()}});
    ASSERT_TRUE(by);
    auto find = [this](std::string name) -> awaitable<std::vector<asio::ip::address>> {
        asked_.push_back(name);
        co_return name == "proxy.test" ? std::vector{asio::ip::make_address("127.0.0.1")} : known_;
    };
    dialer d(io_.get_executor(), host_rules::parse("r.test", host_rules::author::owner).value(), *by, find);
    std::string begun, asked;
    auto work = [&]() -> awaitable<> {
        for (int i = 0; i < 3; ++i) {
            asked.clear();
            asio::co_spawn(io_, answer_once(server_, "HTTP/1.1 200 Fine\r\n\r\nSSH-2.0-x\r\n", asked), asio::detached);
            auto way = co_await d.open({"r.test", 443}, true);
            begun += way ? way->begun : in_words(way.error());
        }
    };
    asio::co_spawn(io_, work(), [](const std::exception_ptr& e) {
        if (e) std::rethrow_exception(e);
    });
    io_.run();
    EXPECT_EQ(begun, "SSH-2.0-x\r\nSSH-2.0-x\r\nSSH-2.0-x\r\n");
    EXPECT_EQ(std::ranges::count(asked_, "proxy.test"), 1);
}

} // namespace
} // namespace persais::egress
