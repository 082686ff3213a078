#include "backup/folder_place.hpp"
#include "base/temp_dir.hpp"
#include "pgserver/testing.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

namespace fs = std::filesystem;
using pgserver::testing::on_a_loop;

constexpr auto older = "persais-20261130T191502Z-3f9a.age", newer = "persais-20261130T192002Z-0000.age";

struct folder_of_backups : testing::Test {
    temp_dir folder;
    fs::path where = folder.path() / "deep/backups", file = folder.path() / "file";
    folder_place place{where};
    folder_of_backups() { std::ofstream(file) << "bytes"; }

    std::vector<std::string> names() {
        std::vector<std::string> all;
        auto listed = on_a_loop(place.list());
        EXPECT_TRUE(listed) << listed.error();
        for (const auto& each : *listed)
            all.push_back(each.name);
        return all;
    }
};

TEST_F(folder_of_backups, one_that_is_not_there_yet_has_none_and_is_made) {
    EXPECT_TRUE(names().empty());
    EXPECT_FALSE(fs::exists(where));
    ASSERT_TRUE(on_a_loop(place.put(file, older)));
    ASSERT_TRUE(on_a_loop(place.put(file, newer)));
    EXPECT_EQ(names(), (std::vector<std::string>{newer, older}));
    EXPECT_EQ(on_a_loop(place.list())->front().bytes, 5U);
}

TEST_F(folder_of_backups, a_file_gets_its_name_when_it_is_whole) {
    ASSERT_TRUE(on_a_loop(place.put(file, older)));
    EXPECT_EQ(std::distance(fs::directory_iterator(where), {}), 1) << "nothing else is left";
    auto copied = folder.path() / "again";
    ASSERT_TRUE(on_a_loop(place.get(older, copied)));
    EXPECT_EQ(fs::file_size(copied), 5U);
    EXPECT_FALSE(on_a_loop(place.get(older, copied))) << "over another file";
    EXPECT_FALSE(on_a_loop(place.get("persais-x", folder.path() / "more")));
}

TEST_F(folder_of_backups, others_files_are_not_listed) {
    ASSERT_TRUE(on_a_loop(place.put(file, older)));
    for (auto name : {"notes", ".persais-20261130T191502Z-3f9a.age.x", "persais-20261130T191502Z-3f9a.age.part"})
        std::ofstream(where / name) << "x";
    EXPECT_EQ(names(), std::vector<std::string>{older});
}

TEST_F(folder_of_backups, one_is_removed) {
    ASSERT_TRUE(on_a_loop(place.put(file, older)));
    ASSERT_TRUE(on_a_loop(place.remove(older)));
    EXPECT_TRUE(names().empty());
    EXPECT_TRUE(on_a_loop(place.remove(older))) << "once more is as once";
}

TEST_F(folder_of_backups, what_cannot_be_is_a_sentence_with_the_setting) {
    std::ofstream(folder.path() / "deep") << "a file";
    auto put = on_a_loop(place.put(file, older));
    ASSERT_FALSE(put);
    EXPECT_NE(put.error().find("BACKUP_URL"), std::string::npos) << put.error();
    EXPECT_FALSE(on_a_loop(place.put(folder.path() / "nothing", older)));
}

} // namespace
} // namespace persais::backup
