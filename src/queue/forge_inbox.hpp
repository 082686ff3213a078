#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What was heard at forges and may ask for work, where its tasks came from, and what is still to be said there
/// (decision 0082). All functions that are awaited throw store::db_error; `db` outlives them.
namespace persais::queue {

/// Something at a forge that may ask for work. It only points there.
struct heard {
    std::int64_t id = 0;
    std::string remote;
    std::string kind;     // issue, comment, review, red
    std::string thing;    // the number; the id of the comment or review; the commit
    int number = 0;       // of the issue or request; 0: of what is red
    std::string branch;   // of what is red
    std::string said_at;  // by the forge's clock, as it writes it
    std::string delivery; // of a webhook; empty: a poll
    int tries = 0;        // that came to nothing
};

/// Keeps what was heard; what was heard before is kept once. `looked`: how far the repository was looked through;
/// empty: as it was. Gives how many are new.
awaitable<int> keep_heard(store::pool& db, std::vector<heard> all, std::string remote, std::string looked);
/// Those that are due, in the order in which they were said; for `hold` nobody else gets them.
awaitable<std::vector<heard>> claim_heard(store::pool& db, std::chrono::seconds hold);
/// For the transaction that writes what came of it. Fails with "PX001" when that was written before.
store::statement take_heard(std::int64_t id, const std::string& effect);
awaitable<void> put_off_heard(store::pool& db, std::int64_t id, std::chrono::seconds pause);

/// How far each repository was looked through, as its forge writes a time.
awaitable<std::optional<std::string>> looked_until(store::pool& db, std::string remote);

/// Where a turn of a task came from.
struct forge_turn {
    task_id task;
    int turn = 0;
    std::string remote;
    int number = 0;
    std::string author; // empty: a red check
    std::optional<std::int64_t> person = {};
};
store::statement came_from_forge(const forge_turn& what);

/// Who is known by a name at a forge, and how much of them waits.
struct forge_author {
    std::optional<std::int64_t> person;
    int waiting = 0;                 // tasks that no worker has begun
    std::optional<int> most_waiting; // that was set for the person
    bool has_chat = false;           // the person wrote to the bot
    std::string language = "en";
};
awaitable<forge_author> author_at_forge(store::pool& db, std::string kind, std::string name);
/// How many replies to a task wait for their turn.
awaitable<int> kept_replies(store::pool& db, task_id id);
/// How many of a task's newest turns were red checks, without anybody's word between them.
awaitable<int> mended_in_a_row(store::pool& db, task_id id);
/// The task is the person's, in their chat with the bot, as if they had given it there.
store::statement also_in_chat(task_id id, std::int64_t person, const std::string& language);

/// Something to be written at a forge: a sentence, or (empty) how the task stands.
struct forge_note {
    std::int64_t id = 0;
    std::optional<task_id> task;
    std::string remote;
    int number = 0;
    std::string mark;
    std::string body;
    int tries = 0;
};
store::statement say_at_forge(const forge_note& what);
/// As claim_heard().
awaitable<std::vector<forge_note>> claim_notes(store::pool& db, std::chrono::seconds hold);
awaitable<void> end_note(store::pool& db, std::int64_t id);
awaitable<void> put_off_note(store::pool& db, std::int64_t id, std::chrono::seconds pause);

/// The time until anything of that is due; nullopt: there is nothing.
awaitable<std::optional<std::chrono::milliseconds>> next_at_forge(store::pool& db);

} // namespace persais::queue
