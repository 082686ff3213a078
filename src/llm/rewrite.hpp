#pragma once
#include "llm/outcome.hpp"

#include <boost/json/object.hpp>

namespace persais::llm {

/// What the agent may ask for, and how the endpoint wants it.
struct rules {
    std::string model;         // without "openrouter/"
    std::string weak_model;    // may be empty
    std::string provider_json; // may be empty
    std::string session;       // of the task, for an endpoint that keeps prompts by it; empty: none
    data_rules data = {};
};

/// The agent's request as it goes upstream, but for the number of tokens, which the budget grants.
struct chat {
    boost::json::object body; // without the messages
    std::string messages;     // as JSON: the long part is held once while it may be asked again
    std::string model;
    bool stream = false;
    bool writes_cache = false;
    bool continues = false;        // its last words are the model's own: it is to go on there, if it can
    std::int64_t asked_tokens = 0; // max_tokens the agent asked for; 0: none
    std::size_t asked_bytes = 0;   // of the agent's request, from which its tokens are estimated
};

/// What a reservation does not cover is refused (priced.hpp). Errors are 400; for another model 404, as OpenRouter's;
/// for one that the repository does not allow 403.
result<chat, call_error> read_chat(std::string_view body, const rules& by);

/// The whole request: `body` of the chat, as a dialect says it, with the messages.
std::string whole_request(const boost::json::object& body, std::string_view messages);

/// How many tokens to ask the budget for: the agent's wish, within what the model can. For an agent that names none,
/// what the model can, within what half of the task's budget buys.
std::int64_t tokens_wanted(const chat& c, const model_facts& facts, std::int64_t prompt_tokens, double task_budget_usd);

/// OpenRouter keeps the requests of one session_id on the provider that has their prompt cached. Empty for any other
/// endpoint, which might refuse a field that it does not know.
std::string session_id(std::string_view base_url, task_id task);

} // namespace persais::llm
