#include "backup/tar.hpp"

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

std::optional<tar_entry> again(const tar_entry& of) {
    bool wrong = true;
    auto read = read_tar_header(tar_header(of), wrong);
    EXPECT_FALSE(wrong);
    return read;
}

TEST(tar, reads_the_headers_that_it_writes) {
    for (std::uint64_t bytes : {0ULL, 1ULL, 511ULL, 512ULL, (1ULL << 33) - 1, 1ULL << 33, 1ULL << 40}) {
        auto read = again({"database.dump", bytes});
        ASSERT_TRUE(read) << bytes;
        EXPECT_EQ(read->name, "database.dump");
        EXPECT_EQ(read->bytes, bytes);
    }
    EXPECT_EQ(again({std::string(99, 'n'), 1})->name, std::string(99, 'n'));
}

TEST(tar, fills_blocks_of_512_bytes) {
    EXPECT_EQ(tar_header({"x", 1}).size(), 512U);
    for (std::uint64_t bytes : {0U, 1U, 511U, 512U, 513U})
        EXPECT_EQ((bytes + tar_padding(bytes).size()) % 512, 0U) << bytes;
    EXPECT_EQ(tar_padding(512), "");
    EXPECT_EQ(tar_end().size(), 1024U);
}

TEST(tar, tells_its_end_from_what_is_none) {
    bool wrong = true;
    EXPECT_FALSE(read_tar_header(std::string(512, '\0'), wrong));
    EXPECT_FALSE(wrong);
    auto good = tar_header({"x", 100});
    for (std::size_t at : {0U, 100U, 124U, 130U, 148U, 156U, 300U, 511U}) {
        auto bad = good;
        bad[at] = static_cast<char>(bad[at] + 1);
        EXPECT_FALSE(read_tar_header(bad, wrong)) << at;
        EXPECT_TRUE(wrong) << at;
    }
    EXPECT_FALSE(read_tar_header(good.substr(0, 511), wrong));
    EXPECT_TRUE(wrong);
}

} // namespace
} // namespace persais::backup
