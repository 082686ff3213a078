#include "base/host_rules.hpp"

#include <gtest/gtest.h>

using namespace persais;
using author = host_rules::author;

namespace {

bool reached(std::string_view rules, std::string_view host, std::uint16_t port = 443) {
    return host_rules::parse(rules, author::owner).value().find(parse_host_and_port(host, port).value()) != nullptr;
}

std::string error_of(std::string_view rules, author by = author::owner) {
    auto parsed = host_rules::parse(rules, by);
    return parsed ? "" : parsed.error();
}

bool at(std::string_view rule, const char* address) {
    return allows(host_rules::parse_one(rule, author::owner).value(), boost::asio::ip::make_address(address));
}

} // namespace

TEST(host_rules, name_hosts_and_all_below_one) {
    constexpr std::string_view rules = "pkg.test, *.Example.ORG ,npm.corp:8443";
    for (auto* in : {"pkg.test", "Pkg.Test.", "a.example.org", "a.b.example.org", "npm.corp:8443"})
        EXPECT_TRUE(reached(rules, in)) << in;
    for (auto* out : {"evil-pkg.test", "pkg.test.evil.net", "a.pkg.test", "example.org", "xexample.org", "npm.corp",
                      "pkg.test:22", "npm.corp:443"})
        EXPECT_FALSE(reached(rules, out)) << out;
    EXPECT_TRUE(reached(rules, "pkg.test", 80));
    EXPECT_FALSE(reached("", "pkg.test"));
    EXPECT_TRUE(reached("*", "anything.example"));
    EXPECT_FALSE(reached("*", "anything.example", 22));
    EXPECT_TRUE(reached("[2606:4700::1111]:853", "[2606:4700:0::1111]:853"));
}

TEST(host_rules, a_host_is_a_name_or_an_address_and_nothing_that_libraries_read_otherwise) {
    for (auto* bad : {"",       ".",          "a..b",      "127.1",           "2130706433",  "0x7f000001",  "0x7f.1",
                      "a b",    "a/b",        "user@host", "-x.org",          "[127.0.0.1]", "[::1",        "::1%lo",
                      "host:0", "host:65536", "host:",     "h\xc3\xb6st.org", "a.b.1",       "017700000001"})
        EXPECT_FALSE(parse_host_and_port(bad, 443)) << bad;
    EXPECT_FALSE(parse_host_and_port(std::string(254, 'a'), 443));
    EXPECT_EQ(parse_host_and_port("[::ffff:127.0.0.1]:80", 443)->host, "127.0.0.1");
    EXPECT_EQ(to_string(*parse_host_and_port("[2001:DB8::1]", 443)), "[2001:db8::1]:443");
}

TEST(host_rules, what_is_not_public_has_to_be_named_with_its_addresses) {
    EXPECT_TRUE(at("pkg.test", "151.101.0.223"));
    EXPECT_FALSE(at("pkg.test", "10.1.2.3"));
    EXPECT_TRUE(at("pypi.corp@10.1.0.0/16", "10.1.2.3"));
    EXPECT_TRUE(at("pypi.corp@10.1.0.0/16", "::ffff:10.1.2.3"));
    EXPECT_FALSE(at("pypi.corp@10.1.0.0/16", "10.2.2.3"));
    EXPECT_TRUE(at("pypi.corp@10.1.2.3", "10.1.2.3"));
    EXPECT_TRUE(at("local.test:4873@127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(at("local.test@100.64.0.0/10", "100.100.100.200")) << "metadata inside an allowed range";
    EXPECT_FALSE(at("local.test@fd00::/8", "fd00:ec2::254"));
    EXPECT_FALSE(at("local.test@126.0.0.0/7", "127.0.0.1")) << "loopback inside an allowed range";
    EXPECT_FALSE(at("local.test@64:ff9b::a00:0/97", "64:ff9b::7f00:1")) << "loopback by way of NAT64";
    EXPECT_EQ(host_rules::parse_one("a.corp@10.1.2.3", author::owner)->exactly,
              boost::asio::ip::make_address("10.1.2.3"));
}

TEST(host_rules, one_that_names_addresses_counts_wherever_it_stands) {
    for (auto* rules : {"*, npm.corp@10.1.0.0/16", "npm.corp@10.1.0.0/16, *"}) {
        auto all = host_rules::parse(rules, author::owner).value();
        const auto* found = all.find({"npm.corp", 443});
        ASSERT_TRUE(found) << rules;
        EXPECT_TRUE(allows(*found, boost::asio::ip::make_address("10.1.2.3"))) << rules;
    }
}

TEST(host_rules, some_addresses_no_setting_allows) {
    for (auto* never :
         {"x.test@169.254.169.254", "x.test@169.254.0.0/16", "x.test@0.0.0.0/0", "x.test@::/0", "x.test@fe80::1",
          "x.test@224.0.0.1", "x.test@0.0.0.0", "x.test@64:ff9b::/96", "x.test@::ffff:169.254.169.254"})
        EXPECT_NE(error_of(never).find("no setting allows"), std::string::npos) << never << ": " << error_of(never);
    for (auto* wide : {"x.test@127.0.0.1", "x.test:80@127.0.0.0/8", "x.test@::1", "*.x.test@127.0.0.1"})
        EXPECT_NE(error_of(wide).find("one port at one address"), std::string::npos) << wide << ": " << error_of(wide);
    EXPECT_NE(error_of("x.test@10.0.0.0/99").find("no range of addresses"), std::string::npos);
    EXPECT_NE(error_of("https://x.test").find("is no host such as"), std::string::npos);
}

TEST(host_rules, a_repository_names_public_hosts_only) {
    EXPECT_EQ(error_of("pkg.test, *.example.org, x.test:8443", author::repository), "");
    EXPECT_NE(error_of("x.test@10.0.0.1", author::repository).find("SETUP_HOSTS"), std::string::npos);
    EXPECT_NE(error_of("*", author::repository).find("SETUP_HOSTS"), std::string::npos);
}
