#pragma once
#include "base/result.hpp"

#include <string>

namespace persais::service {

/// Why a request is refused. A front end with its own phrases (a chat) chooses one by `why`; the others show the
/// sentence.
struct refusal {
    enum class reason {
        empty,          ///< an instruction or a question without text
        not_text,       ///< not valid UTF-8
        too_long,       ///< over limits::instruction_characters
        no_person,      ///< nobody is named so, or nobody was heard of who is
        last_admin,     ///< nobody could decide anything any more
        readers_only,   ///< the person may look at this repository's tasks and give none
        no_repository,  ///< none was named, and GIT_REMOTE_URL is not set
        bad_remote,     ///< an address that must not be passed to git
        no_task,        ///< no task has this number
        not_yours,      ///< the task belongs to another person
        admins_only,    ///
        not_a_deployer, ///< another person may deploy results of this repository
        own_work,       ///< who asked for a change may not deploy it
        no_factor,      ///< a code of an authenticator app is needed, and the person has none
        needs_code,     ///< a code is needed
        factor_there,   ///< an authenticator app is set up already
        factor_pause,   ///< too many wrong codes
        wrong_code,     ///<
        under_way,      ///< the task has to end first
        ended,          ///< the task has ended already
        not_landable,   ///< there is no result that could be deployed, or nothing deployed that could be rolled back
        has_result,     ///< an abort would put a result away that the person was not shown
        stale,          ///< the result is another commit than the one that was shown
        not_green,      ///< its checks are not green, and the extra word was not said
        not_held,       ///< the task holds no work back, or other work than was shown
        no_answer,      ///< the task is not a question that was answered
        bad_budget,     ///< not an amount in dollars
        enough_already, ///< the task may spend that much already
        over_day,       ///< more than BUDGET_DAY_USD
        unknown_repository, ///< none has this name
        repository_used,    ///< tasks of it are not done
        bad_setting,        ///< of a repository: its name or its value
        model_not_allowed,  ///< by the repository
        key_used,           ///< of an earlier request that asked for something else
        too_many,           ///< limits::person_waiting tasks or limits::replies_kept replies wait already
    };
    reason why;
    std::string sentence; ///< in English, for the person
};

template <class T>
using answer = result<T, refusal>;

inline std::unexpected<refusal> refuse(refusal::reason why, std::string sentence) {
    return std::unexpected(refusal{why, std::move(sentence)});
}

} // namespace persais::service
