#pragma once
#include "base/async.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace persais::backup {

/// A backup as it is stored.
struct stored {
    std::string name;
    std::uint64_t bytes = 0;
};

/// Where backups are: a folder, or a store that speaks S3. An error is one sentence, which never shows a key.
class place {
public:
    virtual ~place() = default;
    /// The backups that are there, and nothing else, the newest first.
    virtual awaitable<result<std::vector<stored>>> list() = 0;
    /// Stores a file under this name, whole or not at all.
    virtual awaitable<result<void>> put(std::filesystem::path file, std::string name) = 0;
    /// Copies a backup into a new file.
    virtual awaitable<result<void>> get(std::string name, std::filesystem::path to) = 0;
    virtual awaitable<result<void>> remove(std::string name) = 0;
    /// How people call it: "/var/backups", "s3://bucket/prefix".
    virtual std::string shown() const = 0;
};

/// `url`: BACKUP_URL. `ca_file`: SSL_CERT_FILE. An error is one sentence.
result<std::unique_ptr<place>> open_place(const asio::any_io_executor& executor, const secret& url,
                                          std::string ca_file);

/// Sorts by the time in the name, and drops what is no backup.
std::vector<stored> newest_first(std::vector<stored> all);

} // namespace persais::backup
