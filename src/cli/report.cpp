#include "cli/report.hpp"

#include "base/colours.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/limits.hpp"
#include "cli/pager.hpp"
#include "cli/task_diff.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace json = boost::json;
using steady = std::chrono::steady_clock;

namespace {

struct place {
    int attempt = 0, round = 0;
};
place place_of(const mechanic::task& t) {
    return {attempt_of(t.now).value_or(std::max(t.known.attempts_used, 1)), round_of(t.now).value_or(0)};
}

class as_json final : public report {
public:
    explicit as_json(std::FILE* out) : out_(out) {}
    void notice(std::string_view) override {}
    void state(const mechanic::task& t) override {
        task_ = t.id.str();
        auto p = place_of(t);
        line({{"event", "state"},
              {"task", task_},
              {"state", mechanic::name_of(t.now)},
              {"attempt", p.attempt},
              {"round", p.round}});
    }
    void progress(const mechanic::progress& doing) override {
        line({{"event", "progress"}, {"task", task_}, {"text", to_string(doing)}});
    }
    void result(const app::foreground_result& r) override { print(result_json(r)); }
    void broken(std::string_view sentence) override {
        app::foreground_result r;
        r.task.now = mechanic::failed{mechanic::verdict::world_broken, "", std::string(sentence)};
        auto o = json::parse(result_json(r)).as_object();
        o["task"] = task_;
        line(std::move(o));
    }

private:
    void line(json::object o) { print(to_text(o)); }
    void print(const std::string& text) {
        std::fprintf(out_, "%s\n", text.c_str());
        std::fflush(out_);
    }
    std::FILE* out_;
    std::string task_;
};

/// The diff, of which a part is shown when it is long, and what to do next.
void close_with(const mechanic::task& t, std::string_view diff, bool colour) {
    std::size_t left_out = 0;
    auto shown = first_lines(diff, limits::end_diff_lines, left_out);
    if (!shown.empty()) {
        shown = "\n" + shown_diff(shown, colour);
        if (left_out > 0)
            shown += said<"… {0} more {0:line|lines} of the diff; `persais diff {1}` shows all of it.\n",
                          "… ещё {0} {0:строка|строки|строк} диффа; целиком: `persais diff {1}`.\n">(
                number{static_cast<std::int64_t>(left_out)}, t.id.value);
        page(shown + "\n");
    }
    put(stdout, next_line(t));
}

class as_lines final : public report {
public:
    as_lines(std::FILE* out, bool colour) : out_(out), colour_(colour) {}
    void notice(std::string_view text) override { print(in_tongue(text)); }
    void state(const mechanic::task& t) override {
        auto p = place_of(t);
        std::string more = p.round > 0 ? said<", repair round {}", ", исправление {}">(p.round) : "";
        if (p.attempt > 1) more += said<", attempt {}", ", попытка {}">(p.attempt);
        auto text = said<"task {}: {}{}", "задача {}: {}{}">(t.id.value, in_tongue(mechanic::word_of(t.now)), more);
        if (text != state_) print(text); // the steps of a landing are one state
        state_ = std::move(text);
    }
    void progress(const mechanic::progress& doing) override {
        if (doing != last_) print(fmt::format("  {}", in_tongue(to_string(doing))));
        last_ = doing;
    }
    void result(const app::foreground_result& r) override { print(text::trim(result_words(r, colour_))); }
    void closing(const mechanic::task& t, std::string_view diff) override { close_with(t, diff, colour_); }
    void broken(std::string_view sentence) override { print(in_tongue(sentence)); }

private:
    void print(std::string_view text) {
        std::fprintf(out_, "%.*s\n", static_cast<int>(text.size()), text.data());
        std::fflush(out_);
    }
    std::FILE* out_;
    bool colour_;
    std::optional<mechanic::progress> last_;
    std::string state_;
};

/// Shows what is happening, elapsed time and cost in one line that is rewritten, with the finished steps above it.
class as_terminal final : public report {
public:
    as_terminal(std::FILE* out, bool colour) : out_(out), colour_(colour) {}
    void notice(std::string_view text) override { above(paint(in_tongue(text), "2")); }
    void state(const mechanic::task& t) override {
        if (!state_.empty())
            above(fmt::format("{} {} {}", paint("✓", "32"), state_,
                              paint(said<"{:.1f} s", "{:.1f} с">(seconds(since_)), "2")));
        auto p = place_of(t);
        state_ = mechanic::is_settled(t.now) ? "" : in_tongue(mechanic::word_of(t.now));
        if (!state_.empty() && p.round > 0) state_ += said<" (repair round {})", " (исправление {})">(p.round);
        doing_.clear();
        since_ = steady::now();
        show();
    }
    void progress(const mechanic::progress& doing) override {
        doing_ = in_tongue(to_string(doing));
        show();
    }
    void agent_text(std::string_view text) override {
        auto shown = text::trim(text);
        if (shown.empty()) return;
        doing_ = shown.substr(shown.rfind('\n') == std::string_view::npos ? 0 : shown.rfind('\n') + 1);
        show();
    }
    void money(const llm::spent& s) override { cost_ = s.cost_usd; }
    void tick() override { show(); }
    void result(const app::foreground_result& r) override { above(text::trim(result_words(r, colour_))); }
    void closing(const mechanic::task& t, std::string_view diff) override { close_with(t, diff, colour_); }
    void broken(std::string_view sentence) override { above(paint(in_tongue(sentence), "1;31")); }

private:
    std::string paint(std::string_view text, std::string_view with) const { return painted(text, with, colour_); }
    static double seconds(steady::time_point from) {
        return std::chrono::duration<double>(steady::now() - from).count();
    }
    std::size_t width() const {
        winsize size{};
        return ::ioctl(::fileno(out_), TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    }
    void above(std::string_view text) {
        std::fprintf(out_, "\r\x1b[K%.*s\n", static_cast<int>(text.size()), text.data());
        show();
    }
    void show() {
        if (!state_.empty()) {
            auto head = said<"{} · {:.0f} s{}", "{} · {:.0f} с{}">(state_, seconds(start_),
                                                                   cost_ > 0 ? fmt::format(" · ${:.4f}", cost_) : "");
            auto line = text::cut(head + (doing_.empty() ? "" : " · " + doing_), width() - 2);
            std::fprintf(out_, "\r\x1b[K%s", paint(line, "36").c_str());
        }
        std::fflush(out_);
    }
    std::FILE* out_;
    bool colour_;
    steady::time_point start_ = steady::now(), since_ = steady::now();
    std::string state_, doing_;
    double cost_ = 0;
};

} // namespace

std::unique_ptr<report> json_report(std::FILE* out) {
    return std::make_unique<as_json>(out);
}
std::unique_ptr<report> plain_report(std::FILE* out, bool colour) {
    return std::make_unique<as_lines>(out, colour);
}
std::unique_ptr<report> terminal_report(std::FILE* out, bool colour) {
    return std::make_unique<as_terminal>(out, colour);
}
std::unique_ptr<report> report_for_people() {
    bool rewrites = ::isatty(STDOUT_FILENO) == 1 && !is_dumb_terminal();
    return rewrites ? terminal_report(stdout, coloured(STDOUT_FILENO)) : plain_report(stdout, coloured(STDOUT_FILENO));
}

} // namespace persais::cli
