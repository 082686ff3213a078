#pragma once
#include "http/client.hpp"
#include "llm/types.hpp"

#include <map>

#include <boost/json/object.hpp>

namespace persais::llm {

/// What an endpoint's GET /models says of its models.
using model_list = std::map<std::string, model_facts, std::less<>>;
model_list read_models(const boost::json::object& answer);

/// The facts of a name as people write it: `x/y:nitro` is priced as `x/y` when it is not listed itself; `~x/y-latest`,
/// which follows the newest of a family, as the dearest and smallest of the listed family.
model_facts look_up(const model_list& all, std::string_view model);

/// The endpoint's list, kept for an hour. When it cannot be read the last one stays.
class models {
public:
    /// All must outlive the catalogue's coroutines.
    models(const asio::any_io_executor& executor, http::client& client, const upstream& where)
        : client_(client), where_(where), fetched_(executor) {}
    awaitable<model_facts> facts(std::string model);
    /// The list is read again when it is next needed: another key may see other models.
    void forget() { good_until_ = {}; }

private:
    awaitable<> refresh();
    http::client& client_;
    const upstream& where_;
    model_list list_;
    std::chrono::steady_clock::time_point good_until_{};
    bool fetching_ = false;
    event fetched_;
};

} // namespace persais::llm
