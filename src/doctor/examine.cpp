#include "doctor/examine.hpp"

#include "base/background.hpp"
#include "base/told.hpp"
#include "coder/prepared_agent.hpp"
#include "doctor/agent.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/toolchain.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::doctor {

namespace {

constexpr std::array<std::string_view, 24> order{"settings", "data",     "memory", "clock",    "database", "role",
                                                 "schema",   "pgvector", "pool",   "direct",   "backup",   "sandbox",
                                                 "network",  "agent",    "key",    "model",    "answer",   "remote",
                                                 "push",     "signing",  "token",  "telegram", "port",     "metrics"};

awaitable<findings> as_list(awaitable<finding> one) {
    co_return findings{co_await std::move(one)};
}

findings told(const subject& of, findings found) {
    if (of.tell) of.tell(found);
    return found;
}

/// Turns a failure or a timeout into a finding; a cancellation from outside is passed on.
awaitable<findings> guarded(const subject& of, std::string name, std::chrono::milliseconds limit,
                            awaitable<findings> probe) {
    std::string why;
    try {
        co_return told(of, co_await with_deadline<findings>(limit, std::move(probe)));
    } catch (const deadline_passed&) {
        why = persais::told<"No answer came within {} s.", "За {} с ответа не было.">(
            std::chrono::duration_cast<std::chrono::seconds>(limit).count());
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        why = e.what();
    } catch (const std::exception& e) {
        why = e.what();
    }
    co_return told(of, {failed(std::move(name), std::move(why),
                               persais::told<"Try it again; look at this machine's load and network.",
                                             "Попробуйте ещё раз; посмотрите на нагрузку и сеть этой машины.">())});
}

awaitable<findings> guarded(const subject& of, std::string name, std::chrono::milliseconds limit,
                            awaitable<finding> probe) {
    return guarded(of, std::move(name), limit, as_list(std::move(probe)));
}

/// When one of them throws, the others are cancelled and waited for.
awaitable<findings> joined(std::vector<background<findings>> running) {
    findings all;
    std::exception_ptr broken;
    for (auto& one : running) {
        if (broken) {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await one.stop();
            continue;
        }
        try {
            std::ranges::move(co_await one.join(), std::back_inserter(all));
        } catch (...) {
            broken = std::current_exception();
        }
    }
    if (broken) std::rethrow_exception(broken);
    co_return all;
}

/// The results of the two probes that others wait for.
struct ground {
    database_seen database;
    sandbox::choice sandbox;
};

awaitable<findings> see_database(subject& of, ground& found) {
    found.database = co_await probe_database(of);
    co_return found.database.said;
}

awaitable<findings> see_sandbox(subject& of, ground& found) {
    found.sandbox = co_await sandbox::choose(of.settings.unsafe, sandbox::plan_for_this_machine(), {},
                                             {[&of] { return config::hidden_from_tasks(of.settings); },
                                              sandbox::find_toolchain(config::process_environment()).folders});
    std::string no_clones;
    if (found.sandbox.use->level() == sandbox::isolation_level::bubblewrap)
        no_clones = co_await sandbox::why_no_clones(*found.sandbox.use);
    auto plan = sandbox::plan_for_this_machine(static_cast<unsigned>(of.settings.tasks_parallel.value_or(0)));
    if (no_clones.empty() && of.settings.prepared_agent && !coder::plan_with_agent(plan))
        no_clones = coder::no_room_for_agent();
    co_return findings{judge_sandbox(found.sandbox, no_clones, of.settings), co_await probe_trees(of, found.sandbox),
                       co_await probe_setup_network(of, found.sandbox)};
}

/// aider is asked only when no finding says that the model cannot answer, because with retries that takes a minute.
awaitable<findings> ground_and_answer(subject& of, ground& found) {
    auto executor = co_await asio::this_coro::executor;
    std::vector<background<findings>> first;
    first.emplace_back(executor, guarded(of, "database", limits::doctor_probe, see_database(of, found)));
    first.emplace_back(executor, guarded(of, "sandbox", limits::doctor_probe, see_sandbox(of, found)));
    first.emplace_back(executor, guarded(of, "key", limits::doctor_probe, probe_key(of)));
    first.emplace_back(executor, guarded(of, "model", limits::doctor_probe, probe_model(of)));
    auto all = co_await joined(std::move(first));
    std::ranges::move(co_await guarded(of, "backup", limits::doctor_probe, probe_backup(of, found.database)),
                      std::back_inserter(all));
    if (!of.settings.openrouter_api_key.empty()) // without a key the probe says that itself
        for (auto needed : {"sandbox", "key", "model"})
            if (const auto* one = find(all, needed); one && one->how == grade::fail) {
                auto untried = told(
                    of, {skipped("answer",
                                 persais::told<"aider was asked nothing: see {}.", "aider не спрошен: смотрите {}.">(
                                     needed))});
                std::ranges::move(untried, std::back_inserter(all));
                co_return all;
            }
    auto answer = co_await guarded(of, "answer", limits::doctor_answer + limits::doctor_probe,
                                   probe_answer(of, *found.sandbox.use, found.database));
    std::ranges::move(answer, std::back_inserter(all));
    co_return all;
}

/// The embedded server is released (and stopped, if nobody else uses it) however `look` ended.
awaitable<findings> leaving(ground& found, awaitable<findings> look) {
    std::exception_ptr broken;
    findings all;
    try {
        all = co_await std::move(look);
    } catch (...) {
        broken = std::current_exception();
    }
    if (found.database.server) {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await found.database.server->leave();
    }
    if (broken) std::rethrow_exception(broken);
    co_return all;
}

} // namespace

awaitable<findings> examine(subject& of) {
    auto executor = co_await asio::this_coro::executor;
    ground found;
    findings all = told(of, {probe_settings(of), probe_data(of), probe_memory(of)});
    std::vector<background<findings>> running;
    auto begin = [&](std::string name, auto probe) {
        running.emplace_back(executor, guarded(of, std::move(name), limits::doctor_probe, std::move(probe)));
    };
    running.emplace_back(executor, leaving(found, ground_and_answer(of, found)));
    begin("agent", probe_agent(of));
    begin("remote", probe_remote(of));
    begin("signing", probe_signing(of));
    begin("token", probe_token(of));
    begin("telegram", probe_telegram(of));
    begin("port", probe_port(of));
    begin("metrics", probe_metrics(of));
    std::ranges::move(co_await joined(std::move(running)), std::back_inserter(all));
    std::ranges::move(told(of, {probe_clock(of)}), std::back_inserter(all));
    std::ranges::sort(all, {}, [](const finding& f) { return std::ranges::find(order, f.name) - order.begin(); });
    co_return all;
}

awaitable<findings> examine(subject& of, aspect what) {
    switch (what) {
    case aspect::database: {
        ground found;
        co_return co_await leaving(found, guarded(of, "database", limits::doctor_probe, see_database(of, found)));
    }
    case aspect::remote: {
        auto all = co_await guarded(of, "remote", limits::doctor_probe, probe_remote(of));
        std::ranges::move(co_await guarded(of, "token", limits::doctor_probe, probe_token(of)),
                          std::back_inserter(all));
        co_return all;
    }
    case aspect::model_key:
        co_return co_await guarded(of, "key", limits::doctor_probe, probe_key(of));
    case aspect::model:
        co_return co_await guarded(of, "model", limits::doctor_probe, probe_model(of));
    case aspect::telegram:
        break;
    }
    co_return co_await guarded(of, "telegram", limits::doctor_probe, probe_telegram(of));
}

} // namespace persais::doctor
