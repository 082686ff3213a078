#pragma once
#include "base/temp_dir.hpp"
#include "sandbox/child.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <unistd.h>

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

/// A word that no other test and no other run of this test uses.
inline std::string fresh_mark() {
    return "persais-mark-" + std::to_string(::getpid()) + "-" +
           std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
}

} // namespace persais::sandbox::testing
