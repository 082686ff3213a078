#pragma once
#include "forge/written.hpp"
#include "queue/forge_inbox.hpp"
#include "worker/dependencies.hpp"

namespace persais::worker {

/// Makes tasks and replies of what was heard at forges, and writes there what came of them (decision 0082). Used from
/// one executor.
class forge_intake {
public:
    /// Both outlive it.
    forge_intake(const dependencies& with, store::pool& db) : with_(with), db_(db) {}
    /// There may be something to do; the database is awake.
    void wake();
    /// What is due now; gives how long it is until something is.
    awaitable<std::optional<std::chrono::milliseconds>> attempt_all();
    /// Goes on until it is cancelled, without SQL while nothing is due.
    awaitable<void> run();

private:
    /// What becomes of something that was heard: a word of forge_inbox.effect, and what is written with it.
    struct decided {
        std::string effect;
        std::vector<store::statement> writes = {};
    };
    using decision = forge::outcome<decided>;

    awaitable<void> attempt(queue::heard what);
    awaitable<void> attempt(queue::forge_note what);
    awaitable<decision> decide(queue::heard what);
    awaitable<decision> decide_on(queue::heard what, forge::words said);
    awaitable<decision> begin_task(queue::heard what, forge::words said, queue::forge_author author);
    awaitable<decision> reply(queue::heard what, forge::words said, queue::snapshot to, queue::forge_author author);
    awaitable<decision> mend(queue::heard what, forge::words said, queue::snapshot task);
    awaitable<std::optional<queue::snapshot>> task_at(const queue::heard& what, const forge::thread& where);
    awaitable<std::string> no_right_here(const queue::forge_author& author, std::string remote);
    awaitable<std::string> said_of(queue::forge_note what);
    static decided refused(const queue::heard& what, int number, const std::string& why);

    const dependencies& with_;
    store::pool& db_;
    std::optional<event> news_;
};

} // namespace persais::worker
