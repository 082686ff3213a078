#include "base/temp_dir.hpp"
#include "git/testing.hpp"
#include "worker/limits.hpp"
#include "worker/shared_setup.hpp"

#include <algorithm>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

using namespace persais;
using namespace persais::worker;
using git::testing::on_a_loop;
using git::testing::read;
using git::testing::write;
namespace fs = std::filesystem;

namespace {

struct setups : ::testing::Test {
    temp_dir folder;
    fs::path mirror = folder.path() / "mirrors/one", place = mirror / "trees/some", checkout = place / "tree";
    void SetUp() override {
        fs::create_directories(mirror / "git");
        write(checkout / "a.txt", "one");
        write(place / "state", "whole");
    }
    void tidy(std::uintmax_t least_free = 0) { on_a_loop(tidy_shared_setups(folder.path() / "mirrors", least_free)); }
    /// A task that set up and left this.
    std::optional<shared_setup> share(const std::string& key, const std::string& left, std::uintmax_t bytes = 100) {
        auto kept = folder.path() / "task/kept";
        on_a_loop(git::remove_folder(kept));
        write(kept / "tree/made", left);
        write(kept / "home/made", left);
        for (const auto* its : {"tree", "tree/made", "home"})
            if (::geteuid() == 0) EXPECT_EQ(::chown((kept / its).c_str(), 4321, 4321), 0);
        before_sharing(kept);
        return on_a_loop(share_setup(checkout, key, kept, bytes));
    }
    std::optional<shared_setup> find(const std::string& key) { return on_a_loop(find_shared_setup(checkout, key)); }
    std::string found(const std::string& key) {
        auto there = find(key);
        return there ? read(there->folder / "tree/made") + read(there->folder / "home/made") : "none";
    }
    static void age(const shared_setup& one) {
        fs::last_write_time(one.folder / "made", fs::file_time_type::clock::now() - limits::shared_setup_age);
    }
    std::function<void(const fs::path& kept)> before_sharing = [](const fs::path&) {};
    uid_t owner_of_kept() const {
        struct stat info{};
        EXPECT_EQ(::stat((folder.path() / "task/kept/tree/made").c_str(), &info), 0);
        return info.st_uid;
    }
    bool own_kept() const { return fs::exists(folder.path() / "task/kept/tree/made"); }
};

} // namespace

