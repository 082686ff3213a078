#include "checks/guess.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <set>

#include <boost/json.hpp>

namespace persais::checks {

namespace {

using reader = std::function<std::optional<std::string>(const std::string&)>;

struct top {
    std::set<std::string, std::less<>> names;
    const reader& read;
    bool has(std::string_view name) const { return names.contains(name); }
    /// The first of these names that exists, or empty.
    std::string first(std::initializer_list<const char*> wanted) const {
        for (auto* n : wanted)
            if (has(n)) return n;
        return {};
    }
};

guesses javascript(const top& t) {
    guesses g;
    auto text = t.has("package.json") ? t.read("package.json") : std::nullopt;
    if (!text) return g;
    auto package = parse_object(*text);
    const auto* scripts = package ? object_in(*package, "scripts") : nullptr;
    const auto* test = scripts ? scripts->if_contains("test") : nullptr;
    // The script that npm init writes only says that there are no tests.
    if (!test || !test->is_string() || test->as_string().find("no test specified") != std::string::npos) return g;
    struct manager {
        const char* lock;
        const char* install;
        const char* run;
    };
    static constexpr manager managers[] = {{"pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm test"},
                                           {"yarn.lock", "yarn install --frozen-lockfile", "yarn test"},
                                           {"package-lock.json", "npm ci", "npm test"},
                                           {"npm-shrinkwrap.json", "npm ci", "npm test"}};
    for (auto& m : managers)
        if (t.has(m.lock)) return {guessed{m.install, m.lock}, guessed{m.run, "package.json"}};
    auto& o = *package;
    if (o.contains("dependencies") || o.contains("devDependencies")) g.setup = {"npm install", "package.json"};
    g.check = {"npm test", "package.json"};
    return g;
}

constexpr std::string_view own_package = " -e .";

/// Whether `pip install -e .` has something to build: a pyproject.toml may hold the settings of tools alone.
bool can_be_installed(const top& t) {
    if (t.has("setup.py")) return true;
    auto text = t.has("pyproject.toml") ? t.read("pyproject.toml") : std::nullopt;
    if (!text) return false;
    auto has_table = [&](std::string_view name) {
        return ("\n" + *text).find("\n[" + std::string(name)) != std::string::npos;
    };
    return has_table("project]") || has_table("build-system]") || has_table("tool.poetry]");
}

bool is_python_test(std::string_view path) {
    auto name = path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
    return name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"));
}

/// `inside`: tests in a folder are evidence enough; they may as well drive a program that make or cmake builds.
guesses python(const top& t, bool inside) {
    auto project = t.first({"pyproject.toml", "setup.py", "setup.cfg"});
    auto tests = t.first({"pytest.ini", "conftest.py", "tox.ini", "tests", "test", "testing"});
    auto loose = std::ranges::find_if(t.names, [&](const std::string& name) {
        return is_python_test(name) && (inside || name.find('/') == std::string::npos);
    });
    if (loose != t.names.end() && (tests.empty() || loose->starts_with(tests + "/"))) tests = *loose;
    bool any_python = !project.empty() || loose != t.names.end() || t.has("pytest.ini") || t.has("conftest.py") ||
                      t.has("requirements.txt") || t.has("tox.ini");
    if (tests.empty() || !any_python) return {};
    std::string install;
    for (auto* file : {"requirements.txt", "requirements-dev.txt", "requirements-test.txt", "dev-requirements.txt",
                       "test-requirements.txt"})
        if (t.has(file)) install += std::string(" -r ") + file;
    if (can_be_installed(t)) install += own_package;
    auto because = project.empty() ? tests : project;
    guesses g{guessed{"pip install" + install + " pytest", because}, guessed{"python3 -m pytest -q", because}};
    return g;
}

/// Whether a Makefile has this target; `.PHONY: test` alone does not count.
bool has_target(const std::string& text, const std::string& target) {
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.find('\n', at), text.size());
        std::string_view line(text.data() + at, end - at);
        auto colon = line.find(':');
        if (colon != std::string_view::npos && !line.starts_with('\t') && !line.substr(colon).starts_with(":=")) {
            std::string names = " " + std::string(line.substr(0, colon)) + " ";
            if (names.find(" " + target + " ") != std::string::npos) return true;
        }
        at = end + 1;
    }
    return false;
}

guesses make(const top& t) {
    auto file = t.first({"GNUmakefile", "Makefile", "makefile"});
    if (file.empty()) return {};
    auto text = t.read(file);
    for (auto* target : {"test", "check"})
        if (text && has_target(*text, target)) return {std::nullopt, guessed{std::string("make ") + target, file}};
    return {};
}

guesses cmake(const top& t) {
    auto text = t.has("CMakeLists.txt") ? t.read("CMakeLists.txt") : std::nullopt;
    if (!text) return {};
    if (text->find("enable_testing") == std::string::npos && text->find("CTest") == std::string::npos) return {};
    return {std::nullopt, guessed{"cmake -S . -B build && cmake --build build && ctest --test-dir build "
                                  "--output-on-failure",
                                  "CMakeLists.txt"}};
}

} // namespace

std::vector<std::string> weaker_setups(const std::string& guessed) {
    std::vector<std::string> all;
    if (auto at = guessed.find(own_package); at != std::string::npos)
        all.push_back(std::string(guessed).erase(at, own_package.size()));
    all.emplace_back();
    return all;
}

guesses guess(const std::vector<std::string>& names, const reader& read) {
    top t{{names.begin(), names.end()}, read};
    if (t.has("Cargo.toml")) return {guessed{"cargo fetch", "Cargo.toml"}, guessed{"cargo test", "Cargo.toml"}};
    if (t.has("go.mod")) return {guessed{"go mod download", "go.mod"}, guessed{"go test ./...", "go.mod"}};
    auto at_top = [](const top& all) { return python(all, false); };
    auto in_folders = [](const top& all) { return python(all, true); };
    for (guesses (*ecosystem)(const top&) : {javascript, +at_top, make, cmake, +in_folders})
        if (auto g = ecosystem(t); g.check) return g;
    return {};
}

} // namespace persais::checks
