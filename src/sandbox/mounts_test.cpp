// What of the host is kept from tasks, wherever it is seen.
#include "sandbox/bubblewrap.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/mounts.hpp"
#include "sandbox/testing.hpp"
#include "sandbox/testing_namespace.hpp"

#include <algorithm>
#include <sys/mount.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

TEST(mounts, are_read_as_the_kernel_writes_them) {
    auto seen =
        read_mounts("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
                    "40 27 254:0 /var/my\\040data /opt/a\\134b rw shared:1 master:2 - ext4 /dev/vda rw\n"
                    "41 27 0:50 / /data rw - overlay overlay rw,lowerdir=/l1:/l2,upperdir=/up\\040per,workdir=/w\n"
                    "broken\n");
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[1].root, "/var/my data");
    EXPECT_EQ(seen[1].at, "/opt/a\\b");
    EXPECT_EQ(seen[1].device, "254:0");
    EXPECT_EQ(seen[2].layers, (std::vector<fs::path>{"/l1", "/l2", "/up per"}));
    EXPECT_FALSE(current_mounts().empty());
}

TEST(mounts, a_path_is_within_a_folder_by_whole_names) {
    EXPECT_TRUE(is_within("/a/b", "/a"));
    EXPECT_TRUE(is_within("/a", "/a"));
    EXPECT_TRUE(is_within("/a", "/"));
    EXPECT_FALSE(is_within("/ab", "/a"));
    EXPECT_FALSE(is_within("/a", "/a/b"));
    EXPECT_FALSE(is_within("a", "/"));
}

/// A prefix as a person's PATH names one, with the service's own files in it.
class hidden : public ::testing::Test {
protected:
    hidden() {
        for (const char* name : {"prefix/bin", "prefix/data/tasks", "prefix/run", "else", "tree", "home"})
            fs::create_directories(at(name));
        for (const char* name : {"prefix/.env", "prefix/data/master.key", "prefix/data/tasks/other", "prefix/run/key",
                                 "prefix/bin/tool", "else/token"})
            std::ofstream(at(name)) << "content of " << name << "\n";
        fs::create_symlink(at("prefix/data"), at("link to data"));
        fs::create_symlink("run/key", at("prefix/key"));
    }
    fs::path at(const std::string& name) const { return folder_.path() / name; }

    /// What a task reads of all that it finds below these folders, which are shown to it.
    std::string read_by_a_task(const std::vector<fs::path>& tools, const std::vector<fs::path>& never) const {
        auto chosen = on_a_loop(choose(false, plan_for_this_machine(), {}, {[=] { return never; }, tools}));
        if (chosen.use->level() != isolation_level::bubblewrap) return "refused: " + chosen.why;
        view what{.tree = at("tree"), .home = at("home"), .tools = tools};
        for (const auto& own : {what.tree, what.home})
            chosen.use->hand_over(own, what.slot);
        std::string folders;
        for (const auto& tool : tools)
            folders += " '" + tool.string() + "'";
        auto result = run(chosen.use->confine(
            shell("find" + folders + " -type f -o -type c | sort -u | xargs -d '\\n' cat 2>/dev/null; find" + folders +
                  " -type d -empty -exec sh -c 'touch \"$1/new\" 2>/dev/null && echo wrote $1' - {} ';'"),
            what));
        return result.output + (result.how == ended::exited ? "" : result.error);
    }
    temp_dir folder_;
};

TEST_F(hidden, is_what_lies_below_a_folder_that_is_shown) {
    EXPECT_NE(read_by_a_task({at("prefix")}, {at("else")}).find("master.key"), std::string::npos) << "or it is no test";
    EXPECT_EQ(read_by_a_task({at("prefix")}, {at("prefix/data"), at("prefix/.env"), at("prefix/run/key")}),
              "content of prefix/bin/tool\n");
}

TEST_F(hidden, is_what_a_symlink_leads_to) {
    EXPECT_EQ(read_by_a_task({at("prefix")}, {at("link to data"), at("prefix/.env"), at("prefix/key"), at("missing")}),
              "content of prefix/bin/tool\n");
}

