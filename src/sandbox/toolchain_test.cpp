#include "base/temp_dir.hpp"
#include "sandbox/testing_namespace.hpp"
#include "sandbox/toolchain.hpp"

#include <algorithm>
#include <fstream>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace persais::sandbox;
using persais::sandbox::testing::in_a_namespace;
namespace fs = std::filesystem;

namespace {

struct home : ::testing::Test {
    persais::temp_dir made;
    fs::path folder = made.path();
    std::string make(const char* name) {
        fs::create_directories(folder / name);
        return (folder / name).string();
    }
    bool shown(const toolchain& t, const fs::path& path) {
        return std::ranges::find(t.folders, path) != t.folders.end();
    }
};

bool has(const std::vector<std::string>& all, const std::string& entry) {
    return std::ranges::find(all, entry) != all.end();
}

} // namespace

TEST_F(home, a_rust_toolchain_is_shown_without_its_credentials) {
    auto bin = make(".cargo/bin"), rustup = make(".rustup");
    std::ofstream(folder / ".cargo/credentials.toml") << "x";
    auto t = find_toolchain({{"PATH", bin + ":/usr/bin"}});
    EXPECT_TRUE(shown(t, bin));
    EXPECT_TRUE(shown(t, rustup));
    EXPECT_FALSE(shown(t, (folder / ".cargo").string()));
    EXPECT_TRUE(has(t.variables, "RUSTUP_HOME=" + rustup));
    EXPECT_TRUE(t.path.starts_with(bin + ":/usr/bin:"));
}

TEST_F(home, of_a_prefix_its_parts_are_shown_and_of_dot_local_the_programs) {
    auto node = make("node/bin");
    for (const char* part : {"node/lib", "node/include", "node/data", "node/etc", "node/src"})
        make(part);
    std::ofstream(folder / "node/.env") << "x";
    auto local = make(".local/bin");
    make(".local/lib");
    auto t = find_toolchain({{"PATH", node + ":" + local}});
    EXPECT_EQ(t.folders, (std::vector<fs::path>{node, folder / "node/lib", folder / "node/include", local}));
    EXPECT_TRUE(shown(t, local));
    EXPECT_FALSE(shown(t, (folder / ".local").string()));
}

TEST_F(home, a_home_itself_is_never_shown) {
    auto bin = make("bin");
    make("lib");
    auto t = find_toolchain({{"PATH", bin + ":relative:.:" + folder.string() + "/missing"}, {"HOME", folder.string()}});
    EXPECT_FALSE(shown(t, folder.string()));
    EXPECT_TRUE(shown(t, bin));
    auto itself = find_toolchain({{"PATH", folder.string() + ":/:/tmp/"}, {"HOME", folder.string()}});
    for (const fs::path& whole : {folder, fs::path("/"), fs::path("/tmp")})
        EXPECT_FALSE(shown(itself, whole)) << whole;
    EXPECT_EQ(t.path.find("relative"), std::string::npos);
    EXPECT_EQ(t.path.find("missing"), std::string::npos);
}

TEST(toolchain, system_folders_need_no_showing_and_are_always_on_the_path) {
    auto t = find_toolchain({{"PATH", "/usr/local/bin"}});
    for (const auto& folder : t.folders) // what programs of this machine lead to
        EXPECT_TRUE(folder.string().starts_with("/opt/") || folder.string().starts_with("/usr/local/")) << folder;
    EXPECT_NE(t.path.find("/usr/bin"), std::string::npos);
}

TEST(toolchain, of_opt_and_usr_local_only_what_programs_need_is_shown) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs a file system of its own on /opt";
    auto said = in_a_namespace([] {
        for (const char* folder : {"/opt", "/usr/local"})
            if (::mount("none", folder, "tmpfs", 0, nullptr) != 0) return std::string("no mount");
        for (const char* folder :
             {"/opt/jdk/bin", "/opt/jdk/lib", "/opt/jdk/conf", "/opt/jdk/data", "/opt/chrome/locales",
              "/opt/other/data", "/usr/local/bin", "/usr/local/go/bin", "/usr/local/go/lib", "/usr/local/go/pkg/tool",
              "/usr/local/go/src", "/usr/local/notes", "/opt/py/bin", "/opt/py/lib"})
            fs::create_directories(folder);
        for (const char* file : {"/opt/jdk/bin/java", "/opt/jdk/release", "/opt/chrome/chrome", "/opt/single",
                                 "/opt/other/program", "/usr/local/go/VERSION", "/opt/py/bin/python"})
            std::ofstream(file) << "x";
        fs::create_symlink("/opt/jdk/bin/java", "/usr/local/bin/java");
        fs::create_symlink("../../../opt/chrome/chrome", "/usr/local/bin/chrome");
        std::ofstream("/usr/local/bin/single") << "#!/bin/sh\nexec \"/opt/single\" \"$@\"\n";
        std::ofstream("/usr/local/bin/tool") << "#!/opt/py/bin/python -I\nimport tool\n";
        auto found = find_toolchain({{"PATH", "/usr/local/go/bin/:/usr/bin"}}).folders;
        std::erase_if(found, [](const fs::path& path) {
            return path.string().starts_with("/usr/local/") == false && path.string().starts_with("/opt/") == false;
        });
        std::ranges::sort(found);
        std::string all;
        for (const auto& path : found)
            all += path.string() + " ";
        return all;
    });
    EXPECT_EQ(said, "/opt/chrome /opt/jdk/bin /opt/jdk/conf /opt/jdk/lib /opt/jdk/release /opt/py/bin /opt/py/lib "
                    "/opt/single /usr/local/go/VERSION /usr/local/go/bin /usr/local/go/lib /usr/local/go/pkg "
                    "/usr/local/go/src ");
}
