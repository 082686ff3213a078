#pragma once
#include "base/secret.hpp"
#include "forge/place.hpp"
#include "http/client.hpp"

#include <functional>
#include <memory>

namespace persais::forge {

/// What a forge says about a token and the repository. What a forge does not say is left empty.
struct rights {
    std::string scopes;           // the token's: "repo, workflow"
    std::string expires;          // the token's, as the forge writes it: a date, mostly with a time after it
    std::optional<bool> may_push; // whether the token's scopes and its person's role allow a push
    std::string renamed;          // "owner/name" where that is another one now
    bool archived = false;
    std::string default_branch;
};

/// Why there is no answer.
struct refusal {
    enum class kind {
        unreached,     // no answer came
        wrong_token,   // the token is unknown, expired or revoked
        no_repository, // this token sees none, or the response is no answer of this API
    };
    kind what;
    std::string sentence; // for `unreached`: why, with the host and without the token
    int status = 0;       // for the others: the response's status
};
template <class T>
using answer = result<T, refusal>;

/// The API of one forge, for one repository and one token. Used from one executor.
class client {
public:
    virtual ~client() = default;
    /// What the token may do to the repository.
    virtual awaitable<answer<rights>> look() = 0;
    /// Whether pushes to a branch are restricted; a branch that does not exist is not protected.
    virtual awaitable<answer<bool>> is_protected(std::string branch) = 0;
};

/// Fetches one response. The fetcher of `persais doctor` reads its Date as well.
using fetcher = std::function<awaitable<result<http::fetched, http::fetch_error>>(http::fetch_spec)>;

} // namespace persais::forge
