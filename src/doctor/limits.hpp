#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of doctor/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto doctor_probe = 40s;                 // for one probe of `persais doctor`
inline constexpr auto doctor_database = 12s;              // doctor's wait for an unreachable or starting database
inline constexpr auto doctor_pool_hold = 250ms;           // doctor keeps each connection of the pool busy
inline constexpr auto doctor_answer = 60s;                // for aider's answer to doctor's question
inline constexpr std::int64_t doctor_answer_tokens = 200; // of that answer
inline constexpr int doctor_answer_cents = 5;             // reserved for that answer at most; it costs a tenth of it
inline constexpr std::size_t doctor_answer_bytes = 1024 * 1024;                    // of an API's answer
inline constexpr std::uint64_t doctor_disk_least_bytes = 256UL * 1024 * 1024;      // with less free, doctor fails
inline constexpr std::uint64_t doctor_disk_tight_bytes = 2UL * 1024 * 1024 * 1024; // with less free, doctor warns
inline constexpr auto doctor_clock_skew = 30s;              // difference to another clock at which doctor warns
inline constexpr auto doctor_expiry_near = 7 * 24h;         // before a token, key or model expires: doctor warns
inline constexpr auto doctor_error_recent = 1h;             // age of Telegram's last failed delivery that counts
inline constexpr int doctor_credit_low_cents = 100;         // with less credit left, doctor warns
inline constexpr std::size_t doctor_names = 5;              // names that are similar to an unknown model
inline constexpr auto doctor_git = 10s;                     // one command of git about the folder of the .env
inline constexpr std::size_t init_answer_bytes = 16 * 1024; // of a typed or pasted answer

} // namespace persais::limits
