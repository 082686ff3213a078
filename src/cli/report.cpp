#include "cli/report.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
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

class as_lines final : public report {
public:
    explicit as_lines(std::FILE* out) : out_(out) {}
    void notice(std::string_view text) override { print(text); }
    void state(const mechanic::task& t) override {
        auto p = place_of(t);
        std::string more = p.round > 0 ? fmt::format(", repair round {}", p.round) : "";
        if (p.attempt > 1) more += fmt::format(", attempt {}", p.attempt);
        print(fmt::format("task {}: {}{}", t.id.value, mechanic::name_of(t.now), more));
    }
    void progress(const mechanic::progress& doing) override {
        if (doing != last_) print(fmt::format("  {}", to_string(doing)));
        last_ = doing;
    }
    void result(const app::foreground_result& r) override { print(text::trim(result_words(r))); }
    void broken(std::string_view sentence) override { print(sentence); }

private:
    void print(std::string_view text) {
        std::fprintf(out_, "%.*s\n", static_cast<int>(text.size()), text.data());
        std::fflush(out_);
    }
    std::FILE* out_;
    std::optional<mechanic::progress> last_;
};

/// Shows what is happening, elapsed time and cost in one line that is rewritten, with the finished steps above it.
class as_terminal final : public report {
public:
    explicit as_terminal(std::FILE* out) : out_(out) {}
    void notice(std::string_view text) override { above(fmt::format("\x1b[2m{}\x1b[0m", text)); }
    void state(const mechanic::task& t) override {
        if (!state_.empty()) above(fmt::format("\x1b[32m✓\x1b[0m {} \x1b[2m{:.1f} s\x1b[0m", state_, seconds(since_)));
        auto p = place_of(t);
        state_ = mechanic::is_settled(t.now) ? "" : std::string(mechanic::name_of(t.now));
        if (!state_.empty() && p.round > 0) state_ += fmt::format(" (repair round {})", p.round);
        doing_.clear();
        since_ = steady::now();
        show();
    }
    void progress(const mechanic::progress& doing) override {
        doing_ = to_string(doing);
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
    void result(const app::foreground_result& r) override {
        auto words = result_words(r);
        bool good = mechanic::exit_code(mechanic::verdict_of(r.task).value_or(mechanic::verdict::world_broken)) == 0;
        auto end = words.find('\n');
        above(fmt::format("\x1b[1;{}m{}\x1b[0m{}", good ? 32 : 31, words.substr(0, end),
                          text::trim(words.substr(end)).empty() ? "" : words.substr(end, words.size() - end - 1)));
    }
    void broken(std::string_view sentence) override { above(fmt::format("\x1b[1;31m{}\x1b[0m", sentence)); }

private:
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
            auto head = fmt::format("{} · {:.0f} s{}", state_, seconds(start_),
                                    cost_ > 0 ? fmt::format(" · ${:.4f}", cost_) : "");
            auto line = text::cut(head + (doing_.empty() ? "" : " · " + doing_), width() - 2);
            std::fprintf(out_, "\r\x1b[K\x1b[36m%s\x1b[0m", line.c_str());
        }
        std::fflush(out_);
    }
    std::FILE* out_;
    steady::time_point start_ = steady::now(), since_ = steady::now();
    std::string state_, doing_;
    double cost_ = 0;
};

} // namespace

std::unique_ptr<report> json_report(std::FILE* out) {
    return std::make_unique<as_json>(out);
}
std::unique_ptr<report> plain_report(std::FILE* out) {
    return std::make_unique<as_lines>(out);
}
std::unique_ptr<report> terminal_report(std::FILE* out) {
    return std::make_unique<as_terminal>(out);
}

} // namespace persais::cli
