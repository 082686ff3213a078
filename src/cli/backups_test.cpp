#include "cli/backups.hpp"

#include <gtest/gtest.h>

namespace persais::cli {
namespace {

TEST(backup_list, has_a_line_for_each) {
    auto now = time_point(std::chrono::seconds(1796066102)); // 2026-11-30T19:15:02Z
    EXPECT_EQ(backup_list({}, "/var/backups", now), "There are no backups at /var/backups.\n");
    EXPECT_EQ(
        backup_list({{"persais-20261130T191002Z-3f9a.age", 1'250'000}, {"persais-20261129T191502Z-0000.age", 4096}},
                    "/var/backups", now),
        "persais-20261130T191002Z-3f9a.age  5 min ago  1.2 MB\n"
        "persais-20261129T191502Z-0000.age  24 h ago  5 kB\n");
}

} // namespace
} // namespace persais::cli
