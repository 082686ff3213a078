#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of egress/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t egress_connections = 32; // of one setup at once; others wait to be accepted
inline constexpr int egress_accepts = 200;            // connections of one setup in a second; others wait
inline constexpr int egress_names_a_second = 500;     // queries for names of one setup; others are dropped
inline constexpr std::size_t egress_names = 4096;     // of hosts that one setup looks up
inline constexpr std::size_t egress_denied = 20;      // hosts that were denied, told of one setup
inline constexpr std::uint64_t egress_bytes = 16UL * 1024 * 1024 * 1024; // of one setup in all, both ways
inline constexpr std::size_t egress_piece_bytes = 64 * 1024;  // of a connection, read and not yet sent, in each way
inline constexpr std::size_t egress_head_bytes = 32 * 1024;   // of a request to the proxy, or of an answer to one
inline constexpr auto egress_head = 20s;                      // from the connection to the end of its request
inline constexpr auto egress_idle = 120s;                     // of a connection without a byte either way
inline constexpr auto egress_last = 5s;                       // of a connection after the last byte to its client
inline constexpr std::size_t egress_last_bytes = 1024 * 1024; // that the client sends meanwhile
inline constexpr std::size_t egress_query_bytes = 1500; // of a query for a name; a larger one is cut, and then is none
inline constexpr auto egress_query_trouble = 10ms;      // until queries are read again after an error
inline constexpr auto egress_trouble = 1s;              // until connections are accepted again after an error
inline constexpr auto egress_look = 5s;                 // between two looks for idle connections
inline constexpr auto egress_lookup = 15s;              // of a name
inline constexpr auto egress_name_kept = 60s;           // the addresses of a name
inline constexpr auto egress_connect = 15s;             // to one address of a host
inline constexpr std::size_t egress_addresses = 6;      // of a host, tried

} // namespace persais::limits
