#pragma once
#include "doctor/database.hpp"
#include "doctor/limits.hpp"
#include "sandbox/sandbox.hpp"

namespace persais::doctor {

/// What forbids namespaces on this machine, as far as can be seen.
struct restraints {
    bool ordinary = false;  // the user is not root
    bool container = false; // its switches are set on the host
    bool apparmor = false;  // kernel.apparmor_restrict_unprivileged_userns
    bool debian = false;    // kernel.unprivileged_userns_clone is off
    bool none = false;      // user.max_user_namespaces is 0
};
/// What to change so that bubblewrap, which failed with `why`, works.
std::string sandbox_advice(const std::string& why, const restraints& here);

/// `sandbox`: the isolation level that works here, and when none does what to change on this kind of machine; and, when
/// it is set, why no agent can be kept ready (`no_clones`, sandbox::why_no_clones).
finding judge_sandbox(const sandbox::choice& chosen, const std::string& no_clones, const config::settings& s);

/// `trees`: how the trees of tasks are made on this machine.
awaitable<finding> probe_trees(subject& of, const sandbox::choice& chosen);

/// `network`: whether setup can be given a network of its own, and through which proxy of this machine's network
/// it goes. Asks nobody outside.
awaitable<finding> probe_setup_network(subject& of, const sandbox::choice& chosen);

/// `agent`: aider's version in its environment, and whether everything that the wrapper uses of it can be imported.
awaitable<finding> probe_agent(subject& of);

/// `answer`: asks the agent a small question, confined as in a task and through our own gateway, with the model that is
/// set. Spends at most limits::doctor_answer_cents. The call is counted in the database's ledger when it has one, else
/// in that of a temporary embedded server. `confine` and `books` outlive it.
awaitable<finding> probe_answer(subject& of, const sandbox::backend& confine, const database_seen& books);

} // namespace persais::doctor
