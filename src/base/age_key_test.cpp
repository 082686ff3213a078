#include "base/age_key.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace persais {
namespace {

/// The bytes 0, 1, … 31, and the key that age-keygen's own code makes of them.
secret counted() {
    std::string bytes;
    for (char c = 0; c < 32; ++c)
        bytes += c;
    return secret(bytes);
}

TEST(age_key, is_spelled_as_age_spells_it) {
    // In two parts, so that nothing here looks like somebody's key; age-keygen -y takes it.
    auto known = std::string("AGE-SECRET-KEY-1") + "QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG";
    EXPECT_EQ(age_key_of(counted()).reveal(), known);
    ASSERT_TRUE(age_key_bytes(secret(known)));
    EXPECT_EQ(*age_key_bytes(secret(known)), counted());
}

TEST(age_key, a_new_one_is_another_each_time_and_is_read_back) {
    auto one = make_age_key(), other = make_age_key();
    EXPECT_FALSE(one == other);
    for (const auto& key : {one, other}) {
        ASSERT_TRUE(age_key_bytes(key));
        EXPECT_EQ(age_key_of(*age_key_bytes(key)), key);
    }
}

TEST(age_key, is_read_from_the_file_that_age_keygen_writes) {
    auto key = make_age_key();
    EXPECT_TRUE(age_key_bytes(around("# created: 2026-11-30T19:15:00Z\n# public key: age1xyz\n", key, "\n")));
    EXPECT_TRUE(age_key_bytes(around("  ", key, "\r\n")));
    EXPECT_FALSE(age_key_bytes(around(key.reveal() + "\n", key))) << "two keys are not one";
}

TEST(age_key, each_mistyped_letter_is_found) {
    auto key = make_age_key().reveal();
    for (std::size_t at = 0; at < key.size(); ++at) {
        auto wrong = key;
        wrong[at] = wrong[at] == 'Q' ? 'P' : 'Q';
        EXPECT_FALSE(age_key_bytes(secret(wrong))) << at;
    }
    for (auto wrong :
         {std::string(), key.substr(0, key.size() - 1), key + "Q", key.substr(1), std::string("AGE-SECRET-KEY-1")})
        EXPECT_FALSE(age_key_bytes(secret(wrong))) << wrong.size();
}

} // namespace
} // namespace persais
