#include "forge/github_app.hpp"
#include "forge/testing_requests.hpp"

#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>

using namespace persais;
using namespace persais::forge;
using namespace persais::forge::testing;
using namespace std::chrono_literals;

namespace {

const time_point noon{std::chrono::seconds(1796040000)};

std::shared_ptr<EVP_PKEY> make_key() {
    return {EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), EVP_PKEY_free};
}

secret pem_of(EVP_PKEY* key) {
    std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    auto size = BIO_get_mem_data(out.get(), &text);
    return secret(std::string(text, static_cast<std::size_t>(size)));
}

std::string decoded(std::string part) {
    std::ranges::replace(part, '-', '+');
    std::ranges::replace(part, '_', '/');
    const auto padding = (4 - part.size() % 4) % 4;
    part.append(padding, '=');
    std::string bytes(part.size() / 4 * 3, '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(part.data()),
                    static_cast<int>(part.size()));
    bytes.resize(bytes.size() - padding);
    return bytes;
}

bool verified(EVP_PKEY* key, const std::string& text, const std::string& signature) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key);
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

struct github_app_token : forge_requests {
    std::shared_ptr<EVP_PKEY> key = make_key();
    const std::string found = "GET /repos/acme/team/installation", made = "POST /app/installations/4000/access_tokens";

    result<app_token, no_app_token> obtain() {
        return got(obtain_app_token({.kind = kind::github, .web = "", .api = root, .path = "acme/team"},
                                    {"77", pem_of(key.get())}, noon,
                                    [this](http::fetch_spec what) { return web->fetch(std::move(what), 100'000); }));
    }
};

} // namespace

TEST(github_app, signs_for_some_minutes_with_its_key) {
    auto key = make_key();
    auto pem = pem_of(key.get());
    auto one_line = pem.reveal();
    for (std::size_t at = 0; (at = one_line.find('\n', at)) != one_line.npos;)
        one_line.replace(at, 1, "\\n"); // as people put it into a variable
    for (const auto& as : {pem, secret(one_line)}) {
        auto word = app_signature({"77", as}, noon);
        ASSERT_TRUE(word) << word.error();
        const auto& text = word->reveal();
        auto last = text.rfind('.'), first = text.find('.');
        EXPECT_EQ(decoded(text.substr(0, first)), R"({"alg":"RS256","typ":"JWT"})");
        EXPECT_EQ(boost::json::parse(decoded(text.substr(first + 1, last - first - 1))),
                  boost::json::parse(R"({"iat":1796039940,"exp":1796040540,"iss":"77"})"));
        EXPECT_TRUE(verified(key.get(), text.substr(0, last), decoded(text.substr(last + 1))));
        EXPECT_FALSE(verified(make_key().get(), text.substr(0, last), decoded(text.substr(last + 1))));
    }
}

TEST(github_app, needs_a_private_rsa_key) {
    std::shared_ptr<EVP_PKEY> other(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
    for (const auto& wrong : {secret("no key"), secret(""), pem_of(other.get())}) {
        auto word = app_signature({"77", wrong}, noon);
        ASSERT_FALSE(word);
        EXPECT_TRUE(word.error().starts_with("GITHUB_APP_KEY is no private RSA key")) << word.error();
    }
}

TEST_F(github_app_token, is_asked_for_its_repository_alone) {
    answers[found] = {.body = R"({"id":4000})"};
    answers[made] = {201, R"({"token":"for-an-hour","expires_at":"2026-11-30T13:00:00Z"})"};
    auto token = obtain();
    ASSERT_TRUE(token) << token.error().sentence;
    EXPECT_EQ(token->token.reveal(), "for-an-hour");
    EXPECT_EQ(token->expires - noon, 1h);
    EXPECT_EQ(sent(made), boost::json::parse(R"({"repositories":["team"]})"));
    EXPECT_TRUE(http::header(fields[made], "Authorization").starts_with("Bearer eyJ"));
}

TEST_F(github_app_token, that_is_not_given_says_why_and_whether_asking_again_helps) {
    answers[found] = {404, R"({"message":"Not Found"})"};
    auto no = obtain();
    EXPECT_EQ(no.error().sentence, "The GitHub App 77 is not installed on acme/team: install it there.");
    EXPECT_TRUE(no.error().lasting);
    answers[found] = {401, R"({"message":"A JSON web token could not be decoded"})"};
    EXPECT_TRUE(obtain().error().sentence.starts_with("GitHub does not know the App"));
    answers[found] = {502, ""};
    EXPECT_FALSE(obtain().error().lasting);
    answers[found] = {.body = R"({"id":4000})"};
    answers[made] = {422, R"({"message":"There is at least one repository that does not exist"})"};
    EXPECT_TRUE(obtain().error().sentence.contains("There is at least one repository"));
    answers[made] = {201, "{}"};
    EXPECT_FALSE(obtain());
    server.close();
    EXPECT_FALSE(obtain().error().lasting);
}
