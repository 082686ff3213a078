#pragma once
#include "base/secret.hpp"
#include "forge/place.hpp"
#include "http/client.hpp"

#include <functional>
#include <memory>

namespace persais::forge {

/// What a forge says of a token and of the repository. A forge that says nothing of a thing leaves it empty.
struct rights {
    std::string scopes;           // of the token: "repo, workflow"
    std::string expires;          // of the token, as the forge writes it: a date, mostly with a time after it
    std::optional<bool> may_push; // to the repository, by the token's scopes and its person's role
    bool archived = false;
    std::string default_branch;
};

/// Why there is no answer.
struct refusal {
    enum class kind {
        unreached,     // no answer came
        wrong_token,   // it is unknown, expired or revoked
        no_repository, // there is none for this token, or what came is no answer of this API
    };
    kind what;
    std::string sentence; // of `unreached`: why, with the host and without the token
    int status = 0;       // else: the answer's
};
template <class T>
using answer = result<T, refusal>;

/// The API of one forge, for one repository and one token. One executor.
class client {
public:
    virtual ~client() = default;
    virtual awaitable<answer<rights>> look() = 0;
    /// Whether pushes to a branch are restricted; a branch that is not there is not protected.
    virtual awaitable<answer<bool>> is_protected(std::string branch) = 0;
};

/// Fetches one answer; doctor's looks at its Date as well.
using fetcher = std::function<awaitable<result<http::fetched, http::fetch_error>>(http::fetch_spec)>;

} // namespace persais::forge
