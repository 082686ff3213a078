#pragma once
#include "telegram/api/methods.hpp"
#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/render.hpp"

/// The answers to commands. Pure.
namespace persais::telegram {

/// Which task lands on a repository just now, and which wait for that in their order.
struct lane_line {
    std::string repository; // its short name
    std::optional<task_id> has;
    std::vector<task_id> waiting;
};

/// A task whose deployment waits for more people to agree.
struct approvals_line {
    task_id task;
    std::string repository; // its short name
    int approvals = 0;
    int needed = 0;
};

/// What /status shows.
struct service_status {
    std::string version;
    std::chrono::seconds up{0};
    std::string sandbox; // a word or two about the sandbox; empty: there is none
    int running = 0;
    int queued = 0;
    int waiting = 0;
    double spent_today_usd = 0;
    double day_budget_usd = 0; // 0: none
    std::string repository;    // the short name of this conversation's repository
    std::string model;
    double task_budget_usd = 0;
    bool paused = false; // an admin stopped all spending
    std::vector<lane_line> lanes;
    std::vector<approvals_line> approvals = {};
    std::optional<std::chrono::seconds> backup_age = {}; // of the newest good one; nullopt: none is known
    std::string backup_size = {};                        // "1.2 MB"
    bool backup_failed = false;                          // there was a try since, in vain
    std::vector<mechanic::task> errors;                  // that failed or need a person, the newest first
};
outgoing status_message(reader l, const service_status& s);

/// One line of /tasks.
struct task_line {
    mechanic::task task;
    bool abort_wished = false;
};
/// The tasks in the order given, each with a row of buttons.
outgoing tasks_message(reader l, const std::vector<task_line>& all);

/// A person who was let in, as stored: names are what others wrote.
struct person_line {
    std::int64_t id = 0;
    std::string name;
    std::string by; // the admin who decided it; may be empty
};
/// The answer to /people. `all`: how many there are, of whom `newest` are listed, each with a button.
outgoing people_message(reader l, const std::vector<person_line>& newest, int all);
/// A name that somebody wrote, made safe to show (shown.hpp); a word for none when nothing of it can be seen.
std::string name_shown(std::string_view name);

/// What a person may do. In a group it also says how to address the bot there.
outgoing help_message(reader l, bool admin, bool group);
/// The commands that setMyCommands gets.
std::vector<command_help> command_menu(reader l, bool admin);

/// A diff of at most limits::telegram_diff_units; nullopt: it is sent as a file, with diff_caption under it. `size` and
/// `commit` belong to the diff that is shown. Characters that a client would hide or reorder are spelled out
/// (shown.hpp).
std::optional<outgoing> diff_message(reader l, task_id of, const mechanic::diff_size& size, const std::string& commit,
                                     std::string_view diff);
styled diff_caption(reader l, task_id of, const std::string& commit);

/// A log of at most limits::telegram_diff_units; nullopt: it is sent as a file, with log_caption under it.
std::optional<outgoing> log_message(reader l, task_id of, std::string_view log);
styled log_caption(reader l, task_id of);

} // namespace persais::telegram
