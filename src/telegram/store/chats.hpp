#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "mechanic/task.hpp"
#include "store/store.hpp"
#include "telegram/store/people.hpp"

#include <string>
#include <vector>

/// What is stored about chats: people, conversations, and which task belongs to which message. Functions that return a
/// statement are for the transaction that takes an update (inbox.hpp). All others throw store::db_error.
namespace persais::telegram {

/// A private chat, a group, or one topic of a forum (0: none).
struct chat_place {
    std::int64_t chat = 0;
    std::int64_t topic = 0;
    auto operator<=>(const chat_place&) const = default;
};

/// A repository that conversations can choose.
struct repository {
    std::int64_t id = 0;
    std::string name;
    std::string remote;
    std::optional<std::string> base_branch, setup, check;
    bool has_token = false;
};

/// When a part of an instruction was written and came: whether the next message belongs to it depends on that.
struct heard_part {
    std::int64_t said_at = 0; // Telegram's date
    time_point heard_at{};    // when it was received
};

/// What is known before an update is decided.
struct conversation_state {
    std::string language; // chosen: en, ru; else empty
    bool paired = false;  // an admin by the one-time code
    bool let_in = false;  // by an admin, in the chat
    std::vector<queue::role_grant> grants = {};
    std::optional<int> may_wait; // tasks of the person that no worker has begun; nullopt: nothing was set
    bool asked = false;          // the admins were told that the person asks to be let in, or it was decided
    std::optional<repository> chosen;
    std::optional<std::string> model;
    std::optional<double> budget_usd;
    std::string expects;                // JSON; empty: no question waits for an answer
    int waiting = 0;                    // tasks of the person that no worker has begun
    std::optional<task_id> answered_to; // the task of the message that this one replies to
    /// The person's newest task here, or reply to a task, while no worker has begun it: it may get another part.
    struct open_task {
        task_id id;
        std::optional<int> turn; // set for a reply
        heard_part newest;
        std::size_t characters = 0; // length of its instruction
    };
    std::optional<open_task> open;
    std::optional<std::int64_t> refused_at; // Telegram's date of the newest part that was refused of this person here
};
awaitable<conversation_state> load_conversation(store::pool& db, chat_place where, std::int64_t person,
                                                std::optional<std::int64_t> answered_message);

// People and conversations
/// en, ru.
store::statement choose_language(std::int64_t person, const std::string& language);
/// nullopt: the service's own.
store::statement choose_repository(chat_place where, std::optional<std::int64_t> repository);
store::statement choose_model(chat_place where, const std::optional<std::string>& model);
store::statement choose_budget(chat_place where, std::optional<double> usd);
/// `json`: the question that the next message answers; empty: none.
store::statement expect(chat_place where, const std::string& json);
struct expected_answer {
    chat_place where;
    std::string json, language; // the language of its person
};
/// All conversations that wait for the answer to this question at this step.
awaitable<std::vector<expected_answer>> all_expected(store::pool& db, std::string what, std::string step);
/// Messages can be sent there again, and those that could not be are.
store::statement reopen(chat_place where);
/// Forgets everything that was chosen.
store::statement reset_conversation(chat_place where);

// Repositories
awaitable<std::vector<repository>> repositories(store::pool& db);
/// By its name, in any case of letters.
awaitable<std::optional<repository>> find_repository(store::pool& db, std::string name);
/// Chooses the repository of this name, which may be added in the same transaction.
store::statement choose_repository_named(chat_place where, const std::string& name);

// Tasks of chats
/// Where a task comes from, when it comes from a chat.
struct task_origin {
    chat_place where;
    std::int64_t person = 0;
    std::int64_t message = 0;            // the message with the instruction
    std::string language;                // en, ru
    std::optional<std::int64_t> said_at; // Telegram's date; nullopt: it gets no more parts
    time_point heard_at{};               // when it was received
};
/// A message of a person that is part of an instruction, and how much of it.
struct message_part {
    std::int64_t message = 0;
    std::size_t characters = 0;
};
/// `parts`: what its instruction consists of, in the order in which it was written.
std::vector<store::statement> task_from_chat(task_id id, const task_origin& from,
                                             const std::vector<message_part>& parts);
/// The messages that a task's instruction consists of, in the order in which they were written.
awaitable<std::vector<message_part>> parts_of_task(store::pool& db, task_id id);
/// From the next turn on the task is told where that turn was asked for: its message is sent there, as a reply to the
/// message in `from`.
std::vector<store::statement> turn_from_chat(task_id id, int turn, const task_origin& from);
/// The number of replies that wait for their turn.
awaitable<int> replies_kept(store::pool& db, task_id id);
/// A message that is another part of an instruction.
struct next_part {
    chat_place where;
    std::int64_t message = 0;
    std::string text;
    heard_part when;
};
/// Puts the part into the instruction, where its message's number says. It waits for more parts, too. Fails with
/// "PX002" when a worker has begun the task.
std::vector<store::statement> join_task(task_id id, const next_part& part, std::chrono::milliseconds wait);
/// A reply that was just stored may get more parts: it waits for them, and they are joined as those of a task are.
store::statement turn_may_go_on(task_id id, int turn, std::int64_t said_at, time_point heard_at,
                                std::chrono::milliseconds wait);
/// As join_task, for a reply that waits for its turn; fails when the turn was begun.
std::vector<store::statement> join_turn(task_id id, int turn, const next_part& part, std::chrono::milliseconds wait);
/// Takes back what nobody has begun: a task, or (`turn`) a reply to it; and has its message say so. Fails with "PX002"
/// when a worker has begun it.
std::vector<store::statement> withdraw(task_id id, std::optional<int> turn, chat_place where);
/// The person's instruction here was refused, or is refused still: `part` is its newest part.
store::statement refused_here(chat_place where, std::int64_t person, heard_part part);
/// Nothing more is joined to the person's instructions here.
store::statement close_instructions(chat_place where, std::int64_t person);
/// Replaces the instruction. Fails with "PX002" when a worker has begun the task.
std::vector<store::statement> reword_task(task_id id, const std::string& instruction);
/// The message is a part of the task's instruction, or of the reply that is this turn.
store::statement message_belongs(chat_place where, std::int64_t message, task_id to, int turn, std::size_t characters);

/// Where a task is told, and whose it is.
struct task_home {
    chat_place where;
    std::int64_t person = 0;
    std::int64_t message = 0;
    int parts = 1;
    bool begun = false;
};
/// nullopt: the task came from no chat.
awaitable<std::optional<task_home>> home_of(store::pool& db, task_id id);
/// The task whose instruction, or reply, this message is.
awaitable<std::optional<task_id>> task_of_message(store::pool& db, std::int64_t chat, std::int64_t message);

struct chat_task {
    task_id id;
    std::string instruction; // the beginning of its instruction
    bool abort_wished = false;
    std::int64_t person = 0;
};
/// The tasks of this conversation (with `person`: only of that person), the newest first.
awaitable<std::vector<chat_task>> tasks_of(store::pool& db, chat_place where, std::optional<std::int64_t> person,
                                           bool unsettled, int most);

} // namespace persais::telegram
