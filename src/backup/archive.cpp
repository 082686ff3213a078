#include "backup/archive.hpp"

#include "backup/age.hpp"
#include "backup/limits.hpp"
#include "backup/tar.hpp"
#include "base/encoding.hpp"

#include <algorithm>
#include <fcntl.h>
#include <memory>
#include <set>
#include <system_error>
#include <unistd.h>

#include <openssl/evp.h>

namespace persais::backup {

namespace fs = std::filesystem;

namespace {

/// A file that is read or written from its beginning. Throws system_error with its name.
class plain_file {
public:
    plain_file(const fs::path& at, int flags) : name_(at.string()), fd_(::open(at.c_str(), flags | O_CLOEXEC, 0600)) {
        if (fd_ < 0) fail();
    }
    ~plain_file() {
        if (fd_ >= 0) ::close(fd_);
    }
    plain_file(const plain_file&) = delete;

    std::string read(std::size_t most) {
        std::string bytes(most, '\0');
        ssize_t n = -1;
        do
            n = ::read(fd_, bytes.data(), bytes.size());
        while (n < 0 && errno == EINTR);
        if (n < 0) fail();
        bytes.resize(static_cast<std::size_t>(n));
        return bytes;
    }
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            auto n = ::write(fd_, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) fail();
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    void sync() {
        if (::fsync(fd_) != 0) fail();
    }

private:
    [[noreturn]] void fail() const { throw std::system_error(errno, std::generic_category(), name_); }
    std::string name_;
    int fd_;
};

class digest {
public:
    digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
            throw std::runtime_error("OpenSSL refuses SHA-256");
    }
    void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    std::string hex() {
        std::string sum(32, '\0');
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(sum.data()), nullptr);
        return to_hex(sum);
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

void look(const stop_flag& stop) {
    if (stop) throw stopped();
}

/// Exactly so many bytes of what is encrypted, or fewer where it ends.
std::string exactly(age_reader& in, std::size_t count) {
    std::string all;
    while (all.size() < count) {
        auto piece = in.read(count - all.size());
        if (piece.empty()) break;
        all += piece;
    }
    return all;
}

/// nullopt: the end.
std::optional<tar_entry> next_entry(age_reader& in) {
    bool wrong = false;
    auto entry = read_tar_header(exactly(in, 512), wrong);
    if (wrong) throw broken(broken::how::no_backup);
    return entry;
}

manifest read_first(age_reader& in) {
    auto first = next_entry(in);
    if (!first || first->name != manifest_file || first->bytes > limits::backup_manifest_bytes)
        throw broken(broken::how::no_backup);
    auto text = exactly(in, first->bytes);
    exactly(in, tar_padding(first->bytes).size());
    auto what = read_manifest(text);
    if (!what) throw broken(broken::how::no_backup);
    return *what;
}

void take_part(age_reader& in, const part& of, plain_file& to, const stop_flag& stop) {
    digest sum;
    for (auto left = of.bytes; left > 0;) {
        look(stop);
        auto piece = in.read(std::min<std::uint64_t>(left, limits::backup_piece_bytes));
        if (piece.empty()) throw broken(broken::how::cut_off);
        sum.add(piece);
        to.write(piece);
        left -= piece.size();
    }
    if (sum.hex() != of.sha256) throw broken(broken::how::changed);
    exactly(in, tar_padding(of.bytes).size());
}

} // namespace

std::vector<part> measure(const fs::path& folder, const std::vector<std::string>& names, const stop_flag& stop) {
    std::vector<part> all;
    for (const auto& name : names) {
        plain_file in(folder / name, O_RDONLY);
        digest sum;
        part p{.name = name};
        for (auto piece = in.read(limits::backup_piece_bytes); !piece.empty();
             piece = in.read(limits::backup_piece_bytes)) {
            look(stop);
            sum.add(piece);
            p.bytes += piece.size();
        }
        p.sha256 = sum.hex();
        all.push_back(std::move(p));
    }
    return all;
}

void pack(const manifest& what, const fs::path& folder, const secret& key, const fs::path& to, const stop_flag& stop) {
    plain_file out(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    age_writer shut(key, [&](std::string_view bytes) { out.write(bytes); });
    auto text = to_json(what);
    shut.write(tar_header({std::string(manifest_file), text.size()}));
    shut.write(text + tar_padding(text.size()));
    for (const auto& p : what.parts) {
        plain_file in(folder / p.name, O_RDONLY);
        shut.write(tar_header({p.name, p.bytes}));
        for (auto left = p.bytes; left > 0;) {
            look(stop);
            auto piece = in.read(std::min<std::uint64_t>(left, limits::backup_piece_bytes));
            if (piece.empty()) throw std::runtime_error(p.name + " became shorter while it was read");
            shut.write(piece);
            left -= piece.size();
        }
        shut.write(tar_padding(p.bytes));
    }
    shut.write(tar_end());
    shut.finish();
    out.sync();
}

manifest unpack(const fs::path& from, const secret& key, const fs::path& folder, const stop_flag& stop) {
    plain_file raw(from, O_RDONLY);
    age_reader in(key, [&](std::size_t most) { return raw.read(most); });
    auto what = read_first(in);
    for (const auto& p : what.parts) {
        auto entry = next_entry(in);
        if (!entry || entry->name != p.name || entry->bytes != p.bytes) throw broken(broken::how::changed);
        fs::create_directories((folder / p.name).parent_path());
        plain_file to(folder / p.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
        take_part(in, p, to, stop);
    }
    while (!in.read(limits::backup_piece_bytes).empty()) // only its end shows that nothing was cut off
        look(stop);
    return what;
}

manifest look_into(const fs::path& from, const secret& key) {
    plain_file raw(from, O_RDONLY);
    age_reader in(key, [&](std::size_t most) { return raw.read(most); });
    return read_first(in);
}

} // namespace persais::backup
