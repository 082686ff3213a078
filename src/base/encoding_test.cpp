#include "base/encoding.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

using namespace persais;
using namespace std::string_view_literals;

TEST(encoding, hex_has_two_small_digits_for_each_byte) {
    EXPECT_EQ(to_hex("\0\x01\x9f\xff persais"sv), "00019fff2070657273616973");
    EXPECT_EQ(to_hex(""), "");
    EXPECT_EQ(from_hex("00019fFF2070657273616973"), "\0\x01\x9f\xff persais"sv);
    EXPECT_EQ(from_hex(""), "");
    for (auto* wrong : {"0", "0g", "abc", " 00", "0x"})
        EXPECT_THROW(from_hex(wrong), std::invalid_argument) << wrong;
}

TEST(encoding, base64_is_that_of_rfc_4648) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64("\xfb\xff\0"sv), "+/8A");
}

TEST(encoding, percent_encoding_keeps_what_it_is_told_to_keep) {
    EXPECT_EQ(percent_encoded("a b/c?d=\xd1\x8f~-._"), "a%20b%2Fc%3Fd%3D%D1%8F~-._");
    EXPECT_EQ(percent_encoded("a b/c~", "/"), "a%20b/c%7E");
    EXPECT_EQ(percent_encoded("\xd1\x8f/", "", letter_case::lower), "%d1%8f%2f");
    EXPECT_EQ(percent_encoded("%41\0"sv), "%2541%00");
}

TEST(encoding, percent_escapes_are_undone_and_what_is_none_stays) {
    EXPECT_EQ(percent_decoded("a%20b%2Fc%d0%B6"), "a b/cж");
    EXPECT_EQ(percent_decoded("%"), "%");
    EXPECT_EQ(percent_decoded("%4"), "%4");
    EXPECT_EQ(percent_decoded("%-1%zz%%41"), "%-1%zz%A");
}

TEST(encoding, sha256_is_the_standard_one) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
