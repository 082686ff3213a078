#pragma once
#include "base/json.hpp"
#include "telegram/dialog/instruction.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/update_context.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

// A question of ours waits for its answer: what a conversation `expects`, as JSON, is that of one person and for a
// limited time (limits::expects_for).

/// `what`: wish, ask, repo; `more` is kept with it.
std::string expected(const update_context& t, std::string_view what, boost::json::object more = {});

/// What this person was asked and has not answered; nullopt: nothing. The word, and what was kept.
struct expectation {
    std::string what;
    boost::json::object kept;
};
std::optional<expectation> expectation_of(const update_context& t);

/// An instruction that waits for its repository.
std::string expected_instruction(const update_context& t, const instruction& said);
std::optional<instruction> kept_instruction(const expectation& e);

} // namespace persais::telegram
