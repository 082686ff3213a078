#include "doctor/init.hpp"

#include "base/limits.hpp"
#include "config/read_file.hpp"
#include "doctor/alone.hpp"
#include "doctor/draft.hpp"
#include "doctor/keep_out_of_git.hpp"
#include "doctor/questions.hpp"
#include "doctor/report.hpp"
#include "doctor/terminal.hpp"
#include "i18n/said.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::doctor {

namespace {

template <literal English, literal Russian, class... Arguments>
std::string spoken(Arguments&&... arguments) {
    return i18n::said<English, Russian>(i18n::language_of_environment(), std::forward<Arguments>(arguments)...);
}
std::string spoken_of(std::string_view english) {
    return i18n::in(i18n::language_of_environment(), english).value_or(std::string(english));
}

/// Thrown when the person interrupts the dialogue.
struct interrupted {};

class guide {
public:
    guide(init_request what, draft d) : what_(std::move(what)), draft_(std::move(d)) {
        for (const auto& t : topics())
            for (const auto& q : t.questions)
                names_.push_back(q.name);
    }

    int run() {
        talks_ = !what_.yes && terminal::present();
        for (const auto& [name, value] : what_.given)
            if (auto wrong = draft_.answer(name, value); !wrong.empty()) return wrong_use(wrong);
        if (!talks_) {
            take_environment();
            if (auto missing = needed(); !missing.empty()) return wrong_use(missing);
        }
        if (auto all = draft_.settings(names_); !all) return wrong_use(fmt::format("{}", fmt::join(all.error(), "\n")));
        if (talks_)
            say(spoken<
                "What is missing is asked for; Enter leaves a thing out, Ctrl-C ends without writing.\n",
                "Спрашивается только недостающее; Enter пропускает вопрос, Ctrl-C завершает, ничего не записав.\n">());
        for (const auto& t : topics())
            if (!(talks_ ? talk(t) : check(t))) return 1;
        return finish();
    }

private:
    static int wrong_use(std::string_view sentence) {
        fmt::print(stderr, "persais init: {}\n", spoken_of(sentence));
        return 2;
    }
    void say(std::string_view text) { terminal_.say(text); }

    /// Without a terminal the environment can give answers.
    void take_environment() {
        for (auto name : names_)
            if (auto found = what_.variables.find(std::string(name));
                found != what_.variables.end() && !what_.given.contains(std::string(name)) && draft_.has(name))
                draft_.answer(name, draft_.value(name));
    }

    /// What is missing to continue without a person; empty: nothing.
    std::string needed() const {
        if (what_.yes) return {};
        std::vector<std::string_view> flags;
        for (const auto& t : topics())
            for (const auto& q : t.questions)
                if ((q.name == "GIT_REMOTE_URL" || q.name == "OPENROUTER_API_KEY") && !draft_.has(q.name))
                    flags.push_back(q.flag);
        if (flags.empty()) return {};
        return spoken<
            "there is no terminal to ask on: give {} (and what else --help lists), or --yes to go on "
            "without.",
            "нет терминала, чтобы спросить: задайте {} (и остальное из --help) или продолжите без этого с --yes.">(
            fmt::join(flags, " and "));
    }

    bool applies_now(const question& q) const {
        return applies(q, draft_.value("GIT_REMOTE_URL"), draft_.has("TELEGRAM_BOT_TOKEN"));
    }

    /// The findings of this topic's probes; empty when there is nothing to test.
    findings test(const topic& t) {
        if (!what_.test || !t.tested) return {};
        if (*t.tested != aspect::database && *t.tested != aspect::model && !draft_.has(t.questions.front().name))
            return {};
        auto settings = draft_.settings(names_);
        if (!settings) {
            findings all;
            for (const auto& line : settings.error())
                all.push_back(failed("settings", line, ""));
            return all;
        }
        if (talks_) say(spoken<"  trying it …\n", "  проверяю …\n">());
        auto seen = run_alone<findings>([&](const asio::any_io_executor& executor, auto& kept) {
            auto visiting = std::make_shared<visit>(executor, *settings, what_.exe_folder);
            kept.push_back(visiting);
            return examine(visiting->of, *t.tested);
        });
        if (!seen) throw interrupted{};
        std::erase_if(*seen, [](const finding& f) { return f.how == grade::skipped; });
        return std::move(*seen);
    }

    /// Without a person: false when the answers that were given for this topic are wrong.
    bool check(const topic& t) {
        if (std::ranges::none_of(t.questions, [&](const question& q) { return draft_.answered(q.name); })) return true;
        auto seen = test(t);
        say(words(in_language(i18n::language_of_environment(), seen), dress_for(1)));
        if (!any_failed(seen)) return true;
        fmt::print(stderr, "{}",
                   spoken<"persais init: nothing was written; --no-test writes it nevertheless.\n",
                          "persais init: ничего не записано; всё равно записать можно с --no-test.\n">());
        return false;
    }

