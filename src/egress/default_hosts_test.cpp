#include "egress/default_hosts.hpp"

#include <set>

#include <gtest/gtest.h>

namespace persais::egress {
namespace {

TEST(default_hosts, are_public_ones_for_http_and_https) {
    auto all = default_hosts();
    std::set<std::string> seen;
    EXPECT_GT(all.all().size(), 20U);
    for (const auto& rule : all.all()) {
        EXPECT_FALSE(rule.host.empty()) << "every host";
        EXPECT_TRUE(rule.host.contains('.')) << rule.host;
        EXPECT_FALSE(rule.at || rule.exactly || rule.port) << rule.host;
        EXPECT_TRUE(seen.insert(rule.host).second) << rule.host << " twice";
        auto name = (rule.below ? "x." : "") + rule.host;
        EXPECT_TRUE(all.find({name, 443}));
        EXPECT_TRUE(all.find({name, 80}));
        for (auto port : {22, 25, 8080, 9418})
            EXPECT_FALSE(all.find({name, static_cast<std::uint16_t>(port)})) << name;
        EXPECT_FALSE(all.find({name + ".evil.test", 443})) << name;
        EXPECT_FALSE(all.find({"evil-" + rule.host, 443})) << name;
    }
}

TEST(default_hosts, are_nothing_of_this_machine) {
    auto all = default_hosts();
    for (auto* host :
         {"localhost", "127.0.0.1", "::1", "169.254.169.254", "metadata.google.internal", "10.0.0.1", "persais"})
        EXPECT_FALSE(all.find({host, 443})) << host;
}

} // namespace
} // namespace persais::egress
