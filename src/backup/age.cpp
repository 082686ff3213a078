#include "backup/age.hpp"

#include "backup/limits.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace persais::backup {

namespace {

constexpr std::string_view first_line = "age-encryption.org/v1";
constexpr std::string_view wrap_purpose = "age-encryption.org/v1/X25519";
constexpr std::size_t file_key_bytes = 16, tag_bytes = 16, point_bytes = 32, nonce_bytes = 16;
constexpr std::size_t chunk_bytes = 64UL * 1024;

const unsigned char* in(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* out(std::string& s, std::size_t at = 0) {
    return reinterpret_cast<unsigned char*>(s.data()) + at;
}
void demand(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL refuses what age needs: X25519, HKDF, ChaCha20-Poly1305");
}

using pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using pkey_context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

pkey private_key(const secret& bytes) {
    pkey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, in(bytes.reveal()), bytes.reveal().size()),
             EVP_PKEY_free);
    demand(key != nullptr);
    return key;
}

/// The point that belongs to a private key, which others may know.
std::string public_half(const secret& bytes) {
    auto key = private_key(bytes);
    std::string point(point_bytes, '\0');
    std::size_t n = point.size();
    demand(EVP_PKEY_get_raw_public_key(key.get(), out(point), &n) == 1 && n == point_bytes);
    return point;
}

/// What both ends know; empty: the point is one that must not be used.
secret shared(const secret& own, std::string_view point) {
    auto key = private_key(own);
    pkey peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, in(point), point.size()), EVP_PKEY_free);
    pkey_context both(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    demand(peer && both && EVP_PKEY_derive_init(both.get()) == 1);
    std::string text(point_bytes, '\0');
    std::size_t n = text.size();
    if (EVP_PKEY_derive_set_peer(both.get(), peer.get()) != 1) return {};
    if (EVP_PKEY_derive(both.get(), out(text), &n) != 1 || n != point_bytes) return {};
    return secret(std::move(text));
}

/// HKDF-SHA-256, 32 bytes.
secret derived(const secret& from, std::string_view salt, std::string_view purpose) {
    pkey_context hkdf(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), EVP_PKEY_CTX_free);
    std::string key(point_bytes, '\0');
    std::size_t n = key.size();
    demand(hkdf && EVP_PKEY_derive_init(hkdf.get()) == 1 && EVP_PKEY_CTX_set_hkdf_md(hkdf.get(), EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set1_hkdf_key(hkdf.get(), in(from.reveal()), static_cast<int>(from.reveal().size())) == 1);
    if (!salt.empty()) demand(EVP_PKEY_CTX_set1_hkdf_salt(hkdf.get(), in(salt), static_cast<int>(salt.size())) == 1);
    demand(EVP_PKEY_CTX_add1_hkdf_info(hkdf.get(), in(purpose), static_cast<int>(purpose.size())) == 1 &&
           EVP_PKEY_derive(hkdf.get(), out(key), &n) == 1);
    return secret(std::move(key));
}

std::string shut(const secret& key, std::string_view nonce, std::string_view plain) {
    cipher c(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    std::string all(plain.size() + tag_bytes, '\0');
    int n = 0;
    demand(EVP_EncryptInit_ex(c.get(), EVP_chacha20_poly1305(), nullptr, in(key.reveal()), in(nonce)) == 1 &&
           EVP_EncryptUpdate(c.get(), out(all), &n, in(plain), static_cast<int>(plain.size())) == 1 &&
           EVP_EncryptFinal_ex(c.get(), out(all, plain.size()), &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, out(all, plain.size())) == 1);
    return all;
}

/// False: it was encrypted with another key or nonce, or was changed.
bool open(const secret& key, std::string_view nonce, std::string_view shut, std::string& plain) {
    if (shut.size() < tag_bytes) return false;
    auto body = shut.substr(0, shut.size() - tag_bytes);
    std::string tag(shut.substr(body.size()));
    cipher c(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    plain.assign(body.size(), '\0');
    int n = 0;
    demand(EVP_DecryptInit_ex(c.get(), EVP_chacha20_poly1305(), nullptr, in(key.reveal()), in(nonce)) == 1 &&
           EVP_DecryptUpdate(c.get(), out(plain), &n, in(body), static_cast<int>(body.size())) == 1 &&
           EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1);
    return EVP_DecryptFinal_ex(c.get(), out(plain, plain.size()), &n) == 1;
}

std::string chunk_nonce(std::uint64_t number, bool last) {
    std::string nonce(12, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        nonce[10 - i] = static_cast<char>((number >> (8 * i)) & 255);
    nonce[11] = last ? '\1' : '\0';
    return nonce;
}

std::string unpadded(std::string_view bytes) {
    auto text = to_base64(bytes);
    text.resize(text.find_last_not_of('=') + 1);
    return text;
}

/// The bytes of base64 without padding; nothing for any other text.
std::string from_unpadded(std::string_view text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned held = 0, bits = 0;
    for (char c : text) {
        auto at = letters.find(c);
        if (at == letters.npos) return {};
        held = ((held << 6) | static_cast<unsigned>(at)) & 0xffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<char>((held >> bits) & 255));
    }
    return unpadded(bytes) == text ? bytes : std::string();
}

std::string mac_of(const secret& file_key, std::string_view header) {
    auto key = derived(file_key, {}, "header");
    std::string mac(32, '\0');
    unsigned n = 0;
    demand(HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), in(header), header.size(),
                out(mac), &n) != nullptr);
    return mac;
}

