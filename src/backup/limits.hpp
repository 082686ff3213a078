#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of backup/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t backup_piece_bytes = 256 * 1024;     // read or written at once
inline constexpr std::size_t backup_manifest_bytes = 1024 * 1024; // of the list in a backup of what it holds
inline constexpr std::size_t backup_header_bytes = 64 * 1024;     // of an age file, before what is encrypted
inline constexpr auto backup_dump = 30min;                        // one pg_dump, one pg_restore
inline constexpr auto backup_most = 40min;                        // one backup, until another process may begin one
inline constexpr auto backup_tried_every = 24h;                   // a backup is restored into a server of its own
inline constexpr auto backup_after_failure = 1min;                // before another try, when the interval is shorter
inline constexpr int backup_niceness = 15;                        // of what dumps and tries, beyond that of each child
inline constexpr std::size_t s3_part_bytes = 8 * 1024 * 1024;     // sent at once; a larger file has several parts
inline constexpr std::size_t s3_parts = 10'000;                   // of one file, which is S3's own limit
inline constexpr std::size_t s3_answer_bytes = 4 * 1024 * 1024;   // of an answer that is no backup
inline constexpr std::size_t s3_words_bytes = 300;                // of a server's error, quoted to a person
inline constexpr int s3_pages = 1000;                             // of a list of files, 1,000 files each
inline constexpr auto backups_all = 1h;                           // so long each is kept
inline constexpr int backups_hourly = 24;                         // hours of which the newest backup is kept
inline constexpr int backups_daily = 7;                           // days
inline constexpr int backups_weekly = 4;                          // weeks

} // namespace persais::limits
