#pragma once
#include "ops/database.hpp"
#include "sandbox/sandbox.hpp"

namespace persais::ops {

/// `sandbox`: the rung that holds here, and when none does what to change on this kind of machine.
finding judge_sandbox(const sandbox::choice& chosen, const config::settings& s);

/// `agent`: aider's version in its environment, and whether all that the wrapper uses of it can be imported.
awaitable<finding> probe_agent(subject& of);

/// `answer`: asks the agent a small question, confined as a task is and through our own gateway, with the model that is
/// set. Spends at most limits::doctor_answer_cents. The call is counted in the database's books when it has them, else
/// in those of an embedded server that lives for the moment. `confine` and `books` outlive it.
awaitable<finding> probe_answer(subject& of, const sandbox::ladder& confine, const database_seen& books);

} // namespace persais::ops