TEST_F(hidden, is_the_same_folder_at_another_mount) {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts";
    auto with_a_mount = [&](const fs::path& source, const fs::path& place, const fs::path& second = {}) {
        return in_a_namespace([&] {
            fs::create_directories(place);
            if (::mount(source.c_str(), place.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
                return std::string("no mount");
            if (!second.empty() && ::mount("none", second.c_str(), "tmpfs", 0, nullptr) != 0)
                return std::string("no mount");
            if (!second.empty()) std::ofstream(second / "covers") << "what covers it\n";
            return read_by_a_task({at("prefix/bin")}, {at("prefix/data"), at("else/token")});
        });
    };
    const std::string tool = "content of prefix/bin/tool\n";
    EXPECT_EQ(with_a_mount(at("prefix/data"), at("prefix/bin/there")), tool) << "all of it";
    EXPECT_EQ(with_a_mount(at("prefix"), at("prefix/bin/there")),
              "content of prefix/.env\ncontent of prefix/run/key\n" + tool)
        << "what holds it";
    EXPECT_EQ(with_a_mount(at("prefix/data/tasks"), at("prefix/bin/there")), tool) << "a part of it";
    EXPECT_EQ(with_a_mount(at("else"), at("prefix/bin/there")), tool) << "a file";
    EXPECT_EQ(with_a_mount(at("prefix/data"), at("prefix/bin/there"), at("prefix/bin/there")),
              "what covers it\n" + tool);
}

TEST_F(hidden, may_lie_deep_in_a_folder_of_usr_local_that_no_tool_needs) {
    if (::geteuid() != 0) GTEST_SKIP() << "writes there";
    auto odd = fs::path("/usr/local") / fmt::format("persais-test-{}", ::getpid());
    fs::create_directories(odd / "deep/data");
    std::ofstream(odd / "deep/data/key") << "the key\n";
    EXPECT_EQ(read_by_a_task({at("prefix/bin")}, {odd / "deep/data"}), "content of prefix/bin/tool\n");
    fs::remove_all(odd);
}

TEST_F(hidden, is_another_file_system_in_a_hidden_folder_that_is_seen_elsewhere) {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts";
    auto said = in_a_namespace([&] {
        auto own = at("prefix/data/tasks"), there = at("prefix/bin/there");
        fs::create_directories(there);
        if (::mount("none", own.c_str(), "tmpfs", 0, nullptr) != 0) return std::string("no mount");
        std::ofstream(own / "key") << "the key\n";
        if (::mount(own.c_str(), there.c_str(), nullptr, MS_BIND, nullptr) != 0) return std::string("no mount");
        return read_by_a_task({at("prefix/bin")}, {at("prefix/data"), own});
    });
    EXPECT_EQ(said, "content of prefix/bin/tool\n");
}

TEST_F(hidden, is_what_an_overlay_is_made_of) {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts";
    auto said = in_a_namespace([&] {
        if (::mount("none", at("else").c_str(), "tmpfs", 0, nullptr) != 0) return std::string("no mount");
        for (const char* name : {"else/bin/upper/d", "else/work", "else/lower", "else/merged"})
            fs::create_directories(at(name));
        std::ofstream(at("else/bin/upper/d/master.key")) << "the key\n";
        auto options = "lowerdir=" + at("else/lower").string() + ",upperdir=" + at("else/bin/upper").string() +
                       ",workdir=" + at("else/work").string();
        if (::mount("overlay", at("else/merged").c_str(), "overlay", 0, options.c_str()) != 0)
            return std::string("no overlay");
        return read_by_a_task({at("else/bin")}, {at("else/merged/d")}) + ".";
    });
    if (said == "no overlay") GTEST_SKIP() << said;
    EXPECT_EQ(said, ".");
}

TEST_F(hidden, what_cannot_be_hidden_is_refused_in_one_sentence) {
    EXPECT_EQ(read_by_a_task({at("prefix/data/tasks")}, {at("prefix/data")}),
              "refused: " + at("prefix/data/tasks").string() + ", which PATH names, is inside " +
                  at("prefix/data").string() + ", which no task may see: take it out of PATH, or move one of the two");
    EXPECT_TRUE(read_by_a_task({}, {"/usr"}).starts_with("refused: /usr has to be hidden from tasks, and holds "));
    EXPECT_TRUE(read_by_a_task({}, {"/"}).starts_with("refused: / has to be hidden from tasks, and holds /usr, "));
    fs::create_hard_link(at("prefix/.env"), at("prefix/bin/copy"));
    EXPECT_EQ(read_by_a_task({at("prefix/bin")}, {at("prefix/.env")}),
              "refused: " + at("prefix/.env").string() +
                  " has a second name (a hard link), which a task might see: make it a file of its own");
    auto unsafe = on_a_loop(choose(true, plan_for_this_machine(), {}, {[] { return std::vector<fs::path>{"/"}; }, {}}));
    EXPECT_EQ(unsafe.use->level(), isolation_level::refused);
}

TEST_F(hidden, are_the_tasks_own_folders_at_their_places_on_the_host) {
    EXPECT_EQ(read_by_a_task({at("")}, {at("prefix"), at("else")}), "");
}

TEST_F(hidden, is_what_nobody_needs_of_opt_and_usr_local) {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts";
    auto said = in_a_namespace([&] {
        for (const char* folder : {"/opt", "/usr/local"})
            if (::mount("none", folder, "tmpfs", 0, nullptr) != 0) return std::string("no mount");
        for (const char* folder : {"/opt/some", "/usr/local/bin", "/usr/local/etc", "/usr/local/app", "/usr/local/lib"})
            fs::create_directories(folder);
        for (const char* file :
             {"/opt/some/file", "/opt/file", "/usr/local/etc/file", "/usr/local/app/file", "/usr/local/file"})
            std::ofstream(file) << "secret\n";
        std::ofstream("/usr/local/lib/library") << "library\n";
        auto chosen = on_a_loop(choose(false));
        view what{.tree = at("tree"), .home = at("home")};
        for (const auto& own : {what.tree, what.home})
            chosen.use->hand_over(own, what.slot);
        return run(chosen.use->confine(
                       shell("cat /opt/some/file /opt/file /usr/local/etc/file /usr/local/app/file /usr/local/file "
                             "/usr/local/lib/library 2>/dev/null; ls -d /opt /usr/local/* 2>/dev/null; "
                             "touch /usr/local/new 2>/dev/null && echo wrote"),
                       what))
            .output;
    });
    EXPECT_EQ(said, "library\n/usr/local/app\n/usr/local/bin\n/usr/local/etc\n/usr/local/file\n/usr/local/lib\n");
}

} // namespace
} // namespace persais::sandbox
