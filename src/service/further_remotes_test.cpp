#include "service/further_remotes.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

namespace {

struct further : ::testing::Test {
    config::settings settings;
    std::string of = "https://git.example.org/team/app.git";
    further() {
        settings.git_remote_url = of;
        settings.git_access_token = secret("the-token");
        settings.fetch_hosts = "github.com, Other.example:8443";
    }
    git::outcome<git::remote> at(const std::string& url) const { return further_remote(url, of, settings); }
    std::string refused(const std::string& url) const {
        auto r = at(url);
        return r ? "taken" : r.error().sentence;
    }
};

} // namespace

TEST_F(further, the_repositorys_host_gets_its_token_and_others_none) {
    EXPECT_EQ(at("https://git.example.org/x/lib")->token.reveal(), "the-token");
    EXPECT_EQ(at("https://github.com/x/lib")->token.reveal(), "");
    EXPECT_EQ(at("https://other.example:8443/x/lib")->token.reveal(), "");
}

TEST_F(further, a_repository_elsewhere_cannot_use_the_token_of_the_settings) {
    of = "https://elsewhere.example/app.git";
    settings.fetch_hosts += ",git.example.org";
    EXPECT_EQ(at("https://git.example.org/x/private")->token.reveal(), "");
}

TEST_F(further, the_token_of_a_repository_is_not_used_because_another_one_names_it) {
    settings = {};
    of = "https://github.com/mallory/app.git";
    const std::string others = "https://github.com/alice/private.git";
    remote_tokens own;
    own.keep(of, secret("its-own"));
    own.keep(others, secret("of-another-chat"));
    EXPECT_EQ(further_remote(others, of, settings, own)->token.reveal(), "");
    EXPECT_EQ(further_remote("git@github.com:alice/private.git", of, settings, own)->token.reveal(), "");
    settings.git_remote_url = "https://github.com/team/main.git";
    settings.git_access_token = secret("of-the-settings");
    EXPECT_EQ(further_remote(others, of, settings, own)->token.reveal(), "of-the-settings");
    EXPECT_EQ(further_remote(of, of, settings, own)->token.reveal(), "its-own");
}

TEST_F(further, other_hosts_are_refused_by_name) {
    for (const auto* url : {"https://internal.example/x", "https://github.com.evil.example/x",
                            "https://other.example/x", "https://169.254.169.254/latest"})
        EXPECT_NE(refused(url).find("neither the host of the repository nor one of FETCH_HOSTS"), std::string::npos)
            << url << ": " << refused(url);
    EXPECT_NE(refused("http://github.com/x/y").find("only https"), std::string::npos);
}

TEST_F(further, paths_and_helpers_are_refused) {
    for (const auto* url : {"file:///srv/lib.git", "/srv/lib.git", "ext::sh -c true"})
        EXPECT_NE(refused(url).find("path on this machine"), std::string::npos) << url << ": " << refused(url);
    of = "/srv/app.git";
    EXPECT_NE(refused("/srv/lib.git").find("path on this machine"), std::string::npos);
}

TEST_F(further, ssh_without_a_key_is_fetched_as_https) {
    EXPECT_EQ(at("git@github.com:x/lib.git")->url, "https://github.com/x/lib.git");
    settings.forge = "gitlab";
    auto own = at("git@git.example.org:x/lib.git");
    ASSERT_TRUE(own);
    EXPECT_EQ(own->url, "https://git.example.org/x/lib.git");
    EXPECT_EQ(own->token.reveal(), "the-token");
}
