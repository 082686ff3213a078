#pragma once
#include "http/client.hpp"
#include "llm/types.hpp"

#include <map>

#include <boost/json/object.hpp>

namespace persais::llm {

/// What an endpoint's GET /models says of its models.
using model_list = std::map<std::string, model_facts, std::less<>>;
model_list read_models(const boost::json::object& answer);

/// The facts of a name as people write it: `x/y:nitro` is priced as `x/y` when it is not listed itself. `~x/y-latest`,
/// which follows the newest of a family, has those of its entry in the list and of what that says it stands for, the
/// dearest and the smallest; without a price there, those of the listed family.
model_facts look_up(const model_list& all, std::string_view model);
/// The facts by which an answer is paid that came from the model `answering`: where the name that was asked for stands
/// for others (an alias, a router whose price depends), those of the one that answered, if they are known.
model_facts of_answering(const model_list& all, std::string_view asked, std::string_view answering,
                         const model_facts& of_asked);

/// The endpoint's list, kept for an hour. When it cannot be read the last one stays.
class models {
public:
    /// All must outlive the catalogue's coroutines.
    models(const asio::any_io_executor& executor, http::client& client, const upstream& where)
        : client_(client), where_(where), fetched_(executor) {}
    awaitable<model_facts> facts(std::string model);
    /// The names in the list; empty when it has none, or was never read.
    awaitable<std::vector<std::string>> names();
    /// As of_answering, by the list as it was read last.
    model_facts paid_by(std::string_view asked, std::string_view answering, const model_facts& of_asked) const {
        return of_answering(list_, asked, answering, of_asked);
    }
    /// The list is read again when it is next needed: another key may see other models. That of another endpoint is
    /// not used until then either.
    void forget(bool other_endpoint);

private:
    awaitable<> refresh();
    awaitable<> make_fresh();
    http::client& client_;
    const upstream& where_;
    model_list list_;
    std::chrono::steady_clock::time_point good_until_{};
    int asked_for_ = 0; // grows when the list is forgotten: what was asked for before is not kept
    bool fetching_ = false;
    event fetched_;
};

} // namespace persais::llm
