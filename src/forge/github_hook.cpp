// The calls of GitHub's webhooks.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/url.hpp"
#include "forge/github_answers.hpp"
#include "forge/written.hpp"

#include <stdexcept>

#include <boost/json/array.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

constexpr std::string_view event_field = "X-GitHub-Event", delivery_field = "X-GitHub-Delivery",
                           signature_field = "X-Hub-Signature-256", signature_kind = "sha256=";

bool is_bot(const json::object& of) {
    const auto* user = object_in(of, "user");
    return user && text_in(*user, "type") == "Bot";
}

/// What failed: GitHub's own CI, and that of apps.
bool is_red(const json::object& suite) {
    const auto how = text_in(suite, "conclusion");
    return how == "failure" || how == "timed_out";
}

std::optional<written> issue_in(const json::object& body) {
    const auto* issue = object_in(body, "issue");
    if (!issue || text_in(body, "action") != "opened") return std::nullopt;
    const auto number = issue_number_in(*issue);
    return written{.what = written::kind::issue,
                   .id = std::to_string(number),
                   .number = number,
                   .at = text_in(*issue, "created_at"),
                   .text = text_in(*issue, "title") + "\n" + text_in(*issue, "body"),
                   .by_bot = is_bot(*issue)};
}

std::optional<written> comment_in(const json::object& body) {
    const auto *issue = object_in(body, "issue"), *comment = object_in(body, "comment");
    if (!issue || !comment || text_in(body, "action") != "created") return std::nullopt;
    return written{.what = written::kind::comment,
                   .id = id_in(*comment),
                   .number = issue_number_in(*issue),
                   .at = text_in(*comment, "created_at"),
                   .text = text_in(*comment, "body"),
                   .by_bot = is_bot(*comment)};
}

std::optional<written> review_in(const json::object& body) {
    const auto *pull = object_in(body, "pull_request"), *review = object_in(body, "review");
    if (!pull || !review || text_in(body, "action") != "submitted") return std::nullopt;
    return written{.what = written::kind::review,
                   .id = id_in(*review),
                   .number = issue_number_in(*pull),
                   .at = text_in(*review, "submitted_at"),
                   .text = text_in(*review, "body"),
                   .by_bot = is_bot(*review)};
}

std::optional<written> red_in(const json::object& body) {
    const auto* suite = object_in(body, "check_suite");
    if (!suite || text_in(body, "action") != "completed" || !is_red(*suite)) return std::nullopt;
    auto branch = text_in(*suite, "head_branch"); // null where it is another repository's
    if (branch.empty()) return std::nullopt;
    return written{.what = written::kind::red,
                   .id = text_in(*suite, "head_sha"),
                   .branch = std::move(branch),
                   .at = text_in(*suite, "updated_at")};
}

/// A status of a commit, which is no check run, names the branches that it is at.
std::optional<written> status_in(const json::object& body) {
    const auto state = text_in(body, "state");
    const auto* branches = array_in(body, "branches");
    if ((state != "failure" && state != "error") || !branches || branches->empty() || !branches->front().is_object())
        return std::nullopt;
    return written{.what = written::kind::red,
                   .id = text_in(body, "sha"),
                   .branch = text_in(branches->front().get_object(), "name"),
                   .at = text_in(body, "updated_at")};
}

std::optional<written> written_in(std::string_view event, const json::object& body) {
    if (event == "issues") return issue_in(body);
    if (event == "issue_comment") return comment_in(body);
    if (event == "pull_request_review") return review_in(body);
    if (event == "check_suite") return red_in(body);
    if (event == "status") return status_in(body);
    return std::nullopt;
}

std::string hmac_sha256(const secret& key, std::string_view text) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const auto& bytes = key.reveal();
    if (!HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(),
              reinterpret_cast<unsigned char*>(out.data()), &size))
        throw std::runtime_error("OpenSSL refuses HMAC-SHA-256");
    out.resize(size);
    return out;
}

} // namespace

bool has_github_signature(const http::headers& fields) {
    constexpr std::size_t digits = 64;
    const auto said = http::header(fields, signature_field);
    return said.starts_with(signature_kind) && said.size() == signature_kind.size() + digits;
}

bool signed_by_github(const secret& key, std::string_view body, const http::headers& fields) {
    const auto said = http::header(fields, signature_field);
    const auto right = std::string(signature_kind) + to_hex(hmac_sha256(key, body));
    // The length of what is right is known to everybody.
    return !key.empty() && said.size() == right.size() && CRYPTO_memcmp(said.data(), right.data(), right.size()) == 0;
}

std::optional<hook_call> github_call(const http::headers& fields, std::string_view text) {
    auto body = parse_object(text);
    const auto* repository = body ? object_in(*body, "repository") : nullptr;
    hook_call call{.delivery = std::string(http::header(fields, delivery_field)),
                   .repository = repository ? text_in(*repository, "full_name") : std::string(),
                   .what = {}};
    if (call.delivery.empty() || call.repository.empty()) return std::nullopt;
    auto what = written_in(http::header(fields, event_field), *body);
    if (what && is_whole(*what)) call.what = std::move(what);
    return call;
}

} // namespace persais::forge
