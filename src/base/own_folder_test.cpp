#include "base/own_folder.hpp"
#include "base/temp_dir.hpp"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace fs = std::filesystem;
using persais::make_own_folder;

namespace {

unsigned mode_of(const fs::path& path) {
    struct stat seen{};
    EXPECT_EQ(::stat(path.c_str(), &seen), 0);
    return seen.st_mode & 07777;
}

} // namespace

TEST(own_folder, is_made_closed_and_one_that_is_there_is_closed_and_said_to_have_been_open_once) {
    persais::temp_dir made;
    auto folder = made.path() / "a/b";
    EXPECT_FALSE(make_own_folder(folder).value());
    EXPECT_EQ(mode_of(folder), 0700U);
    fs::permissions(folder, fs::perms(0755));
    EXPECT_TRUE(make_own_folder(folder).value());
    EXPECT_EQ(mode_of(folder), 0700U);
    EXPECT_FALSE(make_own_folder(folder).value());
    fs::permissions(folder, fs::perms(0710));
    EXPECT_FALSE(make_own_folder(folder).value());
    EXPECT_EQ(mode_of(folder), 0710U) << "the way of the embedded database's user";
    fs::permissions(folder, fs::perms(0750));
    fs::create_symlink(folder, made.path() / "link");
    EXPECT_TRUE(make_own_folder(made.path() / "link").value());
    EXPECT_EQ(mode_of(folder), 0700U);
}

TEST(own_folder, that_other_programs_use_is_left_as_it_is) {
    persais::temp_dir made;
    auto shared = made.path() / "shared";
    fs::create_directory(shared);
    fs::permissions(shared, fs::perms(01777));
    fs::create_symlink("/usr", made.path() / "link");
    for (const auto& folder : {shared, fs::path("/usr"), fs::path("/var/lib"), made.path() / "link"}) {
        auto before = mode_of(folder);
        auto how = make_own_folder(folder);
        ASSERT_FALSE(how) << folder;
        EXPECT_EQ(how.error(), "other programs use this folder");
        EXPECT_EQ(mode_of(folder), before);
    }
}

TEST(own_folder, that_cannot_be_made_is_told) {
    persais::temp_dir made;
    std::ofstream(made.path() / "file") << "x";
    EXPECT_EQ(make_own_folder(made.path() / "file").error(), "Not a directory");
    EXPECT_FALSE(make_own_folder(made.path() / "file/below"));
}
