#include "base/locked_directory.hpp"
#include "base/temp_dir.hpp"

#include <fcntl.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace persais {
namespace {

namespace fs = std::filesystem;

/// Folders inside one another with long names, so that no path reaches the innermost.
void nest(const fs::path& top, int depth) {
    int at = ::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < depth; ++i) {
        ASSERT_EQ(::mkdirat(at, "a-folder-with-a-long-name", 0755), 0);
        int next = ::openat(at, "a-folder-with-a-long-name", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::close(::openat(at, "beside", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        ::close(at);
        at = next;
    }
    ::close(at);
}

TEST(remove_tree, removes_folders_nested_deeper_than_it_may_open_files) {
    temp_dir folder;
    auto deep = folder.path() / "deep";
    fs::create_directory(deep);
    nest(deep, 3000);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    rlimit few{.rlim_cur = 64, .rlim_max = files.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    remove_tree(deep);
    ::setrlimit(RLIMIT_NOFILE, &files);
    EXPECT_FALSE(fs::exists(deep));
}

TEST(remove_tree, removes_folders_that_their_owner_closed) {
    temp_dir folder;
    auto closed = folder.path() / "closed";
    fs::create_directories(closed / "a/b/c");
    fs::create_directories(closed / "empty");
    std::ofstream(closed / "a/b/c/file") << "x";
    for (const char* name : {"a/b/c", "a/b", "a", "empty", ""})
        fs::permissions(closed / name, fs::perms::none);
    remove_tree(closed);
    EXPECT_FALSE(fs::exists(closed));
}

TEST(remove_tree, follows_no_link) {
    temp_dir folder;
    auto kept = folder.path() / "kept", gone = folder.path() / "gone";
    fs::create_directories(kept);
    fs::create_directories(gone / "inner");
    std::ofstream(kept / "file") << "x";
    fs::create_directory_symlink(kept, gone / "inner/link");
    fs::create_directory_symlink(kept, folder.path() / "link");
    remove_tree(gone);
    remove_tree(folder.path() / "link");
    EXPECT_FALSE(fs::exists(gone));
    EXPECT_FALSE(fs::is_symlink(folder.path() / "link"));
    EXPECT_TRUE(fs::exists(kept / "file"));
}

} // namespace
} // namespace persais
