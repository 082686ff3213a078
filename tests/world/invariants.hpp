#pragma once
#include "mechanic/step.hpp"
#include "world/coverage.hpp"
#include "world/remote.hpp"
#include "world/store_model.hpp"

#include <set>
#include <tuple>

#include <fmt/format.h>

namespace persais::world {

class simulation;

/// What must always hold (docs: design.md, "Invariants"). Everything that has an effect is reported here; violations
/// are collected as sentences.
class invariants {
public:
    explicit invariants(simulation& in) : in_(in) {}

    // Called by the store: a state was stored.
    void stored(const store_model::change& c);
    // Called by the store: a state was not, because it breaks this CHECK.
    void refused(const store_model::change& c, const std::string& check);
    // Called by performers.
    void began(const life& by, task_id id, fence held);
    void rests(const life& by, task_id id, fence held);
    void carries_out(const life& by, const mechanic::task& t, fence held, const mechanic::command& what);
    void happened(task_id id, fence held, const mechanic::event& e);
    void pushed(const life& by, const mechanic::task& t, fence held, const std::string& branch,
                const std::string& commit);
    /// `as`: what the forge made of it, where it was merged by a request.
    void landed(const life& by, const mechanic::task& t, fence held, const mechanic::land& what,
                const std::string& as = {});
    /// The push of `front` brought this task's commit, too.
    void landed_with(task_id front, fence held, task_id id, const std::string& commit);
    void holds_place(const disk_model& disk, task_id id, fence held);
    void holds_commit(const disk_model& disk, task_id id, fence held, const std::string& commit);
    // Called for people: an abort was accepted.
    void abort_accepted(task_id id);
    void discards(task_id id); // a person wishes it
    /// An error was logged that no fault of the simulation explains.
    void logged(std::string_view line);

    /// Called when nothing is left to do.
    void at_rest();

    std::vector<std::string> broken;
    std::set<transition> reached;

private:
    struct holder {
        const life* by = nullptr;
        std::optional<std::chrono::nanoseconds> succeeded{}; // when the task got a higher fence
    };
    struct told_of {
        int claims_over_a_dead_worker = 0;
        bool discards = false;
        std::optional<std::chrono::nanoseconds> wished; // the time of the abort
        bool wish_passed_a_rest = false;                // the task was queued or waited after that
        std::optional<mechanic::event> last;            // reported by the holder
    };
    template <class... Args>
    void violated(fmt::format_string<Args...> format, Args&&... args) {
        broken.push_back(fmt::format(format, std::forward<Args>(args)...));
    }
    std::string event_of(const store_model::change& c);
    void begins(const store_model::change& c);
    void writer_is_the_holder(const store_model::change& c);
    void attempts_are_bounded(const store_model::change& c);
    void person_is_told(const store_model::change& c);
    void remote_has_it(const store_model::change& c);
    void abort_is_obeyed(const store_model::change& c);

    simulation& in_;
    std::map<std::pair<task_id, fence>, holder> holders_;
    std::map<task_id, told_of> of_;
    std::map<std::tuple<task_id, mechanic::landing::kind, time_point>, std::set<std::string>>
        landed_; // by the approval
};

/// A short name for each kind of event.
std::string_view name_of_event(std::size_t index);

} // namespace persais::world
