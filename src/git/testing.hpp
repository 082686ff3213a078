#pragma once
#include "base/temp_dir.hpp"
#include "git/base_tree.hpp"
#include "git/files.hpp"
#include "git/git.hpp"
#include "git/tree_look.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/try_layers.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

/// Shared by the tests of this folder: a real remote made by plain git, a mirror of it, a task's tree and sandbox.
namespace persais::git::testing {

namespace fs = std::filesystem;

template <class T>
T on_a_loop(awaitable<T> work) {
    asio::io_context io(1);
    std::exception_ptr error;
    if constexpr (std::is_void_v<T>) {
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr e) { error = e; });
        io.run();
        if (error) std::rethrow_exception(error);
    } else {
        std::optional<T> value;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T v) {
            error = e;
            if (!e) value.emplace(std::move(v));
        });
        io.run();
        if (error) std::rethrow_exception(error);
        return std::move(*value);
    }
}

/// A task's own user can enter it.
class open_temp_dir : public temp_dir {
public:
    open_temp_dir() { fs::permissions(path(), fs::perms(0755)); }
};

inline std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {(std::istreambuf_iterator<char>(in)), {}};
}

inline void write(const fs::path& file, std::string_view bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// Runs a shell script with plain git, as a person would; returns its output without the last newline. Fails the test
/// when the script fails.
inline std::string shell(const fs::path& folder, std::string script) {
    sandbox::child_spec spec{
        .argv = {"/bin/sh", "-ec", std::move(script)},
        .environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
                        "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=Ann",
                        "GIT_COMMITTER_EMAIL=ann@example.org", "GIT_AUTHOR_DATE=@1700000000 +0000",
                        "GIT_COMMITTER_DATE=@1700000000 +0000", "GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=safe.directory",
                        "GIT_CONFIG_VALUE_0=*", "GIT_CONFIG_KEY_1=init.defaultBranch", "GIT_CONFIG_VALUE_1=main"},
        .folder = folder.string(),
        .total = std::chrono::minutes(5),
        .keep_output = 8 << 20};
    auto result = on_a_loop(sandbox::run_child(std::move(spec)));
    EXPECT_TRUE(result.ok()) << result.error;
    while (result.output.ends_with('\n'))
        result.output.pop_back();
    return result.output;
}

/// The sandbox that this machine allows; where it allows none, the same programs run unconfined.
inline std::unique_ptr<sandbox::backend> this_machines_backend() {
    return on_a_loop(sandbox::choose(true)).use;
}

/// A remote with a first commit on main, its mirror, and the folders of one task.
struct world {
    /// `then`: what a person does before the first refresh, in the folder that holds `person` and `remote.git`.
    explicit world(std::string first_commit = "printf 'one\\ntwo\\n' > a.txt; mkdir src; printf 'x = 1\\n' > src/x.py",
                   const std::string& format = "sha1", const std::string& then = ":") {
        shell(folder.path(), "git init -q --bare --object-format=" + format +
                                 " remote.git; git init -q --object-format=" + format + " person; cd person; " +
                                 first_commit +
                                 "; git add -A -f; git commit -q -m first; git push -q ../remote.git "
                                 "HEAD:refs/heads/main; cd ..; " +
                                 then);
        fs::create_directories(task / "home");
        auto refreshed = refresh();
        EXPECT_TRUE(refreshed) << (refreshed ? "" : refreshed.error().sentence);
        base = on_a_loop(mirrored.commit_of("main")).value_or("");
        EXPECT_EQ(base.size(), format == "sha1" ? 40U : 64U);
    }
    outcome<void> refresh() { return on_a_loop(mirrored.refresh()); }
    outcome<void> make_tree() { return make_tree(base); }
    outcome<void> make_tree(commit_id commit, std::optional<commit_id> work = {}) {
        auto made = on_a_loop(mirrored.make_tree(tree, commit, work));
        if (made) confine->hand_over(tree, 3);
        std::error_code ec;
        fs::remove(remembered(), ec);
        if (made && !work && !::getenv("GIT_TEST_FORGETS")) // the slow way of each import
            on_a_loop(remember_tree(tree, remembered(), commit));
        return made;
    }
    /// The same as layers over a checkout.
    outcome<void> make_layered_tree() {
        auto found = on_a_loop(base_tree_of(mirrored, {.commit = base, .past = {}}));
        if (!found) return std::unexpected(found.error());
        below = *found;
        for (const auto& old : {tree, task / "upper"})
            on_a_loop(remove_folder(old));
        fs::create_directories(tree);
        over = {.lower = {{below->folder, true}}, .upper = task / "upper"};
        sandbox::make_upper(*confine, over.upper, 3, fs::perms(0755));
        return {};
    }
    sandbox::layering layers() { return on_a_loop(sandbox::try_layers(*confine, folder.path() / "trial")).how; }
    /// Runs a script in the tree, confined as an agent would be.
    void agent(std::string script) {
        auto seen = as_view();
        confine->hand_over(seen.home, 3);
        sandbox::child_spec spec{
            .argv = {"/bin/sh", "-ec", std::move(script)},
            .environment = {"PATH=/usr/bin:/bin", "HOME=" + confine->inside(seen, seen.home), "LC_ALL=C"},
            .folder = confine->inside(seen, seen.tree),
            .total = std::chrono::minutes(1)};
        auto result = on_a_loop(sandbox::run_child(confine->confine(std::move(spec), seen)));
        EXPECT_TRUE(result.ok()) << result.output << result.error;
    }
    outcome<mirror::imported> import() { return import_with(*confine); }
    outcome<mirror::imported> import_with(const sandbox::backend& with) {
        return on_a_loop(mirrored.import({.tree = tree,
                                          .base = base,
                                          .who = {},
                                          .when = time_point(std::chrono::seconds(1'750'000'000)),
                                          .message = "Change it",
                                          .keep_as = "refs/persais/tasks/7/work",
                                          .remembered = remembered()},
                                         with, as_view()));
    }
    sandbox::view as_view() const { return {.tree = tree, .home = task / "home", .tree_layers = over, .slot = 3}; }
    std::string in_mirror(const std::string& git_words) {
        return shell(folder.path(), "git --git-dir='" + (mirrored.folder() / "git").string() + "' " + git_words);
    }
    fs::path remembered() const { return task / "remembered"; }
    fs::path remote_path() const { return folder.path() / "remote.git"; }

    open_temp_dir folder;
    fs::path task = folder.path() / "task";
    fs::path tree = task / "tree";
    std::unique_ptr<sandbox::backend> confine = this_machines_backend();
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    commit_id base;
    std::shared_ptr<const base_tree> below; // of a layered tree
    sandbox::layers over;                   // none: the tree is simply there
};

/// The sentence of an outcome's failure; empty for a success.
template <class T>
std::string sentence(const outcome<T>& o) {
    return o ? "" : o.error().sentence;
}

} // namespace persais::git::testing
