// Which private keys are taken for signing. The keys are made here, with ssh-keygen and openssl.
#include "base/private_key.hpp"
#include "base/temp_dir.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

using namespace persais;

namespace {

/// What the commands left in `key`.
std::string made_by(const std::string& commands) {
    temp_dir folder;
    EXPECT_EQ(std::system(("cd '" + folder.path().string() + "' && { " + commands + "; } 2>&1").c_str()), 0);
    std::ifstream in(folder.path() / "key", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string wrong_with(const std::string& key) {
    return wrong_with_signing_key(tidy_key(secret(key)));
}

bool says(const std::string& key, std::string_view words) {
    auto why = wrong_with(key);
    EXPECT_NE(why.find(words), std::string::npos) << why;
    EXPECT_EQ(why.find('\n'), std::string::npos) << "one sentence: " << why;
    EXPECT_EQ(why.find("b3Blbn"), std::string::npos) << "the key is not shown";
    return why.find(words) != std::string::npos;
}

} // namespace

TEST(signing_key, may_be_of_each_kind_that_ssh_keygen_signs_with) {
    for (const char* kind : {"-t ed25519", "-t ecdsa", "-t ecdsa -b 384", "-t ecdsa -b 521", "-t rsa -b 2048"})
        EXPECT_EQ(wrong_with(made_by(std::string("ssh-keygen -q -f key -N '' ") + kind)), "") << kind;
    // Comments of other lengths have other paddings.
    for (const char* comment : {"''", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg"})
        EXPECT_EQ(wrong_with(made_by(std::string("ssh-keygen -q -f key -N '' -t ed25519 -C ") + comment)), "")
            << comment;
}

TEST(signing_key, with_a_passphrase_is_refused_and_says_what_to_do) {
    for (const char* kind : {"-t ed25519", "-t rsa -b 2048 -m PEM", "-t ecdsa -m PKCS8"})
        EXPECT_TRUE(
            says(made_by(std::string("ssh-keygen -q -f key -N words ") + kind), "`ssh-keygen -t ed25519 -N ''"));
}

TEST(signing_key, that_is_damaged_anywhere_is_refused) {
    auto key = made_by("ssh-keygen -q -f key -N '' -t ed25519 -C someone");
    auto begin = key.find('\n') + 1, end = key.find("-----END");
    auto without_line = key;
    without_line.erase(key.find('\n', begin), key.find('\n', begin + 71) - begin);
    EXPECT_TRUE(says(without_line, "damaged"));
    auto cut = key;
    cut.erase(end - 9, 8);
    EXPECT_TRUE(says(cut, "damaged"));
    auto other_character = key;
    other_character[begin + 75] = '!';
    EXPECT_TRUE(says(other_character, "damaged"));
    auto number = key; // the two check numbers differ then
    auto at = begin + 142;
    number[at] = number[at] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(says(number, "damaged"));
    EXPECT_TRUE(says("-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n", "damaged"));
    EXPECT_TRUE(says(key.substr(0, key.size() / 2), "no private key"));
    EXPECT_TRUE(says(made_by("ssh-keygen -q -f k -N '' -t ed25519; mv k.pub key"), "public key"));
}

TEST(signing_key, of_a_form_or_kind_that_ssh_keygen_does_not_sign_with_is_refused) {
    for (const char* form : {"-t rsa -b 2048 -m PEM", "-t ecdsa -m PEM", "-t rsa -b 2048 -m PKCS8"}) {
        auto old = std::string("ssh-keygen -q -f key -N '' ") + form;
        EXPECT_TRUE(says(made_by(old), "`ssh-keygen -p -N '' -f KEY`")) << form;
        EXPECT_EQ(wrong_with(made_by(old + "; ssh-keygen -q -p -N '' -f key")), "") << "what is said to do helps";
    }
    EXPECT_TRUE(says(made_by("openssl genpkey -algorithm ed25519 -out key"), "older form"));
    EXPECT_TRUE(says(made_by("ssh-keygen -q -f key -N '' -t dsa"), "make one with `ssh-keygen"));
}
