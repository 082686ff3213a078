#include "base/private_key.hpp"

#include "base/pasted.hpp"
#include "base/text.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace persais {
namespace {

/// Restores the line ends of a key that was pasted as one line with blanks in their place. Only the two lines with
/// dashes contain blanks of their own.
std::string broken_up(std::string_view line) {
    constexpr std::string_view dashes = "-----";
    auto head = line.find(dashes, dashes.size());
    auto tail = line.rfind(dashes, line.size() - dashes.size() - 1);
    if (head == line.npos || tail == line.npos || tail <= head + dashes.size()) return std::string(line);
    auto body = head + dashes.size();
    std::string made(line.substr(0, body));
    made += '\n';
    for (char c : text::trim(line.substr(body, tail - body)))
        made += c == ' ' || c == '\t' ? '\n' : c;
    made += '\n';
    return made.append(line.substr(tail));
}

std::string tidy(std::string_view pasted) {
    std::string whole = with_newlines(unquoted(pasted));
    auto key = text::trim(whole);
    if (key.empty()) return {};
    if (key.starts_with("-----BEGIN ") && key.find('\n') == key.npos) return broken_up(key) + "\n";
    std::string made;
    while (!key.empty()) { // lines may be indented, as in YAML
        auto end = key.find('\n');
        made.append(text::trim(key.substr(0, end))).append("\n");
        key.remove_prefix(end == key.npos ? key.size() : end + 1);
    }
    return made;
}

bool begins_with_a_key_type(std::string_view s) {
    return s.starts_with("ssh-") || s.starts_with("ecdsa-sha2-") || s.starts_with("sk-");
}

/// The bytes between the lines with dashes; empty: they are no base64.
std::string bytes_of(std::string_view key) {
    auto begin = key.find('\n');
    auto end = key.find("\n-----END ");
    if (begin >= end) return {};
    std::string digits;
    std::ranges::copy_if(key.substr(begin, end - begin), std::back_inserter(digits), [](char c) { return c != '\n'; });
    if (digits.empty() || digits.size() % 4 != 0) return {};
    std::string bytes(digits.size() / 4 * 3, '\0');
    auto n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                             reinterpret_cast<const unsigned char*>(digits.data()), static_cast<int>(digits.size()));
    if (n < 0) return {};
    bytes.resize(static_cast<std::size_t>(n) - (digits.ends_with("==") ? 2 : digits.ends_with('=') ? 1 : 0));
    return bytes;
}

/// Reads what ssh writes: numbers of four bytes, and texts with their length before them.
class ssh_reader {
public:
    explicit ssh_reader(std::string_view bytes) : rest_(bytes) {}
    std::uint32_t number() {
        std::uint32_t n = 0;
        for (unsigned char c : take(4))
            n = n << 8 | c;
        return n;
    }
    std::string_view words() { return take(number()); }
    std::string_view rest() const { return rest_; }
    bool whole() const { return whole_; }

private:
    std::string_view take(std::size_t n) {
        whole_ = whole_ && n <= rest_.size();
        if (!whole_) return {};
        auto taken = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return taken;
    }
    std::string_view rest_;
    bool whole_ = true;
};

/// How many texts stand behind the name of a kind of key; 0: it is none that signs here.
int parts_of(std::string_view kind) {
    if (kind == "ssh-ed25519") return 2;
    if (kind.starts_with("ecdsa-sha2-nistp")) return 3;
    return kind == "ssh-rsa" ? 6 : 0;
}

std::string other_kind() {
    return told<"this kind of key does not sign commits here: make one with `ssh-keygen -t ed25519 -N '' -f persais`",
                "ключ этого вида здесь не подписывает коммиты: сделайте другой (`ssh-keygen -t ed25519 -N '' -f "
                "persais`)">();
}

std::string broken() {
    return told<"the private key is damaged: give the whole text of its file, from -----BEGIN to -----END",
                "закрытый ключ повреждён: задайте весь текст его файла, от -----BEGIN до -----END">();
}

