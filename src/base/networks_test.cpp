#include "base/networks.hpp"

#include <gtest/gtest.h>

using namespace persais;

namespace {

bool holds(std::string_view ranges, const char* address) {
    return networks::parse(ranges).value().contain(boost::asio::ip::make_address(address));
}

} // namespace

TEST(networks, hold_the_addresses_of_their_ranges_and_no_others) {
    constexpr std::string_view ranges = "10.1.0.0/16, 192.0.2.7,fd00::/8 , 2001:db8::1";
    for (auto* in : {"10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "192.0.2.7", "fdff::1", "2001:db8::1"})
        EXPECT_TRUE(holds(ranges, in)) << in;
    for (auto* out : {"10.2.0.0", "10.0.255.255", "192.0.2.8", "fc00::1", "2001:db8::2", "::ffff:10.2.0.1"})
        EXPECT_FALSE(holds(ranges, out)) << out;
    EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(holds("10.1.2.3/16", "10.1.9.9")) << "written with an address inside it";
}

TEST(networks, anything_else_is_one_sentence_that_names_it) {
    for (auto* wrong : {"10.0.0.0/33", "10.0.0/8", "proxy", "10.0.0.0/8,", "fd00::/129", "10.0.0.0/-1",
                        "10.0.0.0/8 fd00::/8", "1.2.3.4:80"}) {
        auto no = networks::parse(wrong);
        ASSERT_FALSE(no) << wrong;
        EXPECT_NE(no.error().find("10.0.0.0/8, fd00::/8"), std::string::npos) << no.error();
    }
}

TEST(networks, know_what_may_be_a_proxy_next_to_us) {
    for (auto* near : {"127.0.0.9", "::1", "10.0.0.1", "172.31.0.1", "192.168.1.1", "fdaa:0:1::3", "169.254.1.1",
                       "::ffff:172.16.0.1", "100.64.0.1"})
        EXPECT_TRUE(is_private(boost::asio::ip::make_address(near))) << near;
    for (auto* far : {"8.8.8.8", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8"})
        EXPECT_FALSE(is_private(boost::asio::ip::make_address(far))) << far;
}
