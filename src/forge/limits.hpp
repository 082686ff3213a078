#pragma once
#include <chrono>
#include <cstddef>

/// Limits of forge/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t forge_json_depth = 32;      // of a response
inline constexpr std::size_t forge_words_bytes = 300;    // of a forge's own words, told to a person
inline constexpr std::size_t forge_name_bytes = 80;      // of the name of a check or a reviewer
inline constexpr int forge_pages = 10;                   // of a list, of 100 each
inline constexpr int forge_redirects = 3;                // of one request, on the same host
inline constexpr std::size_t forge_remembered = 64;      // answers to what is asked again and again
inline constexpr auto forge_retry_default = 60s;         // when a forge says "too many" and not how long
inline constexpr auto forge_retry_most = 3600s;          // that a forge can ask for
inline constexpr auto forge_looks_overlap = 120s;        // of two looks at what is new, because lists are late
inline constexpr std::size_t forge_delivery_bytes = 200; // of the id of a webhook's call
inline constexpr auto app_signature_back = 60s;          // that a GitHub App's signature counts from before it was made
inline constexpr auto app_signature_life = 540s;         // until it counts no more; GitHub takes 10 minutes at most

} // namespace persais::limits
