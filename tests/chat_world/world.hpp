#pragma once
#include "chat_world/database.hpp"
#include "chat_world/plan.hpp"
#include "chat_world/telegram_model.hpp"
#include "world/agenda.hpp"
#include "world/dice.hpp"
#include "world/remote.hpp"
#include "world/trace.hpp"

#include <map>

namespace persais::chat_world {

using world::agenda;
using world::dice;
using world::dice_row;
using world::life;
using world::trace;

class process;

/// Where a process may die: between any two things that somebody else could see.
enum class point {
    before_statement,
    statement_under_way,
    answer_unread,
    before_call,
    call_under_way,
    called_unread,
    before_work
};
inline constexpr int points = 7;

/// The faults of one service that are in effect.
struct weather {
    std::chrono::nanoseconds clock_ahead{};
    int lost_answers = 0, lost_requests = 0;                    // for the next statements
    int lost_sent = 0, lost_calls = 0, refused = 0, floods = 0; // for the next calls
    std::optional<point> dies_at;
    std::int64_t dies_after = 0; // how often it passes that point first
};

/// The result of a run.
struct report {
    std::vector<std::string> violations;
    std::uint64_t sum = 0;
    std::vector<std::string> lines;
    std::uint64_t statements = 0;
    int crashes = 0; // including orderly ends
    int updates = 0, tasks = 0;
    int doubts = 0;     // things that took effect though their sender could not know
    int duplicates = 0; // messages that were sent again
    std::map<std::string, int> effects;
};

/// One run: everything that is not the code under test. Members are declared so that those with timers are destroyed
/// before the loop.
class simulation {
public:
    simulation(database& on, plan what, bool keep_lines);
    ~simulation();
    report run();

    // --- for the parts of the world ---
    agenda time;
    plan what;
    dice luck;
    trace log;
    database& store;
    telegram_model telegram;
    std::map<int, weather> at; // by service
    std::chrono::nanoseconds database_away{}, telegram_away{};
    std::map<std::string, std::string> branches; // of the remote
    std::uint64_t statements = 0, calls = 0;
    int crashes = 0, doubts = 0;

    time_point wall(std::chrono::nanoseconds ahead = {}) const;
    /// May end the process `of`.
    void pass(const life& of, point where);
    void crash(int service, std::chrono::nanoseconds back_after);
    /// Something was written: those that listen are notified.
    void spread_news();
    void violated(std::string how) { broken_.push_back(std::move(how)); }
    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args) {
        log.note(time.now(), format, std::forward<Args>(args)...);
    }

private:
    void start(int service);
    /// Ends the process; one that is dead has no effect any more while it ends.
    void bury(std::unique_ptr<process> ending);
    void happen(const fault& f);
    void act(const person_action& d);
    void deliver(std::int64_t number, int tries);
    awaitable<void> post(std::int64_t number, int tries, process& to);

    std::map<int, std::unique_ptr<process>> services_;
    std::vector<std::shared_ptr<process>> graveyard_; // others may still refer to what these own
    int lives_ = 0;
    int dying_ = 0;
    bool over_ = false; // nothing new begins
    bool news_ = false; // a notification is on its way
    std::vector<std::string> broken_;
};

report run(database& on, const plan& what, bool keep_lines = false);

} // namespace persais::chat_world
