#pragma once
#include "backup/broken.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Files as the program `age` writes them (age-encryption.org/v1, X25519), so that a backup can be opened without
/// Persais. What is encrypted stands in chunks of 64 KiB, each with its number and the last one marked: one that is
/// missing, changed, or in another place is found.
namespace persais::backup {

/// Encrypts what is written to it.
class age_writer {
public:
    using sink = std::function<void(std::string_view)>;
    /// `key`: the bytes of an age key (base/age_key.hpp).
    age_writer(const secret& key, sink out);
    void write(std::string_view plain);
    /// Writes the last chunk; without it the file is cut off.
    void finish();

private:
    void put_chunk(std::string_view plain, bool last);
    sink out_;
    secret key_; // of what is encrypted
    std::uint64_t chunk_ = 0;
    std::string held_;
};

/// Decrypts a file piece by piece; throws broken. Nothing that it returned is false, but only after its end is it known
/// that nothing was cut off.
class age_reader {
public:
    /// Returns the next bytes, at most so many; empty: there are none.
    using source = std::function<std::string(std::size_t most)>;
    age_reader(const secret& key, source in);
    /// The next bytes, at most so many; empty at the true end.
    std::string read(std::size_t most);

private:
    std::string read_line();
    std::string take(std::size_t count);
    void next_chunk();
    source in_;
    secret key_;
    std::string raw_;   // read, and not used yet
    std::string plain_; // decrypted, and not returned yet
    std::size_t given_ = 0;
    std::uint64_t chunk_ = 0;
    bool last_ = false;
};

} // namespace persais::backup
