#include "checks/noted.hpp"

#include <gtest/gtest.h>

using persais::checks::noted_kind;

TEST(noted, what_runs_on_the_forge_is) {
    for (const auto* path :
         {".github/workflows/ci.yml", ".github/actions/build/action.yml", ".gitlab-ci.yml", "sub/Jenkinsfile",
          ".circleci/config.yml", "azure-pipelines.yml", ".forgejo/workflows/x.yaml", ".gitea/workflows/x.yaml",
          ".woodpecker.yml", ".GitHub/Workflows/CI.yml"})
        EXPECT_EQ(noted_kind(path), "ci") << path;
}

TEST(noted, which_dependencies_are_taken_is) {
    for (const auto* path : {"package-lock.json", "web/yarn.lock", "Cargo.lock", "go.sum", "uv.lock", "poetry.lock",
                             "Gemfile.lock", "composer.lock", "flake.lock", ".terraform.lock.hcl", "Package.resolved"})
        EXPECT_EQ(noted_kind(path), "lock") << path;
}

TEST(noted, a_licence_is_by_any_of_its_names) {
    for (const auto* path : {"LICENSE", "LICENCE.md", "COPYING", "COPYING.LESSER", "LICENSE-MIT",
                             "vendor/a/LICENSE.txt", "NOTICE", "UNLICENSE", "LICENSES/MIT.txt"})
        EXPECT_EQ(noted_kind(path), "licence") << path;
}

TEST(noted, nothing_else_is) {
    for (const auto* path :
         {"", "src/a.py", "license.py", "src/license_check.go", "noticed.txt", "docs/workflows/ci.md", "package.json",
          "Cargo.toml", "go.mod", "github/workflows/x.yml", "copyist.md", "lock", "src/yarn.locked"})
        EXPECT_EQ(noted_kind(path), "") << path;
}
