#include "config/documents.hpp"

#include "config/table.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace persais::config {

namespace {

constexpr auto head = R"(# Settings

Made from the table in `src/config/table.cpp`; a test holds the two together.

Settings are variables of the environment. `persais` also reads a `.env` in the working folder; a variable that exists wins
over it. ◆ marks a secret: it may also come from a file, named by `NAME_FILE=/path`, and the file wins over both; one that is set at run
time (`persais secret set NAME`, [operating.md](operating.md#rotating-secrets)) wins over all. A secret is
never shown: not in a log, a message, a commit, nor to the agent or the checks. Not set and set to nothing are the same.

- An unknown `PERSAIS_…` name or a wrong value is one line that names the variable, and exit 2.
- Durations are a whole number and one unit: `500ms`, `10s`, `15m`, `2h`, `7d`.
- In `.env`: `NAME=value` or `export NAME=value`; values in 'single' quotes are taken as they are, in "double" quotes with
  `\n \t \" \\ \$`. A ` # comment` after a value is cut off, also when a container runtime passed it in with the value
  (not from the two commands: their shell knows comments). A `#` with no blank before it belongs to the value.
- What `.env.example` says in the place of an own value (`xxx`, the numbers of people, the hosts, the repository) counts as not given; it
  is told. So is a name in `.env` that is none of ours, with the setting that it resembles.
- `persais config check` prints every setting, its value and where it came from.
- A running `persais serve` reads everything again at SIGHUP, and when `.env` or a file that `NAME_FILE` names changes. What can
  be taken over is, all of it or, when anything is wrong, nothing; the last column says what waits for the next start. The
  environment of a running process cannot change: rotate a key with `persais secret set`, in `.env` or in a file. Work under way keeps what it began with.
- Relative paths count from the working folder; `~/` is the home folder.

"Read from a later version on" marks what is known and checked, but read by nothing yet.
)";

/// The settings that users were given first: their order, sections and spelling are kept.
struct listed {
    std::string_view section; ///< begins with this line
    std::string_view name;
    std::string_view value;
};
constexpr listed first_list[] = {
    {"Application", "NODE_ENV", "production"},
    {"", "PORT", "3000"},
    {"Database", "DATABASE_URL", "postgresql://user:pass@host:5432/persais"},
    {"Telegram", "TELEGRAM_BOT_TOKEN", "xxx"},
    {"", "TELEGRAM_WEBHOOK_URL", "https://app.fly.dev/telegram/webhook"},
    {"", "TELEGRAM_ADMIN_IDS", "123456,789012"},
    {"AI / OpenRouter", "OPENROUTER_API_KEY", "xxx"},
    {"", "AIDER_MODEL", "~anthropic/claude-sonnet-latest  # or any other name of OpenRouter's list"},
    {"Git", "GIT_REMOTE_URL", "https://github.com/user/repo.git"},
    {"", "GIT_ACCESS_TOKEN", "xxx"},
    {"Security", "ALLOWED_USER_IDS", "123456,789012"},
};

bool is_listed(const row& each) {
    return std::ranges::any_of(first_list, [&](const listed& l) {
        return l.name == each.name || (!each.alias.empty() && l.name == each.alias);
    });
}

constexpr auto example_head =
    R"(# Copy to .env (mode 0600), put your own values and take out what you do not have: without DATABASE_URL Persais
# starts a PostgreSQL of its own, without TELEGRAM_BOT_TOKEN there is no Telegram. `persais config check` says what is
# wrong; docs/settings.md says what each means.

)";

constexpr auto example_rest = R"(
# ------------------------------------------------------------------------------------------------------------------
# The rest is optional; what stands here is the default. "Later" marks what is read from a later version on.
)";

std::string default_of(const row& each) {
    return each.standard.empty() ? std::string(each.otherwise) : fmt::format("`{}`", each.standard);
}

std::string without_ticks(std::string_view text) {
    std::string plain(text);
    std::erase(plain, '`');
    return plain;
}

} // namespace

std::string settings_markdown() {
    std::string out = head;
    std::optional<group> open;
    for (const auto& each : table()) {
        if (open != each.in) {
            open = each.in;
            out += fmt::format(
                "\n## {}\n\n| name | default | form | meaning | changed while running |\n|---|---|---|---|---|\n",
                title(each.in));
        }
        out += fmt::format("| `{}`", each.name);
        if (is_secret(each)) out += " ◆";
        if (!each.alias.empty()) out += fmt::format(", or `{}`", each.alias);
        std::string meaning(each.meaning);
        if (!each.read) meaning += meaning.empty() ? "read from a later version on" : "; read from a later version on";
        out += fmt::format(" | {} | {} | {} | {} |\n", default_of(each), form(each), meaning,
                           each.live ? "taken over" : "next start");
    }
    return out;
}

std::string env_example() {
    std::string out = example_head;
    for (const auto& each : first_list) {
        if (!each.section.empty())
            out += fmt::format("{}# {}\n", each.name == first_list[0].name ? "" : "\n", each.section);
        out += fmt::format("{}={}\n", each.name, each.value);
    }
    out += example_rest;
    std::optional<group> open;
    for (const auto& each : table()) {
        if (is_listed(each)) continue;
        if (open != each.in) {
            open = each.in;
            out += fmt::format("\n# --- {}\n", title(each.in));
        }
        auto meaning = without_ticks(each.meaning);
        auto otherwise = without_ticks(each.otherwise);
        out += "#";
        if (!each.read) out += " Later:";
        if (!meaning.empty()) out += " " + meaning;
        if (!otherwise.empty()) out += fmt::format("{} not set: {}", meaning.empty() ? "" : ";", otherwise);
        out += fmt::format("\n#{}={}\n", each.name, each.standard);
    }
    return out;
}

std::string settings_help() {
    std::string out;
    std::optional<group> open;
    for (const auto& each : table()) {
        if (open != each.in) {
            open = each.in;
            out += fmt::format("{}{}:\n", out.empty() ? "" : "\n", title(each.in));
        }
        auto shown = without_ticks(each.standard.empty() ? each.otherwise : each.standard);
        out += fmt::format("  {:<24} {} [{}]{}\n", each.name, without_ticks(each.meaning), shown,
                           each.read ? "" : " (later)");
    }
    return out;
}

} // namespace persais::config
