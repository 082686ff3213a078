// The gateway alone, for bench/gateway and bench/memory: as `persais serve` has it, without what is around it.
//
//   gateway_side DATABASE_URL ENDPOINT_URL SOCKET SESSIONS
//
// Prints the sessions' tokens with commas between, and serves until it is ended.

#include "llm/gateway.hpp"
#include "store/migrate.hpp"
#if __has_include("base/heap.hpp")
#include "base/heap.hpp"
#endif

#include <csignal>
#include <cstdio>

#include <boost/asio/io_context.hpp>
#include <spdlog/spdlog.h>

using namespace persais;

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    std::signal(SIGPIPE, SIG_IGN);
#if __has_include("base/heap.hpp")
    keep_heap_small();
#endif
    spdlog::set_level(spdlog::level::warn);
    asio::io_context io(1);
    store::pool db(io.get_executor(), {.url = secret(argv[1])});
    system_clock time;
    llm::upstream where;
    where.base_url = argv[2];
    where.key = secret("bench");
    llm::gateway gate(io.get_executor(), db, time, std::move(where));
    spawn(io.get_executor(), "begin", [](store::pool& pool, llm::gateway& to, char** word) -> awaitable<> {
        co_await store::migrate(pool);
        if (auto listening = to.listen(word[3]); !listening) throw std::runtime_error(listening.error());
        std::string tokens;
        for (int i = 1; i <= std::atoi(word[4]); ++i) {
            llm::session_spec of{.task = task_id{i},
                                 .model = "bench/streamed",
                                 .task_budget_usd = 1e6,
                                 .day_budget_usd = 1e6,
                                 .deadline = std::chrono::hours(10)};
            tokens += (i > 1 ? "," : "") + to.begin(std::move(of)).reveal();
        }
        std::printf("%s\n", tokens.c_str());
        std::fflush(stdout);
    }(db, gate, argv));
    io.run();
    return 0;
}
