// GitLab: the token's own scopes are one request, and a project is returned with the role of the token's person.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "forge/json_api.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/ranges.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

std::vector<std::string> texts_in(const json::object& of, std::string_view name) {
    std::vector<std::string> all;
    if (const auto* list = array_in(of, name))
        for (const auto& one : *list)
            if (one.is_string()) all.push_back(text::printable(one.get_string()));
    return all;
}

/// 30 is a developer, 40 a maintainer; 0 when the project names no role.
double role_in(const json::object& project) {
    double level = 0;
    if (const auto* may = object_in(project, "permissions"))
        for (const auto* through : {"project_access", "group_access"})
            if (const auto* held = object_in(*may, through))
                level = std::max(level, number_in(*held, "access_level").value_or(0));
    return level;
}

class gitlab_client final : public client {
public:
    gitlab_client(const place& at, const secret& token, fetcher fetch)
        // A project's whole path is one segment in this API.
        : project_("/projects/" + percent_encoded(at.path)), api_(at.api, "PRIVATE-TOKEN", token, std::move(fetch)) {}

    awaitable<answer<rights>> look() override {
        auto self = co_await api_.get("/personal_access_tokens/self");
        if (!self) co_return std::unexpected(std::move(self.error()));
        rights told;
        if (const auto* body = self->object()) {
            auto scopes = texts_in(*body, "scopes");
            auto has = [&](std::string_view scope) { return std::ranges::find(scopes, scope) != scopes.end(); };
            if (!has("write_repository") && !has("api")) told.may_push = false;
            told.scopes = fmt::format("{}", fmt::join(scopes, ", "));
            told.expires = text_in(*body, "expires_at");
        }
        auto project = co_await api_.get(project_);
        const auto* body = project ? project->object() : nullptr;
        if (!body) co_return told; // a token for repositories only may not read it
        told.archived = flag_in(*body, "archived");
        told.default_branch = text_in(*body, "default_branch");
        constexpr double developer = 30;
        if (auto role = role_in(*body); role > 0 && !told.may_push) told.may_push = role >= developer;
        co_return told;
    }

    awaitable<answer<bool>> is_protected(std::string branch) override {
        auto came = co_await api_.get(project_ + "/repository/branches/" + percent_encoded(branch));
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return came->object() && flag_in(*came->object(), "protected");
    }

private:
    std::string project_;
    json_api api_;
};

} // namespace

std::unique_ptr<client> make_gitlab(const place& at, const secret& token, fetcher fetch) {
    return std::make_unique<gitlab_client>(at, token, std::move(fetch));
}

} // namespace persais::forge
