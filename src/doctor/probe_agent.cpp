#include "base/text.hpp"
#include "base/told.hpp"
#include "doctor/agent.hpp"
#include "doctor/installation.hpp"
#include "doctor/limits.hpp"
#include "git/limits.hpp"

#include <fstream>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace fs = std::filesystem;
namespace json = boost::json;

result<coder::aider_installation> find_agent(const subject& of) {
    auto environment = config::find_beside(of.settings, of.exe_folder, "agent-env");
    if (!environment) return std::unexpected(environment.error());
    auto wrapper = config::find_beside(of.settings, of.exe_folder, "agent");
    if (!wrapper) return std::unexpected(wrapper.error());
    return coder::aider_installation{fs::weakly_canonical(*environment), fs::weakly_canonical(*wrapper) / "run.py"};
}

namespace {

/// Imports what a task imports, in the wrapper's own order; prints the version and the seconds as JSON.
constexpr auto program = R"(
import sys, time, json, importlib.metadata
start = time.monotonic()
sys.path.insert(0, sys.argv[1])
version = importlib.metadata.version("aider-chat")
import persais_agent.session
persais_agent.session.stubs.install()
import aider.coders, aider.models, aider.repomap
print(json.dumps({"version": version, "python": sys.version.split()[0], "seconds": round(time.monotonic() - start, 2)}))
)";

/// The version that this Persais was tested with; empty when the list is missing.
std::string pinned(const fs::path& wrapper) {
    std::ifstream list(wrapper.parent_path() / "requirements.in");
    constexpr std::string_view name = "aider-chat==";
    for (std::string line; std::getline(list, line);)
        if (line.starts_with(name)) return std::string(text::trim(line.substr(name.size())));
    return {};
}

std::string last_line(std::string_view text) {
    text = text::trim(text);
    return text::cut(text::printable(text.substr(text.rfind('\n') == text.npos ? 0 : text.rfind('\n') + 1)),
                     limits::git_words_bytes);
}

} // namespace

awaitable<finding> probe_agent(subject& of) {
    auto where = find_agent(of);
    const auto install =
        told<"Install the package persais-agent, run `make setup` in a checkout (the image has it), or name the "
             "environment in PERSAIS_AGENT_ENV.",
             "Установите пакет persais-agent, выполните `make setup` в рабочей копии (в образе всё есть) или укажите "
             "окружение в PERSAIS_AGENT_ENV.">();
    if (!where) co_return failed("agent", where.error(), install);
    sandbox::child_spec run{.argv = {(where->environment / "bin/python").string(), "-I", "-c", program,
                                     where->wrapper.parent_path().string()},
                            .environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8",
                                            "PYTHONDONTWRITEBYTECODE=1", "LITELLM_LOCAL_MODEL_COST_MAP=True"},
                            .total = limits::doctor_probe};
    auto ended = co_await sandbox::run_child(std::move(run));
    boost::system::error_code ec;
    auto said = json::parse(last_line(ended.output), ec);
    if (!ended.ok() || ec || !said.is_object())
        co_return failed("agent",
                         told<"aider's environment {} does not work: {}.", "Окружение aider {} не работает: {}.">(
                             where->environment.string(),
                             ended.how == sandbox::ended::timed_out
                                 ? told<"its imports do not come to an end", "его импорты не заканчиваются">()
                                 : last_line(ended.error)),
                         install);
    auto facts = said.as_object();
    auto version = text::printable(text_in(facts, "version"));
    auto says = told<"aider {} on Python {}, imports in {:.1f} s.", "aider {} на Python {}, импорты за {:.1f} с.">(
        version, text::printable(text_in(facts, "python")), number_in(facts, "seconds").value_or(0));
    if (auto wanted = pinned(where->wrapper); !wanted.empty() && wanted != version)
        co_return warn("agent", std::move(says),
                       told<"Persais is made for aider {}: run `make setup` again.",
                            "Persais рассчитан на aider {}: выполните `make setup` ещё раз.">(wanted),
                       std::move(facts));
    co_return ok("agent", std::move(says), std::move(facts));
}

} // namespace persais::doctor
