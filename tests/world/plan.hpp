#pragma once
#include "mechanic/task.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persais::world {

using std::chrono::milliseconds;

/// One thing that goes wrong, or that a person does. A run's faults are a list, so that it can be made shorter.
struct fault {
    enum class kind {
        crash,             // a service dies at once; another starts after `amount` ms
        crash_at_point,    // dies when it next passes the point `amount` (world.hpp, point)
        leave,             // SIGTERM; another starts after `amount` ms
        lose_answer,       // the next statement of a service is executed, its answer is lost
        lose_request,      // the next statement is lost, and its sender cannot know
        lose_write_answer, // as lose_answer, for the next write of a state
        late_write,        // the next write of a state is executed seconds after its sender was told that it is unknown
        cut_database,      // for one service
        cut_all,           // for all services
        slow_database,     // up to five seconds each way
        deaf,              // notifications do not reach a service
        service_clock,     // jumps by `amount` ms
        store_clock,
        remote_away,
        model_away,
        abort, // from here on people act; `amount` names the task
        retry,
        wake,
        reply,
        push_held,
        more_money,
        deploy,
        roll_back,
        discard,
        undiscard,
        foreign_push, // to a task's branch
        delete_branch,
        disk_lost,  // a service's disk, with a crash
        broken_row, // a task's row, repaired by the end
        last_
    };
    milliseconds at{};
    kind what{};
    int service = 0;
    std::int64_t amount = 0;
    milliseconds lasts{};
};

std::string words(const fault& f);

struct planned_task {
    milliseconds at{};
    mechanic::order what;
};

/// What a run is after: that this event meets tasks in this state, as often as may be (world/aim.hpp).
struct aim {
    std::string state, event;
};

/// Everything that a seed decides beforehand. The outcomes of commands are decided by the same seed, command by
/// command.
struct plan {
    std::uint64_t seed = 0;
    int services = 2;
    int slots = 2;
    bool shared_disk = false;
    bool conflicts = false;            // most rollbacks meet what others changed
    bool fortnight = false;            // runs until results expire
    bool together = false;             // what comes before a landing goes well
    milliseconds others_every{10'000}; // pushes of other people to the base branches
    milliseconds lease_ttl{};
    std::vector<planned_task> tasks;
    std::vector<fault> faults;
    std::optional<aim> after = {};
};

plan plan_of(std::uint64_t seed);
std::string words(const plan& p);

} // namespace persais::world
