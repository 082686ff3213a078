#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace persais::mechanic {

/// What is being done for a task now. Each front end has its own text for a kind, chosen by a switch that names every
/// kind, so that a new kind does not compile until each front end has a text for it.
struct progress {
    enum class kind {
        fetching,           // subject: the remote
        receiving,          // git's own progress line: "Receiving objects:  45% (9/20)"
        check_found,        // the command, and in brackets where it was found
        no_check_found,     // none
        agent_started,      // none
        reading_repository, // none
        no_repository_map,  // why
        asking_model,       // none
        waiting_for_model,  // none
        model_retry,        // why, and when the next attempt is: one or two sentences
        opening,            // files
        editing,            // a file
        edit_rejected,      // none
        answer_broke_off,   // none
        agent_repairs,      // the number of the round
        left_out,           // the path of a repository inside the repository
        lfs_left_out,       // the path of a file in LFS
        setting_up,         // the command, as in the next one
        setup_given_up,
        host_denied,   // a host that setup asked for and may not reach, with its port
        checking_base, // the command, as in the next one
        checking,
        history_cut,  // how many commits the trees show of a history that is too large to be given whole
        large_copies, // the size of the copy for each run of the checks: "3.1 GiB"
        pushing,      // the branch
        watching,     // what was seen of a deployment: a sentence
        requesting,   // what is done, or waited for, at the forge: a sentence
        other         // a whole sentence, from an agent with kinds that are unknown to us
    };
    kind what = kind::other;
    std::string subject = {};
    bool operator==(const progress&) const = default;
};

/// The kind's name, as it stands in the log of a task; nullopt: one of a newer version.
std::string_view name_of(progress::kind what);
std::optional<progress::kind> progress_kind_from(std::string_view name);

/// One line of English, as the command line shows it: "editing src/parser.py".
std::string to_string(const progress& p);

} // namespace persais::mechanic
