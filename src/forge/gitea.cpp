// Gitea and Forgejo: a repository is returned with the rights of the token's person; no call tells a token's scopes.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "forge/json_api.hpp"

namespace persais::forge {

namespace {

class gitea_client final : public client {
public:
    gitea_client(const place& at, secret authorization, fetcher fetch)
        : repository_("/repos/" + percent_encoded(at.path, path_characters)),
          api_(at.api, "Authorization", std::move(authorization), std::move(fetch)) {}

    awaitable<answer<rights>> look() override {
        auto came = co_await api_.get(repository_);
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* body = came->object();
        if (!body) co_return no_repository(*came);
        rights told;
        told.archived = flag_in(*body, "archived");
        told.default_branch = text_in(*body, "default_branch");
        if (const auto* may = object_in(*body, "permissions")) told.may_push = flag_in(*may, "push");
        co_return told;
    }

    awaitable<answer<bool>> is_protected(std::string branch) override {
        auto came = co_await api_.get(repository_ + "/branches/" + percent_encoded(branch));
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return came->object() && flag_in(*came->object(), "protected");
    }

private:
    std::string repository_;
    json_api api_;
};

} // namespace

std::unique_ptr<client> make_gitea(const place& at, const secret& token, fetcher fetch) {
    return std::make_unique<gitea_client>(at, around("token ", token), std::move(fetch));
}

} // namespace persais::forge
