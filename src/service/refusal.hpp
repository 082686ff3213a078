#pragma once
#include "base/result.hpp"

#include <string>

namespace persais::service {

/// Why a request is refused. A front that has phrases of its own (a chat) chooses one by `why`; the others show the
/// sentence.
struct refusal {
    enum class reason {
        empty,          ///< an instruction, or a question, without words
        not_text,       ///< not valid UTF-8
        too_long,       ///< over limits::instruction_bytes
        no_repository,  ///< none was named, and GIT_REMOTE_URL is not set
        bad_remote,     ///< an address that git may not be given
        no_task,        ///< there is none with this number
        not_yours,      ///< it is another person's
        admins_only,    ///
        under_way,      ///< it has to end first
        ended,          ///< it has ended already
        no_answer,      ///< it is no question that was answered
        bad_budget,     ///< no number of dollars
        enough_already, ///< the task may spend that much already
        over_day,       ///< more than BUDGET_DAY_USD
        too_many,       ///< limits::person_waiting tasks or limits::replies_kept replies wait already
    };
    reason why;
    std::string sentence; ///< one, in English, for the person
};

template <class T>
using answer = result<T, refusal>;

inline std::unexpected<refusal> refuse(refusal::reason why, std::string sentence) {
    return std::unexpected(refusal{why, std::move(sentence)});
}

} // namespace persais::service
