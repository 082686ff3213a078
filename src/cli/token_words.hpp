#pragma once
#include "queue/api_tokens.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// A line for each token, for people.
std::string token_words(const std::vector<queue::api_token>& all, time_point now);
/// A line of `persais token list --json`.
boost::json::object token_json(const queue::api_token& one);

} // namespace persais::cli
