#include "base/random.hpp"
#include "egress/limits.hpp"
#include "egress/name_table.hpp"

#include <gtest/gtest.h>

namespace persais::egress {
namespace {

constexpr std::uint16_t a = 1, aaaa = 28, txt = 16;

std::string query(const std::string& name, std::uint16_t type = a, std::string flags = {"\x01\x00", 2}) {
    std::string bytes = "id" + flags + std::string("\0\1\0\0\0\0\0\0", 8);
    for (std::size_t at = 0; at < name.size();) {
        auto end = std::min(name.find('.', at), name.size());
        bytes += static_cast<char>(end - at);
        bytes += name.substr(at, end - at);
        at = end + 1;
    }
    bytes += '\0';
    bytes += static_cast<char>(type >> 8);
    bytes += static_cast<char>(type & 0xff);
    return bytes + std::string("\0\1", 2);
}

int code_of(const std::string& answer) {
    return answer.size() < 12 ? -1 : answer[3] & 0xf;
}
int answers_in(const std::string& answer) {
    return answer.size() < 12 ? -1 : answer[7];
}
/// The address in an answer that has one.
std::string address_in(const std::string& answer) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::copy(answer.end() - 4, answer.end(), reinterpret_cast<char*>(bytes.data()));
    return boost::asio::ip::address_v4(bytes).to_string();
}

TEST(name_table, an_address_stands_for_a_name) {
    name_table names;
    auto answer = answer_query(query("Pkg.Test"), names);
    EXPECT_EQ(answer.substr(0, 2), "id");
    EXPECT_EQ(code_of(answer), 0);
    ASSERT_EQ(answers_in(answer), 1);
    EXPECT_EQ(address_in(answer), "198.18.1.0");
    EXPECT_EQ(address_in(answer_query(query("pkg.test."), names)), "198.18.1.0") << "the same name";
    EXPECT_EQ(address_in(answer_query(query("example.org"), names)), "198.18.1.1");
    EXPECT_EQ(names.name_at(boost::asio::ip::make_address_v4("198.18.1.1")), "example.org");
    EXPECT_EQ(names.name_at(boost::asio::ip::make_address_v4("198.18.1.2")), std::nullopt);
}

TEST(name_table, other_types_have_no_data_and_other_names_do_not_exist) {
    name_table names;
    for (auto type : {aaaa, txt}) {
        auto answer = answer_query(query("pkg.test", type), names);
        EXPECT_EQ(code_of(answer), 0);
        EXPECT_EQ(answers_in(answer), 0);
    }
    for (auto* none : {"a b", "127.1", "x.1", "1.0.0.127", "h\xc3\xb6st"}) {
        EXPECT_EQ(code_of(answer_query(query(none), names)), 3) << none;
        EXPECT_EQ(answers_in(answer_query(query(none), names)), 0) << none;
    }
    EXPECT_EQ(code_of(answer_query(query("pkg.test", a, {"\x28\x00", 2}), names)), 4) << "an update";
}

TEST(name_table, what_is_no_query_gets_no_answer) {
    name_table names;
    auto whole = query("registry.test");
    EXPECT_EQ(answer_query(query("pkg.test", a, {"\x81\x80", 2}), names), "") << "an answer";
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        EXPECT_EQ(answer_query(whole.substr(0, cut), names), "") << cut;
    auto compressed = whole;
    compressed[12] = '\xc0';
    EXPECT_EQ(answer_query(compressed, names), "");
    for (int i = 0; i < 20'000; ++i) { // whatever comes, nothing is read beyond it
        auto noise = random_bytes(12 + i % 60);
        (void)answer_query(noise, names);
        auto changed = whole;
        changed[static_cast<std::size_t>(i) % changed.size()] = noise[0];
        (void)answer_query(changed, names);
    }
}

TEST(name_table, has_an_end) {
    name_table names;
    for (std::size_t i = 0; i < limits::egress_names; ++i)
        ASSERT_TRUE(names.address_of("n" + std::to_string(i) + ".test"));
    EXPECT_EQ(names.address_of("one-more.test"), std::nullopt);
    EXPECT_TRUE(names.address_of("n7.test"));
    EXPECT_EQ(code_of(answer_query(query("one-more.test"), names)), 5);
}

} // namespace
} // namespace persais::egress
