#pragma once
#include "base/secret.hpp"
#include "queue/api_tokens.hpp"
#include "service/caller.hpp"

/// The rules about tokens of the HTTP API. All throw store::db_error.
namespace persais::service {

struct wished_token {
    std::string name;
    std::vector<std::string> scopes;         // their words
    std::optional<std::int64_t> person = {}; // nullopt: it acts as the terminal
    std::optional<std::chrono::seconds> valid = {};
    std::string by;
};
struct made_token {
    std::int64_t id = 0;
    secret token; // shown once: only its digest is kept
};
/// Refused for a person without any right, and for what can be no name, scope or time.
awaitable<answer<made_token>> make_api_token(store::pool& db, const config::settings& settings, wished_token what);

/// Whether it could be a token, so that anything else is refused without asking the database.
bool has_form_of_api_token(std::string_view text);
/// Who shows this token; nullopt: it is none, has expired or was revoked, or its person has no right any more.
awaitable<std::optional<caller>> caller_with(store::pool& db, const config::settings& settings, secret shown);

} // namespace persais::service
