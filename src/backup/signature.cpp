#include "backup/signature.hpp"

#include "base/encoding.hpp"

#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace persais::backup {

namespace {

secret hmac(const secret& key, std::string_view text) {
    std::string mac(32, '\0');
    unsigned n = 0;
    if (!HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(),
              reinterpret_cast<unsigned char*>(mac.data()), &n))
        throw std::runtime_error("OpenSSL refuses HMAC");
    return secret(std::move(mac));
}

} // namespace

std::string query_text(const std::map<std::string, std::string>& query) {
    std::string all;
    for (const auto& [name, value] : query) // the map sorts them, as the signature wants it
        all += fmt::format("{}{}={}", all.empty() ? "" : "&", percent_encoded(name), percent_encoded(value));
    return all;
}

std::string amz_date(time_point at) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

secret authorization(const s3_request& what, const s3_url& who, time_point at, std::string_view service) {
    auto date = amz_date(at);
    constexpr std::string_view signed_headers = "host;x-amz-content-sha256;x-amz-date";
    auto canonical =
        fmt::format("{}\n{}\n{}\nhost:{}\nx-amz-content-sha256:{}\nx-amz-date:{}\n\n{}\n{}", what.method, what.path,
                    query_text(what.query), what.host, what.body_sha256, date, signed_headers, what.body_sha256);
    auto scope = fmt::format("{}/{}/{}/aws4_request", date.substr(0, 8), who.region, service);
    auto text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", date, scope, to_hex(sha256(canonical)));
    auto key = hmac(hmac(hmac(hmac(around("AWS4", who.key), date.substr(0, 8)), who.region), service), "aws4_request");
    return secret(fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", who.key_id, scope,
                              signed_headers, to_hex(hmac(key, text).reveal())));
}

} // namespace persais::backup
