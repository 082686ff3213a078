#include "base/seal.hpp"

#include "base/encoding.hpp"
#include "base/random.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace persais {

namespace {

constexpr char version = 1;
constexpr std::size_t nonce_bytes = 12, tag_bytes = 16; // the usual sizes of GCM
constexpr std::string_view purpose = "persais seal\n";

using cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* in(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* out(std::string& s, std::size_t at = 0) {
    return reinterpret_cast<unsigned char*>(s.data()) + at;
}
void demand(int ok) {
    if (ok != 1) throw std::runtime_error("OpenSSL refuses AES-256-GCM");
}

secret key_from(const secret& master) {
    return secret(sha256(around(purpose, master).reveal()));
}

std::optional<secret> open_with(const secret& key, std::string_view shut, std::string_view context) {
    auto nonce = shut.substr(1, nonce_bytes);
    std::string tag(shut.substr(1 + nonce_bytes, tag_bytes));
    auto body = shut.substr(1 + nonce_bytes + tag_bytes);
    cipher c(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int n = 0;
    demand(EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, in(key.reveal()), in(nonce)));
    demand(EVP_DecryptUpdate(c.get(), nullptr, &n, in(context), static_cast<int>(context.size())));
    std::string plain(body.size(), '\0');
    demand(EVP_DecryptUpdate(c.get(), out(plain), &n, in(body), static_cast<int>(body.size())));
    demand(EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()));
    if (EVP_DecryptFinal_ex(c.get(), out(plain, plain.size()), &n) != 1) return std::nullopt;
    return secret(std::move(plain));
}

} // namespace

seal::seal(const secret& master) : key_(key_from(master)) {}

void seal::opens_too(const secret& other) {
    also_.push_back(key_from(other));
}

// The format is version, nonce, tag, ciphertext.
std::string seal::shut(const secret& plain, std::string_view context) const {
    const auto& text = plain.reveal();
    auto nonce = random_bytes(nonce_bytes);
    cipher c(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int n = 0;
    demand(EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, in(key_.reveal()), in(nonce)));
    demand(EVP_EncryptUpdate(c.get(), nullptr, &n, in(context), static_cast<int>(context.size())));
    std::string body(text.size(), '\0'), tag(tag_bytes, '\0');
    demand(EVP_EncryptUpdate(c.get(), out(body), &n, in(text), static_cast<int>(text.size())));
    demand(EVP_EncryptFinal_ex(c.get(), out(body, body.size()), &n));
    demand(EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data()));
    return version + nonce + tag + body;
}

std::optional<secret> seal::open(std::string_view shut, std::string_view context) const {
    if (shut.size() < 1 + nonce_bytes + tag_bytes || shut[0] != version) return std::nullopt;
    auto plain = open_with(key_, shut, context);
    for (auto other = also_.begin(); !plain && other != also_.end(); ++other)
        plain = open_with(*other, shut, context);
    return plain;
}

} // namespace persais
