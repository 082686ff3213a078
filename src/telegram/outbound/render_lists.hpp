#pragma once
#include "telegram/api/methods.hpp"
#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/render.hpp"

/// The answers to commands. Pure.
namespace persais::telegram {

/// Of /status.
struct service_status {
    std::string version;
    std::chrono::seconds up{0};
    std::string sandbox; // a word or two of how it confines; empty: it does not
    int running = 0;
    int queued = 0;
    int waiting = 0;
    spending today;
    double day_budget_usd = 0; // 0: none
    std::string repository;    // of this conversation, its short name; empty: none
    std::string model;
    double task_budget_usd = 0;
    struct error {
        std::chrono::seconds ago{0};
        std::string words;
    };
    std::vector<error> errors; // the newest first
};
outgoing status_message(language l, const service_status& s);

/// One line of /tasks.
struct task_line {
    mechanic::task task;
    std::chrono::seconds ago{0}; // since it was asked for
    double usd = 0;
    bool abort_wished = false;
};
/// The newest first; a button for each of the first few.
outgoing tasks_message(language l, const std::vector<task_line>& all);

/// What a person may do. In a group: how to speak to the bot there.
outgoing help_message(language l, bool admin, bool group);
/// For setMyCommands.
std::vector<command_help> command_menu(language l, bool admin);

/// A diff of at most limits::telegram_diff_units; nullopt: it goes as a file, with diff_caption under it. `commit`: the
/// one that is shown. What a client would hide or turn is spelled out (shown.hpp).
std::optional<outgoing> diff_message(language l, const mechanic::task& t, const std::string& commit,
                                     std::string_view diff);
styled diff_caption(language l, const mechanic::task& t, const std::string& commit);

/// As many of the last lines of a log as fit; `whole`: all of them did.
struct log_shown {
    outgoing message;
    bool whole = true;
};
log_shown log_message(language l, const mechanic::task& t, std::string_view log);
styled log_caption(language l, const mechanic::task& t);

/// A choice of one among several: labels with what they choose, at most two in a row.
button_rows choice(action what, const std::vector<std::pair<std::string, std::string>>& labels_and_arguments);

} // namespace persais::telegram
