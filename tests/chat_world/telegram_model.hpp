#pragma once
#include "telegram/api/answer.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace persais::chat_world {

/// A message in a chat.
struct standing {
    std::int64_t id = 0;
    std::int64_t answers = 0; // the message that it replies to
    bool from_bot = false;
    std::string text;
    std::vector<std::string> buttons; // their data
};

/// Telegram: the chats with their messages, and the updates for the bot. Calls take effect at once.
class telegram_model {
public:
    static constexpr std::int64_t bot = 42;

    telegram::answer call(const std::string& method, const std::string& body);
    /// Whether this getUpdates would return any update.
    bool has_more(const std::string& body) const;

    // --- what people do: each function returns the number of the update ---
    std::int64_t says(std::int64_t person, std::int64_t chat, std::int64_t date, const std::string& text,
                      std::int64_t answers = 0, bool mention = false);
    std::int64_t edits(std::int64_t person, const standing& what, std::int64_t date, const std::string& text);
    std::int64_t presses(std::int64_t person, std::int64_t chat, const standing& under, const std::string& data);

    std::map<std::int64_t, std::deque<standing>> chats;
    std::map<std::int64_t, std::string> updates; // all updates so far, by number
    std::set<std::int64_t> acknowledged;

private:
    telegram::answer send(const boost::json::object& o);
    telegram::answer edit(const boost::json::object& o);
    telegram::answer fetch(const boost::json::object& o);
    std::int64_t add_update(boost::json::object what);

    std::map<std::int64_t, std::int64_t> last_message_;
    std::int64_t last_update_ = 1000;
};

} // namespace persais::chat_world
