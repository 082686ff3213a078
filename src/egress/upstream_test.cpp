#include "egress/upstream.hpp"

#include <gtest/gtest.h>

namespace persais::egress {
namespace {

using environment = std::map<std::string, std::string>;

/// Where it goes by: "host:port", "directly", or what is wrong.
std::string way_to(const std::string& host, const environment& all, bool tunnel = true) {
    auto found = find_upstream(all);
    if (!found) return found.error();
    const auto* by = found->for_host(host, tunnel);
    return by ? to_string(by->at) : "directly";
}

TEST(upstream, is_what_the_environment_says_in_small_letters_or_large_ones) {
    EXPECT_EQ(way_to("a.test", {}), "directly");
    EXPECT_EQ(way_to("a.test", {{"https_proxy", "http://proxy.test:3128"}}), "proxy.test:3128");
    EXPECT_EQ(way_to("a.test", {{"HTTPS_PROXY", "http://proxy.test:3128/"}}), "proxy.test:3128");
    EXPECT_EQ(way_to("a.test", {{"https_proxy", "one.test:1"}, {"HTTPS_PROXY", "two.test:2"}}), "one.test:1");
    EXPECT_EQ(way_to("a.test", {{"ALL_PROXY", "proxy.test:3128"}}), "proxy.test:3128");
    EXPECT_EQ(way_to("a.test", {{"https_proxy", "http://proxy.test"}}), "proxy.test:80");
    EXPECT_EQ(way_to("a.test", {{"https_proxy", "http://[2001:db8::1]:8080"}}), "[2001:db8::1]:8080");
    EXPECT_EQ(way_to("a.test", {{"https_proxy", ""}, {"HTTPS_PROXY", ""}}), "directly");
}

TEST(upstream, tells_tunnels_and_plain_requests_apart) {
    environment both{{"https_proxy", "secure.test:1"}, {"http_proxy", "plain.test:2"}};
    EXPECT_EQ(way_to("a.test", both, true), "secure.test:1");
    EXPECT_EQ(way_to("a.test", both, false), "plain.test:2");
    EXPECT_EQ(way_to("a.test", {{"http_proxy", "plain.test:2"}}, true), "directly");
}

TEST(upstream, leaves_out_what_no_proxy_names) {
    environment all{{"https_proxy", "proxy.test:1"}, {"NO_PROXY", "near.test, .corp  Upper.Test"}};
    for (auto* host : {"near.test", "a.near.test", "x.corp", "a.b.corp", "upper.test"})
        EXPECT_EQ(way_to(host, all), "directly") << host;
    for (auto* host : {"nearer.test", "xnear.test", "corp.test", "near.test.evil"})
        EXPECT_EQ(way_to(host, all), "proxy.test:1") << host;
    all["no_proxy"] = "*";
    EXPECT_EQ(way_to("any.test", all), "directly");
}

TEST(upstream, refuses_what_is_no_http_proxy_and_never_shows_its_password) {
    for (std::string scheme : {"socks5", "https", "socks5h", "ftp"}) {
        environment all{{"https_proxy", scheme + ":" + "//user:secret@proxy.test:1080"}};
        auto said = way_to("a.test", all);
        EXPECT_TRUE(said.starts_with("https_proxy of the environment is no proxy such as")) << said;
        EXPECT_FALSE(said.contains("secret")) << said;
    }
    for (auto* bad : {"user:secret@", "proxy.test:0", "proxy.test:99999", "two words:1", "127.1:3128"}) {
        environment all{{"http_proxy", bad}};
        EXPECT_TRUE(way_to("a.test", all).starts_with("http_proxy of the environment is no proxy")) << bad;
        EXPECT_FALSE(way_to("a.test", all).contains("secret")) << bad;
    }
}

TEST(upstream, keeps_a_password_as_a_secret) {
    environment all{{"https_proxy", "me:s%40y@proxy.test:1"}};
    auto found = find_upstream(all);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->https->authorization == std::string_view("Basic bWU6c0B5"));
    all["https_proxy"] = "proxy.test:1";
    EXPECT_TRUE(find_upstream(all)->https->authorization.empty());
}

} // namespace
} // namespace persais::egress
