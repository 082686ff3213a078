#pragma once
#include "doctor/subject.hpp"

namespace persais::doctor {

// Each probe examines one thing and returns what it found. None throws because of what it finds, and none changes
// anything beyond what its comment says; the caller sets the deadline (examine() does). `of` outlives them.

/// The settings: notes about them, and the names of secrets that are set.
finding probe_settings(const subject& of);
/// PERSAIS_DATA is writable or can be made, belongs to nobody else, and has room. Does not make it.
finding probe_data(const subject& of);
/// Why the data folder, which is not there yet, cannot be made; empty: it can, or it is there.
std::string why_no_folder(const std::filesystem::path& data);
/// Memory within the limits of this container, and the number of tasks that fit.
finding probe_memory(const subject& of);
/// Our clock compared with those that the other probes saw, so it has to run last.
finding probe_clock(const subject& of);

/// PORT: free, or a service of ours answers /health there.
awaitable<finding> probe_port(subject& of);
/// METRICS_ADDRESS: free, or a service of ours answers there.
awaitable<finding> probe_metrics(subject& of);

/// `model`: listed by the endpoint, its price and context window.
awaitable<finding> probe_model(subject& of);
/// `key`: accepted by the endpoint, and its remaining credit.
awaitable<finding> probe_key(subject& of);

/// `telegram`: the bot that the token belongs to, and the state of its webhook.
awaitable<finding> probe_telegram(subject& of);

/// `remote` (read), `push` (a dry run, which leaves nothing there).
awaitable<findings> probe_remote(subject& of);
/// `signing`, when there is a GIT_SIGNING_KEY: a signature is made with it and verified.
awaitable<findings> probe_signing(subject& of);
/// `token`: what the forge says that the token may do. It is sent to the forge of GIT_REMOTE_URL and nowhere else.
awaitable<finding> probe_token(subject& of);

} // namespace persais::doctor
