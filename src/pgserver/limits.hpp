#pragma once
#include <chrono>
#include <cstddef>

/// Limits of pgserver/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto embedded_start = 60s; // of our own server: initdb, start, recovery after a crash
inline constexpr auto embedded_stop = 20s;  // fast shutdown; after it, immediate shutdown
inline constexpr auto embedded_poll = 10ms; // between two looks at a lock or a server that starts
inline constexpr auto embedded_watch = 1s;  // between two looks at a server whose process cannot be seen
inline constexpr auto embedded_again = 1s;  // before a server that does not start is started again; doubles
inline constexpr auto embedded_again_most = 10s;
inline constexpr std::size_t embedded_segment_bytes = 16 * 1024 * 1024; // a server that starts may need so much disk
inline constexpr std::size_t embedded_words_bytes = 2000;      // of the server's log, told when it does not start
inline constexpr std::size_t embedded_log_bytes = 1024 * 1024; // at a start, a longer log is put aside (one is kept)

} // namespace persais::limits