    bool talk(const topic& t) {
        std::vector<question> open;
        for (const auto& q : t.questions)
            if (!draft_.answered(q.name) && (what_.again || !draft_.has(q.name))) open.push_back(q);
        bool given = std::ranges::any_of(t.questions, [&](const question& q) { return draft_.answered(q.name); });
        if (open.empty() && !given) {
            say(spoken<"\n{}: kept ({}), not tried: persais doctor does.\n",
                       "\n{}: оставлено ({}), не проверено: проверит persais doctor.\n">(spoken_of(t.title),
                                                                                         t.questions.front().name));
            return true;
        }
        // A question that never applies (a key beside a token) is no reason to begin the topic.
        if (!given && std::ranges::none_of(open, [&](const question& q) { return applies_now(q); })) {
            say(spoken<"\n{}: kept ({}), not tried: persais doctor does.\n",
                       "\n{}: оставлено ({}), не проверено: проверит persais doctor.\n">(spoken_of(t.title),
                                                                                         t.questions.front().name));
            return true;
        }
        say(fmt::format("\n{}\n", spoken_of(t.title)));
        for (;;) {
            for (const auto& q : open)
                if (applies_now(q)) put(q);
            auto seen = test(t);
            say(words(in_language(i18n::language_of_environment(), seen), dress_for(1)));
            if (!any_failed(seen)) return true;
            auto next = ask(spoken<"  Enter: answer again; k: keep it anyway; l: leave it out > ",
                                   "  Enter: ответить ещё раз; k: всё равно оставить; l: пропустить > ">());
            if (next == "k" || next == "K") return true;
            bool leave = next == "l" || next == "L";
            // All questions of the topic are asked again, because it is not known which answer was wrong.
            open.assign(t.questions.begin(), t.questions.end());
            for (const auto& q : open)
                leave ? static_cast<void>(draft_.answer(q.name, "")) : draft_.forget(q.name);
            if (leave) return true;
        }
    }

    std::string ask(std::string_view prompt, bool hidden = false) {
        auto line = terminal_.ask(prompt, hidden);
        if (!line) throw interrupted{};
        return *line;
    }

    /// Asks until the answer has the right form.
    void put(const question& q) {
        bool hidden = config::is_secret(row_of(q.name)) && !q.of_file;
        if (auto wrong = draft_.wrong(q.name); !wrong.empty()) say(fmt::format("  {}: {}\n", q.name, spoken_of(wrong)));
        bool keeps = draft_.has(q.name) && !draft_.answered(q.name);
        for (;;) {
            auto said = ask(fmt::format("  {}{}{} > ", spoken_of(q.asked),
                                        keeps ? spoken<" (Enter: as it is)", " (Enter: как есть)">() : "",
                                        hidden ? spoken<" (not shown)", " (не показывается)">() : ""),
                            hidden);
            if (said.empty() && keeps) return;
            if (q.of_file && !said.empty()) {
                auto text = config::read_file(expanded(said), limits::settings_file_bytes);
                if (!text) {
                    say(fmt::format("  {}: {}\n", said, spoken_of(text.error())));
                    continue;
                }
                said = std::move(*text);
            }
            auto wrong = draft_.answer(q.name, std::move(said));
            if (wrong.empty()) return;
            say(fmt::format("  {}\n", spoken_of(wrong)));
        }
    }

    std::filesystem::path expanded(const std::string& path) const {
        auto home = what_.variables.find("HOME");
        if (path.starts_with("~/") && home != what_.variables.end())
            return std::filesystem::path(home->second) / path.substr(2);
        return what_.folder / path;
    }

    int finish() {
        if (!draft_.changed()) {
            say(talks_ ? spoken<"\nNothing is to be written; .env stays as it is. Next: persais doctor\n",
                                "\nЗаписывать нечего; .env остаётся как есть. Дальше: persais doctor\n">()
                       : spoken<"Nothing was given, so nothing was written. Next: persais doctor\n",
                                "Ничего не задано, поэтому ничего не записано. Дальше: persais doctor\n">());
            return 0;
        }
        auto written = draft_.write();
        if (!written) {
            fmt::print(stderr, "persais init: {}\n", spoken_of(written.error()));
            return 1;
        }
        for (const auto& name : draft_.overruled())
            say(spoken<"{} is set in the environment too, which wins over .env.\n",
                       "{} задан и в окружении, а оно важнее .env.\n">(name));
        for (auto name : names_)
            if (auto wrong = draft_.wrong(name); !draft_.answered(name) && !wrong.empty())
                say(spoken<"{}: {}; until then persais does not start.\n",
                           "{}: {}; до тех пор persais не запустится.\n">(name, spoken_of(wrong)));
        say(spoken<"\nWritten: {} (only you may read it).\n", "\nЗаписано: {} (читать его можете только вы).\n">(
            written->string()));
        auto list = run_alone<std::filesystem::path>(
            [&](const auto&, auto&) { return keep_out_of_git(*written, what_.variables); });
        if (list && !list->empty())
            say(spoken<"It stands in a checkout; a line in {} keeps it out of commits.\n",
                       "Файл лежит в рабочей копии; строка в {} не даст ему попасть в коммит.\n">(list->string()));
        say(spoken<"Next: persais doctor, then persais serve\n", "Дальше: persais doctor, затем persais serve\n">());
        return 0;
    }

    init_request what_;
    draft draft_;
    std::vector<std::string_view> names_;
    terminal terminal_;
    bool talks_ = false;
};

} // namespace

int init(init_request what) {
    auto d = draft::open(what.folder, what.variables);
    if (!d) {
        fmt::print(stderr, "persais init: {}\n", spoken_of(d.error()));
        return 2;
    }
    try {
        return guide(std::move(what), std::move(*d)).run();
    } catch (const interrupted&) {
        fmt::print(
            stderr, "{}",
            spoken<"persais init: ended; nothing was written.\n", "persais init: завершено; ничего не записано.\n">());
        return 130;
    }
}

} // namespace persais::doctor
