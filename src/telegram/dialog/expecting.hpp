#pragma once
#include "base/json.hpp"
#include "telegram/dialog/instruction.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/update_context.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

// A question of ours that waits for its answer. A conversation's column `expects` holds it as JSON; it is for one
// person, and for a limited time (limits::expects_for).

/// The JSON for such a question. `what`: wish, held, ask, repo; `more` is stored with it.
std::string expected(const update_context& t, std::string_view what, boost::json::object more = {});

/// What this person was asked and has not answered yet: the word, and what was stored with it; nullopt: nothing.
struct expectation {
    std::string what;
    boost::json::object kept;
};
std::optional<expectation> expectation_of(const update_context& t);

/// A command was given, so what was asked is not answered any more; but an instruction that is held (held.hpp) waits
/// on.
void forget_question(update_context& t);

/// The JSON for an instruction that waits: for the choice of its repository (wish), or for its person's word (held).
std::string expected_instruction(const update_context& t, std::string_view what, const instruction& said);
/// The instruction that waits for this; nullopt: there is none.
std::optional<instruction> kept_instruction(const update_context& t, std::string_view what);

} // namespace persais::telegram
