// What bench/queue runs of Persais: the dispatcher, the tasks in PostgreSQL and the client, with an executor whose
// tasks end at once (their remote is not there). Prints one line of JSON. It uses what earlier builds have too.
//
//   queue_load URL migrate
//   queue_load URL add TASKS REPOSITORIES     adds them, eight at a time
//   queue_load URL drain TASKS SLOTS          works on them until so many have ended
//   queue_load URL both TASKS SLOTS GAP_MS    adds one after the other in the process that works on them
//   queue_load URL worker TASKS SLOTS         as drain, woken by NOTIFY; prints "ready" when it listens
//   queue_load URL paced TASKS GAP_MS         adds one after the other
//   queue_load URL claim TIMES                claims one task after the other, which stay claimed
//
// Linked with --wrap of what sends to the server, to count the round trips.

#include "base/background.hpp"
#include "queue/pg_tasks.hpp"
#include "store/listener.hpp"
#include "store/migrate.hpp"
#include "worker/dispatcher.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <sys/resource.h>
#include <unistd.h>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>
#include <spdlog/spdlog.h>

using namespace persais;
using std::chrono::steady_clock;

namespace {

long trips = 0; // what was sent and is waited for

} // namespace

extern "C" {
int __real_PQpipelineSync(PGconn*);
int __real_PQsendQuery(PGconn*, const char*);
int __real_PQsendPrepare(PGconn*, const char*, const char*, int, const Oid*);
int __real_PQsendQueryParams(PGconn*, const char*, int, const Oid*, const char* const*, const int*, const int*, int);
int __real_PQsendQueryPrepared(PGconn*, const char*, int, const char* const*, const int*, const int*, int);

int __wrap_PQpipelineSync(PGconn* c) {
    ++trips;
    return __real_PQpipelineSync(c);
}
int __wrap_PQsendQuery(PGconn* c, const char* sql) {
    trips += PQpipelineStatus(c) == PQ_PIPELINE_OFF;
    return __real_PQsendQuery(c, sql);
}
int __wrap_PQsendPrepare(PGconn* c, const char* name, const char* sql, int n, const Oid* types) {
    trips += PQpipelineStatus(c) == PQ_PIPELINE_OFF;
    return __real_PQsendPrepare(c, name, sql, n, types);
}
int __wrap_PQsendQueryParams(PGconn* c, const char* sql, int n, const Oid* types, const char* const* values,
                             const int* lengths, const int* formats, int format) {
    trips += PQpipelineStatus(c) == PQ_PIPELINE_OFF;
    return __real_PQsendQueryParams(c, sql, n, types, values, lengths, formats, format);
}
int __wrap_PQsendQueryPrepared(PGconn* c, const char* name, int n, const char* const* values, const int* lengths,
                               const int* formats, int format) {
    trips += PQpipelineStatus(c) == PQ_PIPELINE_OFF;
    return __real_PQsendQueryPrepared(c, name, n, values, lengths, formats, format);
}
}

