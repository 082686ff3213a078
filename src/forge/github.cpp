// GitHub: a repository is returned with the rights of this token.
// GitHub returns the token's scopes and expiry in header fields of each response.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "forge/json_api.hpp"

namespace persais::forge {

namespace {

class github_client final : public client {
public:
    github_client(const place& at, secret authorization, fetcher fetch)
        : path_(at.path), repository_("/repos/" + percent_encoded(at.path, path_characters)),
          api_(at.api, "Authorization", std::move(authorization), std::move(fetch)) {}

    awaitable<answer<rights>> look() override {
        auto came = co_await api_.get(repository_);
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* body = came->object();
        if (!body) co_return no_repository(*came);
        auto field = [&](std::string_view name) { return text::printable(http::header(came->fields, name)); };
        rights told{.scopes = field("X-OAuth-Scopes"),
                    .expires = field("github-authentication-token-expiration"),
                    .may_push = {},
                    .renamed = {},
                    .archived = flag_in(*body, "archived"),
                    .default_branch = text_in(*body, "default_branch")};
        if (auto name = text::printable(text_in(*body, "full_name")); api_.was_redirected() && name != path_)
            told.renamed = name;
        if (const auto* may = object_in(*body, "permissions")) told.may_push = flag_in(*may, "push");
        co_return told;
    }

    awaitable<answer<bool>> is_protected(std::string branch) override {
        auto came = co_await api_.get(repository_ + "/branches/" + percent_encoded(branch));
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return came->object() && flag_in(*came->object(), "protected");
    }

private:
    std::string path_, repository_;
    json_api api_;
};

} // namespace

std::unique_ptr<client> make_github(const place& at, const secret& token, fetcher fetch) {
    return std::make_unique<github_client>(at, around("Bearer ", token), std::move(fetch));
}

} // namespace persais::forge
