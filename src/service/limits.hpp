#pragma once
#include <chrono>
#include <cstddef>

/// Limits of service/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto progress_every = 1s;                       // at most one line of git's progress within this time
inline constexpr int chat_diff_tries = 3;                        // attempts, when the git that reads the diff is killed
inline constexpr int replies_kept = 20;                          // replies to one task that wait for their turn
inline constexpr int person_waiting = 50;                        // tasks of one person that no worker has begun
inline constexpr std::size_t api_token_name_characters = 64;     // of a token of the HTTP API
inline constexpr int listed_at_once = 200;                       // tasks that are read at once for a list of the API
inline constexpr int list_reads = 10;                            // such reads for one page, when most are of others
inline constexpr std::size_t model_name_bytes = 200;             // of a model that is chosen
inline constexpr int repository_parallel = 1000;                 // most tasks of one repository at once that can be set
inline constexpr std::size_t repository_list = 100;              // patterns, or models, of one setting of a repository
inline constexpr std::size_t repository_value_bytes = 32 * 1024; // of one setting, token or variable
inline constexpr std::size_t repository_variables = 100;         // of a repository's environment
inline constexpr std::size_t repository_variable_least_bytes = 8; // of its value: shorter ones are words
inline constexpr std::size_t forge_title_characters = 300;   // of an issue's title, or the name of a check, in an order
inline constexpr std::size_t forge_quoted_characters = 6000; // of an issue's text, in the order of a comment there
inline constexpr std::size_t forge_red_named = 20;           // checks, in the order to mend them
inline constexpr std::size_t forge_answer_bytes = 32 * 1024; // of what is told at a forge
inline constexpr std::size_t repository_detail_characters = 200; // of a changed setting, in the audit

} // namespace persais::limits
