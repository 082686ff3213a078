#pragma once
#include "doctor/subject.hpp"

namespace persais::doctor {

// Each looks at one thing and says what it found. None throws for what it finds, none changes anything beyond what its
// comment says; a deadline is the caller's to set (examine() does). `of` outlives them.

/// What the settings say of themselves: notes, secrets that are set (their names).
finding probe_settings(const subject& of);
/// PERSAIS_DATA can be written, is nobody else's, has room. Makes the folder when it is not there.
finding probe_data(const subject& of);
/// Memory within the limits of this container; how many tasks that is.
finding probe_memory(const subject& of);
/// Our clock beside those that the other probes saw: run it last.
finding probe_clock(const subject& of);

/// PORT: free, or one of ours answers /health there.
awaitable<finding> probe_port(subject& of);
/// METRICS_ADDRESS: free, or one of ours answers there.
awaitable<finding> probe_metrics(subject& of);

/// `model`: listed by the endpoint, its price and window.
awaitable<finding> probe_model(subject& of);
/// `key`: accepted by the endpoint, what is left on it.
awaitable<finding> probe_key(subject& of);

/// `telegram`: whose token it is, and how its webhook fares.
awaitable<finding> probe_telegram(subject& of);

/// `remote` (read), `push` (a dry run, which leaves nothing there).
awaitable<findings> probe_remote(subject& of);
/// `token`: what the forge says that it may do. Sent to the forge of GIT_REMOTE_URL and nowhere else.
awaitable<finding> probe_token(subject& of);

} // namespace persais::doctor
