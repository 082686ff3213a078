#pragma once
#include "doctor/database.hpp"
#include "doctor/limits.hpp"
#include "sandbox/sandbox.hpp"

namespace persais::doctor {

/// What of this machine forbids namespaces, as far as it tells.
struct restraints {
    bool ordinary = false;  // not root
    bool container = false; // whose switches are the machine's
    bool apparmor = false;  // kernel.apparmor_restrict_unprivileged_userns
    bool debian = false;    // kernel.unprivileged_userns_clone is off
    bool none = false;      // user.max_user_namespaces is 0
};
/// What to change so that bubblewrap, which failed with `why`, works.
std::string sandbox_advice(const std::string& why, const restraints& here);

/// `sandbox`: the isolation level that holds here, and when none does what to change on this kind of machine.
finding judge_sandbox(const sandbox::choice& chosen, const config::settings& s);

/// `agent`: aider's version in its environment, and whether all that the wrapper uses of it can be imported.
awaitable<finding> probe_agent(subject& of);

/// `answer`: asks the agent a small question, confined as a task is and through our own gateway, with the model that is
/// set. Spends at most limits::doctor_answer_cents. The call is counted in the database's books when it has them, else
/// in those of an embedded server that lives for the moment. `confine` and `books` outlive it.
awaitable<finding> probe_answer(subject& of, const sandbox::backend& confine, const database_seen& books);

} // namespace persais::doctor
