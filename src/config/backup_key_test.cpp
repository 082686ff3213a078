#include "base/age_key.hpp"
#include "config/backup_key.hpp"
#include "config/testing.hpp"

#include <sys/stat.h>

namespace persais::config {
namespace {

struct backup_key_in : in_folder {
    settings from() const {
        settings s;
        s.data = folder / "data";
        return s;
    }
};

TEST_F(backup_key_in, is_made_once_and_told_only_then) {
    auto first = backup_key(from());
    ASSERT_TRUE(first) << first.error();
    EXPECT_TRUE(first->made);
    EXPECT_TRUE(age_key_bytes(first->key));
    auto second = backup_key(from());
    EXPECT_FALSE(second->made);
    EXPECT_EQ(second->key, first->key);
    struct stat now{};
    ASSERT_EQ(::stat((folder / "data/backup.key").c_str(), &now), 0);
    EXPECT_EQ(now.st_mode & 0777, 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "data"), {}), 1) << "nothing else is left";
}

TEST_F(backup_key_in, is_the_one_that_is_set) {
    auto s = from();
    s.backup_key = make_age_key();
    EXPECT_EQ(backup_key(s)->key, s.backup_key);
    EXPECT_FALSE(backup_key(s)->made);
    EXPECT_FALSE(std::filesystem::exists(backup_key_file(s)));
}

TEST_F(backup_key_in, is_never_made_over_what_stands_there) {
    std::filesystem::create_directories(folder / "data");
    write("data/backup.key", "not a key\n");
    auto got = backup_key(from());
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().find("backup.key"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(folder / "data/backup.key"), 10U);
}

TEST_F(backup_key_in, a_folder_that_cannot_be_written_is_a_sentence) {
    write("data", "a file where the folder should be");
    auto got = backup_key(from());
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().find("BACKUP_KEY"), std::string::npos);
}

} // namespace
} // namespace persais::config
