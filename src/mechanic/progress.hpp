#pragma once
#include <string>

namespace persais::mechanic {

/// What is being done for a task just now. Each front has its own words for a kind; where it chooses them, a switch
/// names every kind, so that a new one does not compile until each front has decided.
struct progress {
    enum class kind {
        fetching,           // subject: the remote
        receiving,          // git's own line of how far it is: "Receiving objects:  45% (9/20)"
        check_found,        // the command, and in brackets where it was found
        no_check_found,     // none
        agent_started,      // none
        reading_repository, // none
        no_repository_map,  // why
        asking_model,       // none
        waiting_for_model,  // none
        model_retry,        // why, and when the next try is: one or two sentences
        opening,            // files
        editing,            // a file
        edit_rejected,      // none
        answer_broke_off,   // none
        agent_repairs,      // the number of the round
        left_out,           // the path of a repository inside the repository
        setting_up,         // the command, as in the next three
        setup_given_up,
        checking_base,
        checking,
        large_copies, // how much each run of the checks copies: "3.1 GiB"
        pushing,      // the branch
        other         // a whole sentence: what an agent says that knows more kinds than we do
    };
    kind what = kind::other;
    std::string subject = {};
    bool operator==(const progress&) const = default;
};

/// One line of English, as the command line shows it: "editing src/parser.py".
std::string to_string(const progress& p);

} // namespace persais::mechanic