/// The key of a file, from one of its stanzas; empty: it is for another key.
secret unwrapped(const secret& own, std::string_view share, std::string_view body) {
    auto point = from_unpadded(share), wrapped = from_unpadded(body);
    if (point.size() != point_bytes || wrapped.size() != file_key_bytes + tag_bytes) return {};
    auto common = shared(own, point);
    if (common.empty()) return {};
    std::string key;
    if (!open(derived(common, point + public_half(own), wrap_purpose), std::string(12, '\0'), wrapped, key)) return {};
    return secret(std::move(key));
}

std::string words(broken::how what) {
    switch (what) {
    case broken::how::no_backup:
        return told<"This is no backup of Persais.", "Это не резервная копия Persais.">();
    case broken::how::wrong_key:
        return told<"The backup was encrypted with another key than BACKUP_KEY.",
                    "Резервная копия зашифрована не тем ключом, который задан в BACKUP_KEY.">();
    case broken::how::cut_off:
        return told<"The backup is cut off: its end is missing.", "Резервная копия обрезана: не хватает её конца.">();
    case broken::how::changed:
        break;
    }
    return told<"The backup is damaged: some of it was changed, or is missing.",
                "Резервная копия повреждена: часть её изменена или отсутствует.">();
}

} // namespace

broken::broken(how w) : std::runtime_error(words(w)), kind(w) {}

age_writer::age_writer(const secret& key, sink to) : out_(std::move(to)) {
    secret file_key(random_bytes(file_key_bytes)), once(random_bytes(point_bytes));
    auto point = public_half(once), recipient = public_half(key);
    auto wrap = derived(shared(once, recipient), point + recipient, wrap_purpose);
    auto header = std::string(first_line) + "\n-> X25519 " + unpadded(point) + "\n" +
                  unpadded(shut(wrap, std::string(12, '\0'), file_key.reveal())) + "\n---";
    auto nonce = random_bytes(nonce_bytes);
    key_ = derived(file_key, nonce, "payload");
    out_(header + " " + unpadded(mac_of(file_key, header)) + "\n" + nonce);
}

void age_writer::put_chunk(std::string_view plain, bool last) {
    out_(shut(key_, chunk_nonce(chunk_++, last), plain));
}

void age_writer::write(std::string_view plain) {
    while (!plain.empty()) {
        // A full chunk waits until more comes, because the last one is marked, and is empty only in an empty file.
        if (held_.size() == chunk_bytes) {
            put_chunk(held_, false);
            held_.clear();
        }
        auto piece = plain.substr(0, chunk_bytes - held_.size());
        held_ += piece;
        plain.remove_prefix(piece.size());
    }
}

void age_writer::finish() {
    put_chunk(held_, true);
    held_.clear();
}

std::string age_reader::take(std::size_t count) {
    while (raw_.size() < count) {
        auto more = in_(std::max(count - raw_.size(), limits::backup_piece_bytes));
        if (more.empty()) break;
        raw_ += more;
    }
    auto got = raw_.substr(0, count);
    raw_.erase(0, got.size());
    return got;
}

std::string age_reader::read_line() {
    for (;;) {
        if (auto end = raw_.find('\n'); end != raw_.npos && end <= limits::backup_header_bytes) {
            auto line = raw_.substr(0, end);
            raw_.erase(0, end + 1);
            return line;
        }
        auto more = raw_.size() > limits::backup_header_bytes ? std::string() : in_(limits::backup_header_bytes);
        if (more.empty()) throw broken(broken::how::no_backup);
        raw_ += more;
    }
}

age_reader::age_reader(const secret& key, source from) : in_(std::move(from)) {
    auto header = read_line();
    if (header != first_line) throw broken(broken::how::no_backup);
    header += "\n";
    secret file_key;
    for (auto line = read_line();; line = read_line()) {
        if (line.starts_with("--- ")) {
            if (file_key.empty()) throw broken(broken::how::wrong_key);
            if (unpadded(mac_of(file_key, header + "---")) != line.substr(4)) throw broken(broken::how::changed);
            break;
        }
        header += line + "\n";
        if (header.size() > limits::backup_header_bytes) throw broken(broken::how::no_backup);
        constexpr std::string_view ours = "-> X25519 ";
        if (!line.starts_with(ours) || !file_key.empty()) continue;
        auto body = read_line();
        header += body + "\n";
        file_key = unwrapped(key, std::string_view(line).substr(ours.size()), body);
    }
    auto nonce = take(nonce_bytes);
    if (nonce.size() != nonce_bytes) throw broken(broken::how::cut_off);
    key_ = derived(file_key, nonce, "payload");
}

void age_reader::next_chunk() {
    auto chunk = take(chunk_bytes + tag_bytes);
    bool ended = chunk.size() < chunk_bytes + tag_bytes;
    if (!ended && raw_.empty()) {
        raw_ = in_(limits::backup_piece_bytes);
        ended = raw_.empty();
    }
    if (open(key_, chunk_nonce(chunk_, ended), chunk, plain_)) {
        if (ended && plain_.empty() && chunk_ > 0) throw broken(broken::how::changed);
        last_ = ended;
        given_ = 0;
        ++chunk_;
        return;
    }
    // A file that was cut off between two chunks ends with one that is whole, and one cut off within a chunk cannot be
    // told from one whose last bytes were changed.
    std::string whole;
    if (ended && (chunk.size() <= tag_bytes || open(key_, chunk_nonce(chunk_, false), chunk, whole)))
        throw broken(broken::how::cut_off);
    throw broken(broken::how::changed);
}

std::string age_reader::read(std::size_t most) {
    while (given_ == plain_.size()) {
        if (last_) return {};
        next_chunk();
    }
    auto got = plain_.substr(given_, most);
    given_ += got.size();
    return got;
}

} // namespace persais::backup
