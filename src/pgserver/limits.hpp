#pragma once
#include <chrono>
#include <cstddef>

/// Limits of pgserver/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto embedded_start = 60s; // for starting the embedded server: initdb, start, recovery after a crash
inline constexpr auto embedded_stop = 20s;  // for a fast shutdown; after it comes an immediate shutdown
inline constexpr auto embedded_poll = 10ms; // between two checks of a lock or of a server that starts
inline constexpr auto embedded_watch = 1s;  // between two checks of a server whose process is not visible
inline constexpr auto embedded_again = 1s;  // before the retry of a failed start; doubles
inline constexpr auto embedded_again_most = 10s;
inline constexpr std::size_t embedded_segment_bytes = 16 * 1024 * 1024; // disk space that a starting server may need
inline constexpr std::size_t embedded_words_bytes = 2000;      // of the server's log, quoted when it does not start
inline constexpr std::size_t embedded_log_bytes = 1024 * 1024; // a longer log is rotated at a start (one is kept)

} // namespace persais::limits
