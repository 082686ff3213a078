#pragma once
#include "base/clock.hpp"
#include "base/result.hpp"
#include "forge/client.hpp"

#include <string>

namespace persais::forge {

/// A GitHub App as which Persais works: its number or client id, and its private key (PEM).
struct github_app {
    std::string id;
    secret key;
};

/// What the App signs its requests for tokens with (a JWT, RS256), good for some minutes. An error: what is wrong with
/// the key, in a sentence that does not hold it.
result<secret> app_signature(const github_app& app, time_point now);

/// A token of the App for one repository.
struct app_token {
    secret token;
    time_point expires;
};
/// `lasting`: asking again is of no use until somebody changes something.
struct no_app_token {
    std::string sentence;
    bool lasting = false;
};
awaitable<result<app_token, no_app_token>> obtain_app_token(place at, github_app app, time_point now, fetcher fetch);

} // namespace persais::forge
