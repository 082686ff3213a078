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

TEST(networks, are_said_as_they_are_read) {
    for (const std::string text : {"10.0.0.0/8, fd00::/8, 192.0.2.7/32", "2001:db8::1/128"})
        EXPECT_EQ(networks::parse(text)->words(), text);
    EXPECT_EQ(networks::parse("10.1.2.3/8,192.0.2.7")->words(), "10.0.0.0/8, 192.0.2.7/32");
}

TEST(networks, know_which_addresses_are_public) {
    for (auto* open :
         {"1.1.1.1", "8.8.8.8", "151.101.0.223", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1",
          "169.253.0.1", "192.167.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.254", "203.0.113.7", "2606:4700::1111",
          "2a00:1450:4001::1", "2620:0:ccc::2", "::ffff:8.8.8.8", "64:ff9b::808:808"})
        EXPECT_TRUE(is_public(boost::asio::ip::make_address(open))) << open;
    for (auto* closed : {"0.0.0.0",
                         "0.1.2.3",
                         "10.0.0.1",
                         "100.64.0.1",
                         "100.100.100.200",
                         "127.0.0.1",
                         "127.255.255.254",
                         "168.63.129.16",
                         "169.254.0.1",
                         "169.254.169.254",
                         "172.16.0.1",
                         "172.31.255.255",
                         "192.0.0.8",
                         "192.0.0.192",
                         "192.88.99.1",
                         "192.168.0.1",
                         "198.18.0.1",
                         "198.19.255.255",
                         "224.0.0.1",
                         "239.255.255.255",
                         "240.0.0.1",
                         "255.255.255.255",
                         "::",
                         "::1",
                         "::127.0.0.1",
                         "::8.8.8.8",
                         "::ffff:127.0.0.1",
                         "::ffff:10.0.0.1",
                         "::ffff:0:10.0.0.1",
                         "::ffff:169.254.169.254",
                         "64:ff9b::7f00:1",
                         "64:ff9b::a9fe:a9fe",
                         "64:ff9b::a00:1",
                         "64:ff9b:1::a00:1",
                         "64:ff9b:1::808:808",
                         "100::1",
                         "2001::1",
                         "2001:0:4136:e378::1",
                         "2001:20::1",
                         "2002:7f00:1::",
                         "2002:a00:1::1",
                         "2002:808:808::1",
                         "fc00::1",
                         "fd00::1",
                         "fd00:ec2::254",
                         "fe80::1",
                         "fe80::1%1",
                         "fec0::1",
                         "ff02::1",
                         "ff0e::1",
                         "4000::1",
                         "1fff::1"})
        EXPECT_FALSE(is_public(boost::asio::ip::make_address(closed))) << closed;
}
