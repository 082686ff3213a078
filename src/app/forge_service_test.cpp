#include "app/forge_service.hpp"

#include <gtest/gtest.h>

using namespace persais;

namespace {

int status_of(const config::settings& settings, http::headers fields) {
    auto may = app::admit_forge_call(settings, fields);
    if (may) return 200;
    EXPECT_FALSE(may.error().sentence.empty());
    return may.error().status;
}

} // namespace

TEST(admit_forge_call, reads_no_body_without_a_secret_or_a_signature) {
    config::settings s;
    const http::headers right{{"X-Hub-Signature-256", "sha256=" + std::string(64, 'a')}};
    EXPECT_EQ(status_of(s, right), 404) << "whoever set no secret has no such page";
    EXPECT_EQ(status_of(s, {}), 404);
    s.forge_webhook_secret = secret("word of the hook");
    EXPECT_EQ(status_of(s, right), 200) << "the body decides";
    EXPECT_EQ(status_of(s, {}), 401);
    for (const auto& text : {std::string(), std::string("sha256="), "sha1=" + std::string(40, 'a'),
                             "sha256=" + std::string(63, 'a'), "sha256=" + std::string(65, 'a'), std::string(64, 'a')})
        EXPECT_EQ(status_of(s, {{"X-Hub-Signature-256", text}}), 401) << text;
    EXPECT_EQ(status_of(s, {{"X-Gitlab-Token", "word of the hook"}}), 401) << "the secret itself is no signature";
    EXPECT_FALSE(app::admit_forge_call(s, {}).error().sentence.contains("word of the hook"));
}
