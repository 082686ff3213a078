// One side of bench/sandbox: starts /bin/true in the sandbox that this machine allows once for each line of its input,
// and prints how many microseconds it took from there to the end of the whole tree, and how many of processor time this
// program and that tree used. Is linked with either build's own
// library; WITH_HIDDEN: this build hides the service's files from tasks, so some are given to it.
#include "base/temp_dir.hpp"
#include "sandbox/child.hpp"
#include "sandbox/choose.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

using namespace persais;

namespace {

long long processor_us(int whose) {
    rusage used{};
    ::getrusage(whose, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000LL + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

awaitable<int> serve(const std::filesystem::path& folder) {
#ifdef WITH_HIDDEN
    auto hidden = [folder] { return std::vector<std::filesystem::path>{folder / ".env", folder / "data"}; };
    auto chosen = co_await sandbox::choose(false, sandbox::plan_for_this_machine(), {}, {hidden, {}});
#else
    auto chosen = co_await sandbox::choose(false);
#endif
    if (chosen.use->level() != sandbox::isolation_level::bubblewrap) {
        std::fprintf(stderr, "no sandbox: %s\n", chosen.why.c_str());
        co_return 1;
    }
    sandbox::view what{
        .tree = folder / "data/tree", .home = folder / "data/home", .gateway = {}, .history = {}, .tools = {}};
    for (std::string line; std::getline(std::cin, line);) {
        auto own = processor_us(RUSAGE_SELF), others = processor_us(RUSAGE_CHILDREN);
        auto start = std::chrono::steady_clock::now();
        sandbox::child_spec spec;
        spec.argv = {"/bin/true"};
        spec.environment = {"PATH=/usr/bin:/bin"};
        spec.total = std::chrono::seconds(60);
        auto ended = co_await sandbox::run_child(chosen.use->confine(std::move(spec), what));
        auto took = std::chrono::steady_clock::now() - start;
        if (!ended.ok()) {
            std::fprintf(stderr, "/bin/true failed: %s\n", ended.error.c_str());
            co_return 1;
        }
        std::printf("%lld %lld %lld\n",
                    static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()),
                    processor_us(RUSAGE_SELF) - own, processor_us(RUSAGE_CHILDREN) - others);
        std::fflush(stdout);
    }
    co_return 0;
}

} // namespace

int main() {
    temp_dir folder;
    for (const char* name : {"data", "data/tree", "data/home"})
        std::filesystem::create_directory(folder.path() / name);
    std::ofstream(folder.path() / ".env") << "A=1\n";
    boost::asio::io_context io(1);
    int code = 3;
    boost::asio::co_spawn(io, serve(folder.path()),
                          [&](const std::exception_ptr& error, int ended) { code = error ? 3 : ended; });
    io.run();
    return code;
}