namespace {

constexpr auto lease_ttl = std::chrono::seconds(10);
constexpr int adders = 8;

using stamps = std::map<std::int64_t, std::int64_t>; // nanoseconds of the machine's monotonic clock, by task

std::int64_t stamp() {
    return steady_clock::now().time_since_epoch().count();
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// What one part of the work took.
struct measured {
    std::int64_t began = stamp();
    double cpu = cpu_seconds();
    long sent = trips;

    std::string figures(int tasks) const {
        return fmt::format(R"("tasks":{},"seconds":{:.6f},"cpu_ms":{:.5f},"trips":{:.4f})", tasks,
                           static_cast<double>(stamp() - began) / 1e9, (cpu_seconds() - cpu) * 1000 / tasks,
                           static_cast<double>(trips - sent) / tasks);
    }
};

std::string listed(const char* name, const stamps& all) {
    std::vector<std::string> pairs;
    for (auto [id, at] : all)
        pairs.push_back(fmt::format("[{},{}]", id, at));
    return fmt::format(R"("{}":[{}])", name, fmt::join(pairs, ","));
}

void print(const std::string& fields) {
    std::printf("{%s}\n", fields.c_str());
    std::fflush(stdout);
}

mechanic::order some_order(int repository) {
    return {.remote = fmt::format("https://git.example/team/repository-{}.git", repository),
            .instruction = "The login test fails when the clock passes midnight: please look why it is negative then.",
            .model = "maker/model",
            .budget_usd = 2};
}

class ends_at_once final : public worker::command_executor {
public:
    ends_at_once(stamps& started, task_id id) { started.emplace(id.value, stamp()); }
    awaitable<mechanic::event> execute(mechanic::task, mechanic::command, std::string) override {
        co_return mechanic::remote_trouble{"not_found", "There is no such repository."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override {}
};

/// The workers of one process.
struct workplace {
    workplace(store::pool& db, int slots, int tasks)
        : all(db, fmt::format("bench-{}", getpid()), lease_ttl),
          with{.time = time,
               .leases = all,
               .requests = all,
               .make_executor = [this](const worker::observer&, task_id id,
                                       fence) { return std::make_unique<ends_at_once>(started, id); }},
          work(with, slots, {.moved = [this, tasks](const mechanic::task& t, std::string_view) {
                   if (mechanic::is_settled(t.now) && ++ended == tasks) work.leave();
               }}) {}

    system_clock time;
    queue::pg_tasks all;
    stamps started;
    int ended = 0;
    worker::driver_dependencies with;
    worker::dispatcher work;
};

awaitable<void> add_some(queue::pg_tasks& all, int first, int tasks, int repositories) {
    for (int i = first; i < tasks; i += adders)
        co_await all.add(some_order(i % repositories));
}

awaitable<void> add(store::pool& db, int tasks, int repositories) {
    queue::pg_tasks all(db, "adder", lease_ttl);
    measured took;
    std::vector<background<void>> parts;
    for (int i = 0; i < adders; ++i)
        parts.emplace_back(co_await asio::this_coro::executor, add_some(all, i, tasks, repositories));
    for (auto& each : parts)
        co_await each.join();
    print(took.figures(tasks));
}

awaitable<void> drain(store::pool& db, int tasks, int slots) {
    workplace here(db, slots, tasks);
    measured took;
    co_await here.work.run();
    print(took.figures(tasks));
}

awaitable<stamps> add_slowly(queue::pg_tasks& all, int tasks, std::chrono::milliseconds gap,
                             std::function<void()> wake) {
    stamps accepted;
    for (int i = 0; i < tasks; ++i) {
        auto id = co_await all.add(some_order(i % 10));
        accepted.emplace(id.value, stamp());
        wake();
        co_await sleep_for(gap);
    }
    co_return accepted;
}

awaitable<void> both(store::pool& db, int tasks, int slots, std::chrono::milliseconds gap) {
    workplace here(db, slots, tasks);
    measured took;
    background<void> working(co_await asio::this_coro::executor, here.work.run());
    auto accepted = co_await add_slowly(here.all, tasks, gap, [&] { here.work.wake(); });
    co_await working.join();
    print(took.figures(tasks) + "," + listed("accepted", accepted) + "," + listed("started", here.started));
}

awaitable<void> paced(store::pool& db, int tasks, std::chrono::milliseconds gap) {
    queue::pg_tasks all(db, "adder", lease_ttl);
    print(listed("accepted", co_await add_slowly(all, tasks, gap, [] {})));
}

awaitable<void> listening_worker(store::pool& db, const std::string& url, int tasks, int slots) {
    workplace here(db, slots, tasks);
    bool said = false;
    store::listener ear(co_await asio::this_coro::executor, {.url = secret(url), .channels = {queue::channel}},
                        {.notified = [&](auto&, auto&) { here.work.wake(); },
                         .connected =
                             [&] {
                                 if (!std::exchange(said, true)) std::puts("ready");
                                 std::fflush(stdout);
                                 here.work.wake();
                             },
                         .lost = [](const std::string& why, bool) { std::fprintf(stderr, "%s\n", why.c_str()); }});
    ear.wake();
    measured took;
    co_await here.work.run();
    print(took.figures(tasks) + "," + listed("started", here.started));
}

awaitable<void> claim(store::pool& db, int times) {
    workplace here(db, 1, 0);
    std::vector<double> took;
    for (int i = 0; i < times; ++i) {
        worker::task_run run(here.with, {});
        auto began = stamp();
        if (!co_await run.claim(std::nullopt)) throw std::runtime_error("nothing can be claimed");
        took.push_back(static_cast<double>(stamp() - began) / 1e6);
    }
    print(fmt::format(R"("ms":[{:.4f}])", fmt::join(took, ",")));
}

awaitable<void> run(std::vector<std::string> words) {
    auto number = [&](std::size_t i) { return std::stoi(words.at(i)); };
    store::pool db(co_await asio::this_coro::executor, {.url = secret(words.at(0))});
    const auto& role = words.at(1);
    co_await db.query("select 1");
    if (role == "migrate")
        co_await store::migrate(db);
    else if (role == "add")
        co_await add(db, number(2), number(3));
    else if (role == "drain")
        co_await drain(db, number(2), number(3));
    else if (role == "both")
        co_await both(db, number(2), number(3), std::chrono::milliseconds(number(4)));
    else if (role == "worker")
        co_await listening_worker(db, words.at(0), number(2), number(3));
    else if (role == "paced")
        co_await paced(db, number(2), std::chrono::milliseconds(number(3)));
    else if (role == "claim")
        co_await claim(db, number(2));
    else
        throw std::runtime_error("no such role");
    db.close();
}

} // namespace

int main(int argc, char** argv) {
    spdlog::set_level(spdlog::level::warn);
    asio::io_context loop(1);
    int status = 0;
    asio::co_spawn(loop, run({argv + 1, argv + argc}), [&](const std::exception_ptr& e) {
        if (!e) return;
        status = 1;
        try {
            std::rethrow_exception(e);
        } catch (const std::exception& why) {
            std::fprintf(stderr, "%s\n", why.what());
        }
        loop.stop();
    });
    loop.run();
    return status;
}
