#pragma once
#include "forge/place.hpp"
#include "mechanic/progress.hpp"
#include "mechanic/task.hpp"
#include "telegram/api/say.hpp"
#include "telegram/outbound/outgoing.hpp"

#include <chrono>

/// Tasks as messages. Pure: what is not in the task is given.
namespace persais::telegram {

struct spending {
    double usd = 0;
    bool estimated = false; // an endpoint gave no cost somewhere
    int calls = 0;
    bool operator==(const spending&) const = default;
};
/// "$0.0111", "about $0.0111", "price unknown".
std::string cost_words(language l, const spending& s);

/// What is known of a task under way beside its row.
struct live {
    std::string repository;                  // its short name
    int ahead = -1;                          // tasks that come before it; -1: unknown
    std::optional<mechanic::progress> doing; // the newest; nullopt: none yet
    std::chrono::seconds elapsed{0};
    std::chrono::seconds again_in{0}; // until it is tried again or may start
    spending cost;
    bool abort_wished = false;
    bool unsafe = false; // no sandbox holds the task: shown on every message
};

/// Where a task stands. Ends with the time, so that two of the same stage differ in their last line only.
outgoing progress_message(language l, const mechanic::task& t, const live& now);

struct file_change {
    std::string path;
    int insertions = 0;
    int deletions = 0;
    bool binary = false;
};

/// What is known of a settled task beside its row.
struct ending {
    std::string repository;
    std::optional<forge::place> web; // where its branches have pages
    std::vector<file_change> files;  // empty: only how many is said
    std::chrono::seconds took{0};
    spending cost;
    bool unsafe = false;
};

/// The result of a settled task: verdict, what changed, checks, cost, branch. Fits into one message.
outgoing result_message(language l, const mechanic::task& t, const ending& how);
/// The same of a turn that another one followed: what it came to, with nothing to press that acts on the task of now.
outgoing overtaken_message(language l, const mechanic::task& t, const ending& how);
/// One short line that tells that it is done: the edit of the progress message makes no sound.
outgoing done_notice(language l, const mechanic::task& t);
/// The answer to a question, in as many messages as it takes; the buttons are under the last one.
std::vector<outgoing> answer_messages(language l, const mechanic::task& t, const ending& how);

/// "ready, unchecked", "needs a person": of a settled task, else what it does.
std::string standing_words(language l, const mechanic::task& t);
/// What happened and what to do next.
styled verdict_sentence(language l, const mechanic::task& t);

} // namespace persais::telegram
