#include "http/router.hpp"

#include "base/told.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::http {

namespace {

/// Passes everything on and remembers the status.
class noted final : public responder {
public:
    explicit noted(responder& to) : to_(to) {}
    int status = 0;

    awaitable<> send(int s, headers fields, std::string body) override {
        status = s;
        return to_.send(s, std::move(fields), std::move(body));
    }
    awaitable<> send(response r) { return send(r.status, std::move(r.fields), std::move(r.body)); }
    awaitable<> begin(int s, headers fields) override {
        status = s;
        return to_.begin(s, std::move(fields));
    }
    awaitable<> write(std::string piece) override { return to_.write(std::move(piece)); }
    awaitable<> finish() override { return to_.finish(); }
    bool begun() const override { return to_.begun(); }
    void abort() override { to_.abort(); }

private:
    responder& to_;
};

/// The requests that a route answers at once, by client; that of "" is not known.
using places = std::map<std::string, std::size_t>;

/// One of them.
class place {
public:
    place(std::size_t& all, places& taken, const std::string& client)
        : all_(all), taken_(taken), mine_(taken.try_emplace(client).first) {
        ++all_, ++mine_->second;
    }
    ~place() {
        --all_;
        if (--mine_->second == 0) taken_.erase(mine_);
    }
    place(const place&) = delete;

private:
    std::size_t& all_;
    places& taken_;
    places::iterator mine_;
};

} // namespace

struct router::state {
    struct entry {
        route spec;
        std::string authentication;
        admission open;
        std::size_t under_way = 0;
        places of_client;

        bool is_full_for(const std::string& client) const {
            if (under_way >= spec.at_once) return true;
            auto its = client.empty() || !authentication.empty() ? of_client.end() : of_client.find(client);
            return its != of_client.end() && its->second >= std::max<std::size_t>(1, spec.at_once / 2);
        }
    };

    route_table table;
    std::vector<std::unique_ptr<entry>> entries;
    observer told;
    std::vector<std::pair<std::string, refusing>> refusals;

    response refusal_of(const request& head, int status, std::string sentence) const {
        for (const auto& [below, how] : refusals)
            if (head.path.starts_with(below)) return how(head, status, std::move(sentence));
        return error_response(status, sentence);
    }

    /// `all` keeps the route and its functions while they run.
    static awaitable<> serve(std::shared_ptr<state> all, request head, pending_request& to) {
        auto start = std::chrono::steady_clock::now();
        auto method = head.method;
        std::string counted_as = "other";
        noted out(to);
        std::exception_ptr broke;
        try {
            co_await all->answer(std::move(head), to, out, counted_as);
        } catch (...) {
            broke = std::current_exception();
        }
        // The connection answers for a handler that was late or threw.
        auto status = to.begun() ? out.status : to.late() ? 503 : client_left(broke) ? 0 : 500;
        if (all->told && status != 0) all->told(counted_as, method, status, std::chrono::steady_clock::now() - start);
        if (broke) std::rethrow_exception(broke);
    }

    awaitable<> answer(request head, pending_request& to, noted& out, std::string& counted_as) {
        auto match = table.find(head.method, head.path);
        if (std::holds_alternative<route_table::malformed>(match)) {
            co_await out.send(refusal_of(
                head, 400, persais::told<"{} cannot be read as a path.", "{} нельзя прочитать как путь.">(head.path)));
        } else if (std::holds_alternative<route_table::no_path>(match)) {
            co_await out.send(refusal_of(head, 404, persais::told<"There is no {} here.", "Здесь нет {}.">(head.path)));
        } else if (auto* wrong = std::get_if<route_table::no_method>(&match)) {
            counted_as = entries[wrong->index]->spec.counted_as;
            auto no = refusal_of(head, 405,
                                 persais::told<"{} does not take {}.", "{} не принимает {}.">(head.path, head.method));
            no.fields.emplace_back("Allow", std::move(wrong->allow));
            co_await out.send(std::move(no));
        } else {
            auto& is = std::get<route_table::found>(match);
            auto& route = *entries[is.index];
            counted_as = route.spec.counted_as;
            co_await run(route, {std::move(head), std::move(is.path)}, to, out);
        }
    }

    awaitable<> run(entry& route, call c, pending_request& to, noted& out) const {
        to.begin_within(route.spec.deadline);
        auto opened = co_await route.open(c.asked);
        if (!opened) {
            co_await out.send(std::move(opened.error()));
            co_return;
        }
        if (route.is_full_for(c.asked.client)) {
            co_await out.send(refusal_of(c.asked, 503,
                                         persais::told<"Too many of these requests are under way; try again later.",
                                                       "Таких запросов сейчас слишком много: повторите позже.">()));
            co_return;
        }
        place mine(route.under_way, route.of_client, c.asked.client);
        to.begin_within(std::nullopt); // the time that the client takes to send its body is not the handler's
        auto body = co_await to.body(route.spec.body_bytes);
        if (!body) {
            co_await out.send(refusal_of(c.asked, body.error().status, std::move(body.error().sentence)));
            co_return;
        }
        c.asked.body = std::move(*body);
        to.begin_within(route.spec.deadline);
        co_await (*opened)(std::move(c), out);
    }
};

router::router() : state_(std::make_shared<state>()) {}

void router::admit(route where, std::string authentication, admission open) {
    state_->table.add(where.method, where.pattern);
    state_->entries.push_back(
        std::make_unique<state::entry>(std::move(where), std::move(authentication), std::move(open)));
}

awaitable<> router::send(awaitable<response> answer, responder& to) {
    auto r = co_await std::move(answer);
    co_await to.send(r.status, std::move(r.fields), std::move(r.body));
}

void router::add(route where, no_authentication, whole<call> answer) {
    add(std::move(where), no_authentication{}, streaming<call>([answer = std::move(answer)](call c, responder& to) {
            return send(answer(std::move(c)), to);
        }));
}

void router::add(route where, no_authentication, streaming<call> answer) {
    admit(std::move(where), {},
          [answer = std::move(answer)](request) -> awaitable<result<streaming<call>, response>> { co_return answer; });
}

void router::answered(observer told) {
    state_->told = std::move(told);
}

void router::refuse_below(std::string path, refusing how) {
    state_->refusals.emplace_back(std::move(path), std::move(how));
}

std::vector<router::listed> router::routes() const {
    std::vector<listed> all;
    for (const auto& each : state_->entries)
        all.push_back({each->spec.method, each->spec.pattern, each->authentication});
    return all;
}

std::function<bool(const request&)> router::firsts() const {
    return [all = state_](const request& r) {
        return std::ranges::any_of(all->entries, [&](const auto& each) {
            const auto& spec = each->spec;
            return spec.first && r.path == spec.pattern &&
                   (r.method == spec.method || (r.method == "HEAD" && spec.method == "GET"));
        });
    };
}

handler router::as_handler() const {
    return [all = state_](request head, pending_request& to) { return state::serve(all, std::move(head), to); };
}

} // namespace persais::http
