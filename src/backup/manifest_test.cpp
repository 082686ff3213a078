#include "backup/manifest.hpp"

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

using namespace std::chrono_literals;

time_point at(std::int64_t seconds) {
    return time_point(std::chrono::seconds(seconds));
}

manifest full() {
    return {.version = "0.1.0",
            .made = at(1796066102),
            .schema = 33,
            .server = "18.4",
            .newest_task = 17,
            .parts = {{"database.dump", 4096, std::string(64, 'a')}, {"work-1.bundle", 10, std::string(64, 'b')}},
            .work = {{"work-1.bundle", "https://example.org/you/shop.git"}},
            .lacks = {{"https://example.org/you/other.git", "its mirror is broken"}}};
}

TEST(manifest, is_read_back_as_it_was) {
    auto read = read_manifest(to_json(full()));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(*read, full());
}

TEST(manifest, without_its_parts_is_none) {
    auto json = to_json(full());
    for (auto gone : {"\"made\"", "\"schema\"", "\"files\"", "\"work\"", "\"bytes\""}) {
        auto bad = json;
        bad.replace(bad.find(gone) + 1, 1, "X");
        EXPECT_FALSE(read_manifest(bad)) << gone;
    }
    for (auto bad : {"", "{}", "[]", "no", R"({"made":"yesterday","schema":1,"files":[],"work":[]})",
                     R"({"made":"2026-11-30T19:15:02Z","schema":1,"files":[1],"work":[]})",
                     R"({"made":"2026-11-30T19:15:02Z","schema":1,"files":[],"work":["x"]})"})
        EXPECT_FALSE(read_manifest(bad)) << bad;
}

TEST(manifest, names_no_file_outside_of_its_folder) {
    for (auto name : {"../x", "/etc/passwd", "a/../../x", ""}) {
        auto bad = full();
        bad.parts[0].name = name;
        EXPECT_FALSE(read_manifest(to_json(bad))) << name;
    }
    auto negative = full();
    auto json = to_json(negative);
    json.replace(json.find("4096"), 4, "-409");
    EXPECT_FALSE(read_manifest(json));
}

TEST(manifest, the_name_of_a_backup_says_when_it_was_made) {
    EXPECT_EQ(moment(at(1796066102)), "2026-11-30T19:15:02Z");
    auto name = name_of(at(1796066102), "3f9a");
    EXPECT_EQ(name, "persais-20261130T191502Z-3f9a.age");
    EXPECT_EQ(time_in(name), at(1796066102));
    for (auto other : {"persais-.age", "persais-20261130T191502Z.age", "persais-20261130T191502Z-3f9a.age.part",
                       "x.age", "persais-20261330T191502Z-3f9a.age", ".persais-20261130T191502Z-3f9a.age.x",
                       "persais-20261130T191502Z-../x.age", "persais-20261130T191502Zx3f9a.age"})
        EXPECT_FALSE(time_in(other)) << other;
}

} // namespace
} // namespace persais::backup
