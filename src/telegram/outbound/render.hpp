#pragma once
#include "forge/place.hpp"
#include "mechanic/progress.hpp"
#include "mechanic/task.hpp"
#include "telegram/api/say.hpp"
#include "telegram/outbound/outgoing.hpp"

#include <chrono>

/// Renders tasks as messages. Pure: what is not in the task is a parameter.
namespace persais::telegram {

struct spending {
    double usd = 0;
    bool estimated = false; // some endpoint reported no cost
    int calls = 0;
    bool operator==(const spending&) const = default;
};
/// "$0.0111", "about $0.0111", "price unknown".
std::string cost_words(reader l, const spending& s);

/// What is known of a running task beside its row.
struct live {
    std::string repository;                  // its short name
    int ahead = -1;                          // how many tasks come before it; -1: unknown
    std::optional<mechanic::progress> doing; // the newest; nullopt: none yet
    std::chrono::seconds elapsed{0};
    std::chrono::seconds again_in{0}; // time until it is retried or may start
    spending cost;
    bool abort_wished = false;
    bool unsafe = false; // no sandbox confines the task: every message says so
};

/// Where a task stands. Ends with the time, so that two messages of the same stage differ in their last line only; that
/// of a landing that waits for its turn has none, so that it is edited only when it says something else.
outgoing progress_message(reader l, const mechanic::task& t, const live& now);

struct file_change {
    std::string path;
    int insertions = 0;
    int deletions = 0;
    bool binary = false;
    std::optional<phrase> note = {}; // what it is or became beside its lines: executable, a link, a submodule
};

/// What is known of a settled task beside its row.
struct ending {
    std::string repository;
    std::optional<forge::place> web; // the place of its branches' web pages
    std::vector<file_change> files;  // empty: only their number is shown
    std::chrono::seconds took{0};
    spending cost;
    bool unsafe = false;
    struct note {
        std::optional<task_id> task; // nullopt: a person's
        time_point at{};
    };
    std::vector<note> used = {}; // of the repository's memory
};

/// Tells that a reply to the task was longer than it may be, and was taken back before its turn was begun.
outgoing withdrawn_turn_message(reader l, task_id of);

/// The result of a settled task: verdict, what changed, checks, cost, branch. Fits into one message.
outgoing result_message(reader l, const mechanic::task& t, const ending& how);
/// The result of a turn that another turn followed. It has no button that acts on the task as it is now.
outgoing overtaken_message(reader l, const mechanic::task& t, const ending& how);
/// One short line that says that the task is done, because the edit of the progress message makes no sound.
outgoing done_notice(reader l, const mechanic::task& t);
/// Whether this sentence, which was stored when the task came to an end or a pause, is about one that a landing has
/// overtaken since.
bool tells_earlier_end(const mechanic::task& t, const std::string& sentence);
/// The notice of such an end.
outgoing earlier_end_notice(reader l, const mechanic::task& t, const std::string& sentence);
/// The answer to a question, in as many messages as it needs; the buttons are under the last one.
std::vector<outgoing> answer_messages(reader l, const mechanic::task& t, const ending& how);

/// A settled task's verdict ("ready, unchecked", "needs a person"); for any other task, what it is doing.
std::string standing_words(reader l, const mechanic::task& t);
/// A line of a task's log: what was being done, or the state of this name (mechanic::name_of) that it came to.
std::string doing_line(reader l, const mechanic::progress& p);
std::string state_line(reader l, std::string_view state, int attempt, int round);
/// What happened and what to do next.
styled verdict_sentence(reader l, const mechanic::task& t);

} // namespace persais::telegram
