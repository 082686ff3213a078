#include "checks/noted.hpp"

#include "base/url.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace persais::checks {

namespace {

using std::string_view;

// All of them in small letters, because file systems that ignore case have them so.
constexpr std::array<string_view, 15> ci_folders{
    ".github/workflows/", ".github/actions/",    ".gitlab/ci/",       ".circleci/",  ".azure-pipelines/",
    ".woodpecker/",       ".forgejo/workflows/", ".gitea/workflows/", ".buildkite/", ".ci/",
    ".semaphore/",        ".teamcity/",          ".cirrus/",          ".drone/",     ".jenkins/"};
constexpr std::array<string_view, 25> ci_files{".gitlab-ci.yml",
                                               ".gitlab-ci.yaml",
                                               ".travis.yml",
                                               "jenkinsfile",
                                               "azure-pipelines.yml",
                                               "azure-pipelines.yaml",
                                               "bitbucket-pipelines.yml",
                                               ".drone.yml",
                                               ".drone.yaml",
                                               ".drone.star",
                                               ".woodpecker.yml",
                                               ".woodpecker.yaml",
                                               "appveyor.yml",
                                               ".appveyor.yml",
                                               ".cirrus.yml",
                                               ".cirrus.star",
                                               "cloudbuild.yaml",
                                               "cloudbuild.yml",
                                               "buildspec.yml",
                                               "buildspec.yaml",
                                               "dependabot.yml",
                                               "dependabot.yaml",
                                               ".pre-commit-config.yaml",
                                               ".build.yml",
                                               "wercker.yml"};
constexpr std::array<string_view, 37> lock_files{"package-lock.json",
                                                 "npm-shrinkwrap.json",
                                                 "yarn.lock",
                                                 "pnpm-lock.yaml",
                                                 "bun.lock",
                                                 "bun.lockb",
                                                 "deno.lock",
                                                 "cargo.lock",
                                                 "go.sum",
                                                 "go.work.sum",
                                                 "gemfile.lock",
                                                 "gems.locked",
                                                 "composer.lock",
                                                 "poetry.lock",
                                                 "uv.lock",
                                                 "pipfile.lock",
                                                 "pdm.lock",
                                                 "pylock.toml",
                                                 "pixi.lock",
                                                 "conda-lock.yml",
                                                 "flake.lock",
                                                 "mix.lock",
                                                 "rebar.lock",
                                                 "pubspec.lock",
                                                 "podfile.lock",
                                                 "package.resolved",
                                                 "cartfile.resolved",
                                                 "packages.lock.json",
                                                 "paket.lock",
                                                 "gradle.lockfile",
                                                 "chart.lock",
                                                 ".terraform.lock.hcl",
                                                 "conan.lock",
                                                 "module.bazel.lock",
                                                 "stack.yaml.lock",
                                                 "cabal.project.freeze",
                                                 "project.assets.json"};
constexpr std::array<string_view, 7> licence_words{"license", "licence",   "copying", "unlicense",
                                                   "notice",  "copyright", "patents"};
constexpr std::array<string_view, 6> prose{"md", "txt", "rst", "adoc", "html", "markdown"};

bool among(auto& all, string_view one) {
    return std::ranges::find(all, one) != all.end();
}

/// LICENSE, COPYING.LESSER, LICENSE-MIT, NOTICE.txt; but license.py is code.
bool is_licence(string_view name) {
    auto word = std::ranges::find_if(licence_words, [&](auto w) { return name.starts_with(w); });
    if (word == licence_words.end()) return false;
    auto rest = name.substr(word->size());
    if (rest.empty() || rest == ".lesser") return true;
    if (!string_view(".-_").contains(rest.front())) return false;
    auto dot = rest.rfind('.');
    return dot == rest.npos || among(prose, rest.substr(dot + 1));
}

} // namespace

string_view noted_kind(string_view path) {
    auto small = lower_case(path);
    auto name = string_view(small).substr(small.rfind('/') + 1); // of none: from 0
    bool ci = std::ranges::any_of(ci_folders, [&](auto folder) { return small.starts_with(folder); });
    if (ci || among(ci_files, name)) return "ci";
    if (among(lock_files, name)) return "lock";
    if (is_licence(name) || small.starts_with("licenses/")) return "licence";
    return "";
}

} // namespace persais::checks