TEST_F(setups, are_found_by_all_that_they_depend_on) {
    EXPECT_EQ(found("a"), "none");
    auto mine = share("a", "x");
    ASSERT_TRUE(mine);
    EXPECT_FALSE(own_kept()) << "it was moved";
    EXPECT_EQ(found("a"), "xx");
    EXPECT_EQ(found("b"), "none");
    struct stat info{};
    ASSERT_EQ(::stat((mine->folder / "tree/made").c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, ::geteuid()) << "else only one task's user could have it";
    write(mine->folder / "made", "b"); // as of another key with the same hash
    EXPECT_EQ(found("a"), "none");
}

TEST_F(setups, are_those_of_who_was_first) {
    auto first = share("a", "x");
    EXPECT_FALSE(share("a", "y"));
    EXPECT_TRUE(own_kept()) << "this one goes on with its own";
    EXPECT_EQ(found("a"), "xx");
}

TEST_F(setups, that_were_not_finished_or_are_old_are_none_and_are_made_anew) {
    auto half = share("a", "x")->folder;
    fs::remove(half / "made"); // as a kill leaves it
    EXPECT_EQ(found("a"), "none");
    ASSERT_TRUE(share("a", "y"));
    EXPECT_EQ(found("a"), "yy");
    age(*find("a"));
    EXPECT_EQ(found("a"), "none");
    ASSERT_TRUE(share("a", "z"));
    EXPECT_EQ(found("a"), "zz");
}

TEST_F(setups, are_not_removed_while_a_task_has_them) {
    auto held = share("a", "x");
    age(*held);
    EXPECT_FALSE(share("a", "y"));
    EXPECT_TRUE(own_kept());
    EXPECT_EQ(read(held->folder / "tree/made"), "x");
    held.reset();
    EXPECT_TRUE(share("a", "y"));
}

TEST_F(setups, are_so_many_and_so_large_and_no_more) {
    EXPECT_FALSE(share("large", "x", limits::shared_setup_bytes + 1));
    for (std::size_t n = 0; n < limits::shared_setups; ++n)
        EXPECT_TRUE(share(std::to_string(n), "x"));
    EXPECT_FALSE(share("more", "x"));
    EXPECT_TRUE(own_kept());
    age(*find("0"));
    EXPECT_TRUE(share("more", "x")) << "an old one goes for it";
    EXPECT_EQ(found("0"), "none");
}

TEST_F(setups, that_cannot_be_shared_are_left_to_their_task_as_they_were) {
    auto own = ::geteuid() == 0 ? 4321 : ::geteuid();
    before_sharing = [](const fs::path& kept) { fs::create_directory(kept / "made"); }; // it cannot be written
    EXPECT_FALSE(share("a", "x"));
    ASSERT_TRUE(own_kept());
    EXPECT_EQ(owner_of_kept(), own) << "only its own user's programs use it";
    EXPECT_EQ(found("a"), "none");

    before_sharing = [&](const fs::path&) { // there is no folder for them
        fs::remove_all(place / "setups");
        write(place / "setups", "x");
    };
    EXPECT_FALSE(share("a", "x"));
    ASSERT_TRUE(own_kept());
    EXPECT_EQ(owner_of_kept(), own);

    before_sharing = [&](const fs::path&) { fs::remove(place / "setups"); };
    EXPECT_TRUE(share("a", "x")) << "the failures left nothing behind";
}

TEST_F(setups, of_which_something_is_gone_are_lost) {
    before_sharing = [](const fs::path& kept) { fs::remove_all(kept / "tree"); };
    EXPECT_THROW(share("a", "x"), lost_setup);
    EXPECT_EQ(found("a"), "none");
}

TEST_F(setups, are_small_beside_what_is_free) {
    constexpr std::uintmax_t reserve = 2 * limits::disk_reserve_bytes;
    EXPECT_EQ(shareable_bytes(0), 0U);
    EXPECT_EQ(shareable_bytes(reserve), 0U);
    EXPECT_EQ(shareable_bytes(reserve + (4 << 20)), 1U << 20);
    EXPECT_EQ(shareable_bytes(std::uintmax_t(1) << 50), limits::shared_setup_bytes);
    EXPECT_FALSE(share("large", "x", fs::space(checkout).capacity / limits::shared_setup_part));
}

TEST_F(setups, that_are_old_go_though_nobody_sets_up_there_any_more) {
    share("old", "x");
    share("new", "x");
    auto held = share("held", "x");
    for (const auto* key : {"old", "held"})
        age(*find(key));
    tidy();
    EXPECT_FALSE(find("old"));
    EXPECT_EQ(found("new"), "xx");
    EXPECT_EQ(read(held->folder / "tree/made"), "x");
    auto folders = [&] {
        return std::ranges::count_if(fs::directory_iterator(place / "setups"),
                                     [](const auto& each) { return each.is_directory(); });
    };
    EXPECT_EQ(folders(), 2) << "what was old is removed";
    tidy(std::numeric_limits<std::uintmax_t>::max());
    EXPECT_EQ(folders(), 1) << "the disk is nearly full";
    held.reset();
    tidy();
    EXPECT_EQ(folders(), 0);
    EXPECT_EQ(read(checkout / "a.txt"), "one");
}

TEST_F(setups, of_a_checkout_that_is_being_removed_go_with_it) {
    auto old = share("old", "x")->folder;
    age(*find("old"));
    auto removed = on_a_loop(git::lock(place / "use", git::sharing::alone, {}));
    tidy();
    EXPECT_TRUE(fs::exists(old));
    removed = fail("removed no more");
    fs::remove(place / "use");
    fs::remove(place / "state");
    tidy();
    EXPECT_TRUE(fs::exists(old));
    EXPECT_FALSE(fs::exists(place / "use")) << "nothing is put into it";
}

TEST_F(setups, of_a_checkout_that_fails_keep_no_others) {
    fs::create_directories(place / "use"); // it cannot be locked
    std::vector<fs::path> old;
    for (const auto* name : {"a", "b", "c", "d"}) {
        old.push_back(mirror / "trees" / name / "setups/one");
        write(old.back() / "tree/file", "x");
        write(mirror / "trees" / name / "state", "whole");
    }
    write(place / "setups/one/tree/file", "x");
    tidy();
    for (const auto& each : old)
        EXPECT_FALSE(fs::exists(each)) << each;
}
