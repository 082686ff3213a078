#pragma once
#include "base/temp_dir.hpp"
#include "sandbox/child.hpp"
#include "sandbox/prepared_parent.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdlib.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

/// What the tests of this folder share.
namespace persais::sandbox::testing {

using namespace std::chrono_literals;

/// The time within which everything that is ended must end. It is generous, because speed on a busy machine is not
/// tested.
inline constexpr auto soon = 5s;

/// Runs one coroutine to its end on a new loop.
template <class T>
T on_a_loop(awaitable<T> work) {
    asio::io_context io(1);
    std::optional<T> value;
    std::exception_ptr error;
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T v) {
        error = e;
        if (!e) value.emplace(std::move(v));
    });
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*value);
}

inline child_spec program(std::vector<std::string> argv) {
    child_spec spec;
    spec.argv = std::move(argv);
    spec.environment = {"PATH=/usr/bin:/bin"};
    spec.total = 20s;
    return spec;
}

inline child_spec shell(std::string script) {
    return program({"/bin/sh", "-c", std::move(script)});
}

inline child_result run(child_spec spec) {
    return on_a_loop(run_child(std::move(spec)));
}

/// As `run` of what `confine` makes of the spec, by a clone of a parent that has nothing prepared and lives just as
/// long.
inline child_result run_cloned(const backend& confine, child_spec spec, const view& seen) {
    return on_a_loop([](const backend& with, child_spec what, view place) -> awaitable<child_result> {
        child_spec parent = program({keeper_inside, "parent"});
        parent.total = what.total + 20s;
        prepared_parent of(with, std::move(parent), {});
        child_result result;
        auto ended = co_await of.live([&](process& itself) -> awaitable<void> {
            what.clone = of.offer();
            auto confined = with.confine(std::move(what), place);
            result = co_await run_child(std::move(confined));
            itself.kill();
        });
        EXPECT_EQ(static_cast<int>(ended.how), static_cast<int>(ended::killed)) << ended.error;
        EXPECT_TRUE(result.cloned || result.how == ended::could_not_start) << "it was started cold";
        co_return result;
    }(confine, std::move(spec), seen));
}

/// How a confined program comes to be: what holds for one has to hold for the other.
enum class beginning { cold, cloned };

inline std::string name_of(const ::testing::TestParamInfo<beginning>& way) {
    return way.param == beginning::cold ? "cold" : "cloned";
}

/// The number of processes on this machine that have `mark` among their arguments (this one does not).
inline int count_marked(const std::string& mark) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        // This is not a stream, because the read of a stream throws when the process ends between open and read.
        std::FILE* file = std::fopen((entry.path() / "cmdline").c_str(), "re");
        if (!file) continue;
        std::string line(64 * 1024, '\0');
        line.resize(std::fread(line.data(), 1, line.size(), file));
        std::fclose(file);
        if (line.find(mark) != std::string::npos) ++count;
    }
    return count;
}

/// The live process with that name that is started last of what our youngest child started (a prepared parent is an
/// older one); 0: there is none. Dead ones of the previous round may be our children when this is the first process of
/// a namespace.
inline pid_t below_us(const std::string& name) {
    std::multimap<pid_t, pid_t> children;
    std::map<pid_t, std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream in(entry.path() / "stat");
        pid_t pid = 0, parent = 0;
        std::string comm, state;
        if (!(in >> pid >> comm >> state >> parent)) continue;
        children.emplace(parent, pid);
        if (state != "Z") names[pid] = comm;
    }
    std::vector<pid_t> all;
    for (auto [from, end] = children.equal_range(::getpid()); from != end; ++from)
        if (names.contains(from->second)) all = {from->second};
    pid_t last = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (names[all[i]] == "(" + name + ")") last = all[i];
        for (auto [from, end] = children.equal_range(all[i]); from != end; ++from)
            all.push_back(from->second);
    }
    return last;
}

/// A word that no other test and no other run of this test uses.
inline std::string fresh_mark() {
    return "persais-mark-" + std::to_string(::getpid()) + "-" +
           std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
}

} // namespace persais::sandbox::testing
