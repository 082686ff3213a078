#include "forge/github_app.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/private_key.hpp"
#include "base/told.hpp"
#include "forge/github_answers.hpp"
#include "forge/json_api.hpp"
#include "forge/limits.hpp"

#include <algorithm>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

struct deleter {
    void operator()(BIO* p) const { BIO_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};
template <class T>
using owned = std::unique_ptr<T, deleter>;

/// Base64 of RFC 4648, section 5, without padding.
std::string for_url(std::string_view bytes) {
    auto text = to_base64(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    while (text.ends_with('='))
        text.pop_back();
    return text;
}

/// A key with a passphrase is not asked about at the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

owned<EVP_PKEY> key_in(const secret& pem) {
    const auto tidy = tidy_key(pem);
    owned<BIO> text(BIO_new_mem_buf(tidy.reveal().data(), static_cast<int>(tidy.reveal().size())));
    owned<EVP_PKEY> key(text ? PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (key && EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) key.reset();
    return key;
}

std::optional<std::string> signature_of(const std::string& text, EVP_PKEY* key) {
    owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
        return std::nullopt;
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) !=
        1)
        return std::nullopt;
    signature.resize(size);
    return signature;
}

no_app_token lasting(std::string sentence) {
    return {std::move(sentence), true};
}

/// Why an App got no token.
no_app_token refused_app(const refusal& why) {
    if (why.what == refusal::kind::unreached) return {why.sentence, false};
    return lasting(told<"GitHub does not know the App: GITHUB_APP_ID and GITHUB_APP_KEY do not belong together, or the "
                        "key was deleted there, or this machine's clock is wrong.",
                        "GitHub не знает приложения: GITHUB_APP_ID и GITHUB_APP_KEY не подходят друг к другу, ключ там "
                        "удалён, или часы этой машины неверны.">());
}

no_app_token refused_app(const json_api::reply& came, const std::string& doing) {
    auto why = trouble_in(came, doing);
    return {why.sentence, why.what != trouble::kind::away};
}

} // namespace

result<secret> app_signature(const github_app& app, time_point now) {
    auto key = key_in(app.key);
    if (!key)
        return fail(told<"GITHUB_APP_KEY is no private RSA key without a passphrase, as GitHub gives it (PEM).",
                         "GITHUB_APP_KEY — не закрытый ключ RSA без пароля, какой выдаёт GitHub (PEM).">());
    auto seconds = [&](std::chrono::seconds more) {
        return std::chrono::duration_cast<std::chrono::seconds>((now + more).time_since_epoch()).count();
    };
    // A minute earlier, as GitHub advises, because clocks differ.
    json::object claims{
        {"iat", seconds(-limits::app_signature_back)}, {"exp", seconds(limits::app_signature_life)}, {"iss", app.id}};
    auto text = for_url(R"({"alg":"RS256","typ":"JWT"})") + "." + for_url(json::serialize(claims));
    auto signature = signature_of(text, key.get());
    if (!signature) return fail(told<"GITHUB_APP_KEY signs nothing.", "Ключом GITHUB_APP_KEY не удаётся подписать.">());
    return secret(text + "." + for_url(*signature));
}

awaitable<result<app_token, no_app_token>> obtain_app_token(place at, github_app app, time_point now, fetcher fetch) {
    auto signature = app_signature(app, now);
    if (!signature) co_return std::unexpected(lasting(signature.error()));
    json_api api(at.api, "Authorization", around("Bearer ", *signature), std::move(fetch));

    const auto repository = "/repos/" + percent_encoded(at.path, path_characters);
    auto found = co_await api.get(repository + "/installation");
    if (!found) co_return std::unexpected(refused_app(found.error()));
    constexpr int not_found = 404, created = 201;
    if (found->status == not_found)
        co_return std::unexpected(
            lasting(told<"The GitHub App {} is not installed on {}: install it there.",
                         "Приложение GitHub {} не установлено в {}: установите его там.">(app.id, at.path)));
    const auto* installation = found->object();
    auto id = installation ? whole_in(*installation, "id") : std::nullopt;
    if (!id) co_return std::unexpected(refused_app(*found, told<"show its App", "показать приложение">()));

    // For this repository alone: with the token of one nothing can be done to another.
    json::object wish{{"repositories", json::array{at.path.substr(at.path.find('/') + 1)}}};
    auto made =
        co_await api.send("POST", fmt::format("/app/installations/{}/access_tokens", *id), json::serialize(wish));
    if (!made) co_return std::unexpected(refused_app(made.error()));
    const auto* body = made->status == created ? made->body.if_object() : nullptr;
    auto token = body ? text_in(*body, "token") : std::string();
    auto expires = body ? time_in(text_in(*body, "expires_at")) : std::nullopt;
    if (token.empty() || !expires)
        co_return std::unexpected(refused_app(*made, told<"give the App a token", "выдать приложению токен">()));
    co_return app_token{secret(std::move(token)), *expires};
}

} // namespace persais::forge
