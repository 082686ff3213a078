// One side of bench/trees: for each line of its input makes a task's tree of a repository, and prints how many
// microseconds that took, how many the first `git status` in the sandbox took, and the removal. Is linked with either
// build's own library; WITH_LAYERS: this build can layer trees. A line is the way: "copy"; "layers"; "first", after
// every shared checkout was removed.
#include "base/temp_dir.hpp"
#include "git/files.hpp"
#include "git/git.hpp"
#include "git/history.hpp"
#include "sandbox/choose.hpp"
#ifdef WITH_LAYERS
#include "git/base_tree.hpp"
#include "sandbox/try_layers.hpp"
#endif

#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

using namespace persais;
namespace fs = std::filesystem;

namespace {

using steady = std::chrono::steady_clock;
long long since(steady::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - start).count();
}

template <class T>
T must(git::outcome<T> o) {
    if (!o) throw std::runtime_error(o.error().sentence);
    if constexpr (!std::is_void_v<T>) return std::move(*o);
}

awaitable<void> serve(fs::path root, fs::path remote) {
    auto chosen = co_await sandbox::choose(false);
    if (chosen.use->level() != sandbox::isolation_level::bubblewrap) throw std::runtime_error(chosen.why);
    git::mirror mirror(root / "mirrors", {.url = remote.string()});
    fs::create_directories(root / "task");
    for (std::string way; std::getline(std::cin, way);) {
        must(co_await mirror.refresh());
        auto commit = must(co_await mirror.commit_of("main"));
        git::history_wish wish{.branch = "main", .base = commit};
        auto past = must(co_await git::history_of(mirror, std::move(wish), *chosen.use));
        if (way == "first") co_await git::remove_folder(mirror.folder() / "trees");
        sandbox::view seen{.tree = root / "task/tree", .home = root / "task/home", .history = past->objects, .slot = 1};
        fs::create_directories(seen.home);
        chosen.use->hand_over(seen.home, seen.slot);
        auto start = steady::now();
        if (way == "copy") {
            must(co_await mirror.make_tree(seen.tree, commit, {}, past));
            co_await chosen.use->hand_over_beside(seen.tree, seen.slot);
        }
#ifdef WITH_LAYERS
        std::shared_ptr<const git::base_tree> over;
        if (way != "copy") {
            over = must(co_await git::base_tree_of(mirror, {.commit = commit, .past = past}));
            fs::create_directories(seen.tree);
            seen.tree_layers = {.lower = {{over->folder, true}}, .upper = root / "task/upper"};
            sandbox::make_upper(*chosen.use, seen.tree_layers.upper, seen.slot, fs::perms(0755));
        }
#endif
        auto made = since(start);
        start = steady::now();
        sandbox::child_spec status{.argv = {"/usr/bin/git", "status", "--porcelain"},
                                   .environment = {"PATH=/usr/bin:/bin", "HOME=/home/agent"},
                                   .folder = sandbox::tree_inside,
                                   .total = std::chrono::minutes(5)};
        auto said = co_await sandbox::run_child(chosen.use->confine(std::move(status), seen));
        if (!said.ok() || !said.output.empty()) throw std::runtime_error("git status: " + said.output + said.error);
        auto looked = since(start);
        start = steady::now();
        co_await git::remove_folder(root / "task");
        std::printf("%lld %lld %lld\n", made, looked, since(start));
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    asio::io_context io(1);
    int code = 0;
    asio::co_spawn(io, serve(argv[1], argv[2]), [&](std::exception_ptr e) {
        if (!e) return;
        code = 1;
        try {
            std::rethrow_exception(e);
        } catch (const std::exception& why) {
            std::fprintf(stderr, "%s\n", why.what());
        }
    });
    io.run();
    return code;
}
