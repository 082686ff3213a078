#pragma once
#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::backup {

/// A file of a backup.
struct part {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256; // in hex
    bool operator==(const part&) const = default;
};

/// Work that stood in a mirror and nowhere else.
struct saved_work {
    std::string file; // a bundle of git, among the parts
    std::string remote;
    bool operator==(const saved_work&) const = default;
};

/// Work that could not be saved.
struct lost_work {
    std::string remote;
    std::string why; // a sentence
    bool operator==(const lost_work&) const = default;
};

/// What a backup says about itself: the first file in it.
struct manifest {
    std::string version; // of the Persais that made it
    time_point made;     // what it holds was read then
    int schema = 0;      // the step of the tables
    std::string server;  // the version of PostgreSQL
    std::int64_t newest_task = 0;
    std::vector<part> parts;
    std::vector<saved_work> work;
    std::vector<lost_work> lacks;
    bool operator==(const manifest&) const = default;
};

inline constexpr std::string_view manifest_file = "manifest.json", dump_file = "database.dump";
inline constexpr std::string_view master_key_file = "master.key";

std::string to_json(const manifest& of);
/// An error says that it is none, in one sentence.
result<manifest> read_manifest(std::string_view json);

/// The name of a backup's file, by which it is listed: persais-20261130T191502Z-3f9a.age; and when it was made. The
/// letters tell two of the same second apart.
std::string name_of(time_point made, std::string_view letters);
std::optional<time_point> time_in(std::string_view name);

/// "2026-11-30T19:15:02Z"
std::string moment(time_point at);

} // namespace persais::backup
