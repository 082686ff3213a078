#include "http/client_address.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::http;

namespace {

const networks proxies = networks::parse("10.0.0.0/8, fdaa::/16").value();

std::string by(const char* peer, const headers& fields = {}) {
    return client_of(asio::ip::make_address(peer), fields, proxies);
}

} // namespace

TEST(client_address, of_a_connection_is_its_other_end_unless_that_may_be_a_proxy) {
    EXPECT_EQ(client_of(std::nullopt, proxies), "") << "a unix socket";
    EXPECT_EQ(client_of(asio::ip::make_address("8.8.8.8"), proxies), "8.8.8.8");
    EXPECT_EQ(client_of(asio::ip::make_address("::ffff:8.8.8.8"), proxies), "8.8.8.8");
    EXPECT_EQ(client_of(asio::ip::make_address("2001:db8:1:2:3:4:5:6"), proxies), "2001:db8:1:2::/64");
    for (auto* unknown : {"10.1.1.1", "127.0.0.1", "192.168.0.1", "::1", "fdaa::3"})
        EXPECT_EQ(client_of(asio::ip::make_address(unknown), proxies), "") << unknown;
}

TEST(client_address, nobody_but_a_named_proxy_says_who_asks) {
    headers lie{{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1.2.3.4"}};
    EXPECT_EQ(by("8.8.8.8", lie), "8.8.8.8");
    EXPECT_EQ(by("192.168.0.1", lie), "");
    EXPECT_EQ(client_of(std::nullopt, lie, proxies), "");
    EXPECT_EQ(by("10.0.0.1", lie), "1.2.3.4");
    EXPECT_EQ(by("::ffff:10.0.0.1", lie), "1.2.3.4");
}

TEST(client_address, is_the_last_one_that_is_no_proxy) {
    EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.0.9"}}), "1.2.3.4");
    EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", " 1.2.3.4 ,10.9.9.9"}}), "1.2.3.4");
    EXPECT_EQ(by("10.0.0.1", {{"Forwarded", "for=6.6.6.6, for=1.2.3.4;proto=https;by=10.0.0.2, for=10.0.0.3"}}),
              "1.2.3.4");
    EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", "10.0.0.5, 10.0.0.6"}}), "10.0.0.5") << "proxies alone";
}

TEST(client_address, reads_ports_and_ipv6) {
    for (auto* way : {"1.2.3.4:4711", "::ffff:1.2.3.4", "[::ffff:1.2.3.4]:80"})
        EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", way}}), "1.2.3.4") << way;
    for (auto* way : {"2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:4711"})
        EXPECT_EQ(by("fdaa::2", {{"X-Forwarded-For", way}}), "2001:db8::/64") << way;
    EXPECT_EQ(by("10.0.0.1", {{"Forwarded", R"(proto=https; For="[2001:db8:9::7]:4711")"}}), "2001:db8:9::/64");
    EXPECT_EQ(by("10.0.0.1", {{"Forwarded", R"(host="a,b;for=6.6.6.6";for="1.2.3.4:80")"}}), "1.2.3.4");
}

TEST(client_address, is_the_proxy_when_the_headers_do_not_name_one) {
    EXPECT_EQ(by("10.0.0.1"), "10.0.0.1");
    for (auto* way : {"unknown", "_hidden", "1.2.3.4, unknown", "[", "[::1", "1.2.3.4, x"})
        EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", way}}), "10.0.0.1") << way;
    EXPECT_EQ(by("10.0.0.1", {{"Forwarded", "proto=https"}}), "10.0.0.1");
    EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=6.6.6.6"}}), "10.0.0.1");
    EXPECT_EQ(by("10.0.0.1", {{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1.2.3.4"}}), "1.2.3.4");
}
