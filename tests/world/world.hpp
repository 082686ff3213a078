#pragma once
#include "world/agenda.hpp"
#include "world/dice.hpp"
#include "world/invariants.hpp"
#include "world/model_tasks.hpp"
#include "world/plan.hpp"
#include "world/remote.hpp"
#include "world/trace.hpp"

#include <array>
#include <set>

namespace persais::world {

class service;

/// Where a process may die: between any two things that somebody else could see.
enum class point { before_statement, statement_under_way, answer_unread, before_effect, after_effect, before_clean_up };
inline constexpr int points = 6;

/// The faults that are in effect.
struct weather {
    std::chrono::nanoseconds database_away{}, database_slow{}, deaf{}; // until that time
    std::chrono::nanoseconds clock_ahead{};
    int lost_answers = 0, lost_requests = 0, lost_write_answers = 0, late_writes = 0; // for the next statements
    std::optional<point> dies_at;
    std::int64_t dies_after = 0; // how often it passes that point first
};

/// The result of a run.
struct report {
    std::vector<std::string> violations;
    std::set<transition> reached;
    std::uint64_t sum = 0;
    std::vector<std::string> lines;
    std::chrono::nanoseconds took{}; // of virtual time
    std::uint64_t steps = 0;
    int statements = 0;
    int crashes = 0;
};

/// One run: everything that is not the code under test. Members are declared so that those with timers are destroyed
/// before the loop.
class simulation {
public:
    simulation(plan what, bool keep_lines);
    ~simulation();
    report run();

    // --- for the parts of the world ---
    agenda time;
    plan what;
    dice luck;
    trace log;
    store_model store;
    remote_model remote;
    std::vector<disk_model> disks;
    invariants checks;
    std::map<int, weather> at; // by service; 0: people
    std::chrono::nanoseconds remote_away{}, model_away{};
    std::chrono::nanoseconds store_ahead{};
    std::map<task_id, double> spent_usd;
    std::map<task_id, std::uint64_t> commands; // executed so far
    std::uint64_t statements = 0;
    int crashes = 0;

    time_point wall(std::chrono::nanoseconds ahead) const;
    disk_model& disk_of(int service) { return disks.at(what.shared_disk ? 0 : static_cast<std::size_t>(service - 1)); }
    /// May end the process `of`.
    void pass(const life& of, point where);
    void crash(int service, std::chrono::nanoseconds back_after);
    std::chrono::nanoseconds latency(const life& of, std::uint64_t about) const;
    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args) {
        log.note(time.now(), format, std::forward<Args>(args)...);
    }

private:
    void start(int service);
    void bury(std::unique_ptr<service> dead);
    void happen(const fault& f);
    void ask_person(const fault& f);
    void spread_news();
    void end_faults();

    std::map<int, std::unique_ptr<service>> services_;
    int lives_ = 0;
    int dying_ = 0;
    bool over_ = false; // nothing new begins
    std::shared_ptr<class person> person_;
};

/// Runs the plan; with `keep_lines` the report has the trace.
report run(const plan& what, bool keep_lines = false);

} // namespace persais::world