/// Of OpenSSH's own form (PROTOCOL.key), without a passphrase.
std::string wrong_with_openssh_key(std::string_view bytes) {
    constexpr std::string_view magic("openssh-key-v1\0", 15);
    if (!bytes.starts_with(magic)) return broken();
    ssh_reader outside(bytes.substr(magic.size()));
    bool plain = outside.words() == "none";
    plain = outside.words() == "none" && plain;
    outside.words(); // options of the passphrase
    auto keys = outside.number();
    auto open = ssh_reader(outside.words()).words();
    ssh_reader inside(outside.words());
    if (!outside.whole() || !plain || keys != 1 || !outside.rest().empty()) return broken();
    auto first_check = inside.number();
    bool same = first_check == inside.number(); // as they are after the right passphrase
    auto kind = inside.words();
    if (!inside.whole() || !same || kind != open) return broken();
    int parts = parts_of(kind);
    if (parts == 0) return other_kind();
    for (int i = 0; i < parts + 1; ++i) // and a comment
        inside.words();
    auto padding = inside.rest();
    bool counted = inside.whole() && padding.size() < 8;
    for (std::size_t i = 0; counted && i < padding.size(); ++i)
        counted = static_cast<unsigned char>(padding[i]) == i + 1;
    return counted ? "" : broken();
}

/// Without the public half beside it, which older forms do not hold, ssh-keygen does not sign.
std::string older_form() {
    return told<
        "the key is in an older form, with which ssh-keygen does not sign: bring it into OpenSSH's by "
        "`ssh-keygen -p -N '' -f KEY` and give that",
        "ключ в старом виде, которым ssh-keygen не подписывает: переведите его в вид OpenSSH (`ssh-keygen -p -N "
        "'' -f KEY`) и задайте его">();
}

} // namespace

secret tidy_key(const secret& pasted) {
    return secret(tidy(pasted.reveal()));
}

std::string wrong_with_key(const secret& key) {
    const std::string_view given = key.reveal();
    auto whole = told<"give the whole text of the private key's file, from -----BEGIN to -----END",
                      "задайте весь текст файла закрытого ключа, от -----BEGIN до -----END">();
    if (begins_with_a_key_type(given))
        return told<"this is a public key, which belongs on the host; {}",
                    "это открытый ключ, а ему место на хосте; {}">(whole);
    if (given.starts_with("PuTTY-User-Key-File"))
        return told<"this is a key in PuTTY's format: export it as an OpenSSH key (`puttygen KEY -O private-openssh`) "
                    "and give that",
                    "это ключ в формате PuTTY: выгрузите его как ключ OpenSSH (`puttygen KEY -O private-openssh`) и "
                    "задайте его">();
    auto head = given.substr(0, given.find('\n'));
    bool form = head.starts_with("-----BEGIN ") && head.ends_with("PRIVATE KEY-----") &&
                given.find("\n-----END ") != given.npos && given.ends_with("PRIVATE KEY-----\n");
    if (!form) return told<"this is no private key: {}", "это не закрытый ключ: {}">(whole);
    auto body = given.substr(head.size() + 1);
    // This is the base64 of "openssh-key-v1", a zero, and the cipher's name "none" with its length before it.
    constexpr std::string_view plain = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
    constexpr std::string_view magic = "b3BlbnNzaC1rZXktdjEA";
    bool locked = head.find("ENCRYPTED") != head.npos || given.find("Proc-Type: 4,ENCRYPTED") != given.npos ||
                  (body.starts_with(magic) && !body.starts_with(plain));
    if (locked)
        return told<"the key has a passphrase, and nobody is there to type it: make one without for Persais "
                    "(`ssh-keygen -t ed25519 -N '' -f persais`) and add its public half on the host",
                    "у ключа есть пароль, а ввести его некому: сделайте для Persais ключ без пароля (`ssh-keygen -t "
                    "ed25519 -N '' -f persais`) и добавьте его открытую половину на хосте">();
    return {};
}

std::string wrong_with_signing_key(const secret& key) {
    auto wrong = wrong_with_key(key);
    if (!wrong.empty()) return wrong;
    if (!key.reveal().starts_with("-----BEGIN OPENSSH ")) return older_form();
    auto bytes = bytes_of(key.reveal());
    wrong = wrong_with_openssh_key(bytes);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return wrong;
}

} // namespace persais
