#pragma once
#include "base/secret.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/styled.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

/// The bodies of the Bot API's methods that Persais uses. Each function makes the JSON of one call; it is named like
/// the method.
namespace persais::telegram {

/// Where a message is sent: a chat, and in a forum one of its topics.
struct place {
    std::int64_t chat = 0;
    std::optional<std::int64_t> topic;
    bool operator==(const place&) const = default;
};

/// A button as it is sent: with data (at most limits::telegram_data_bytes), or a link.
struct key {
    std::string label;
    std::string data;
    std::string url = {};
    bool operator==(const key&) const = default;
};
using keyboard = std::vector<std::vector<key>>;

struct send_options {
    std::optional<std::int64_t> answer_to; // a message of the same chat; sent even when that message is gone
    bool silent = false;
};

/// Without previews of links: they lead to branches, and Telegram would fetch each from the forge.
boost::json::object send_message(const place& to, const styled& text, const keyboard& keys, send_options how = {});
/// An empty keyboard removes the buttons.
boost::json::object edit_message_text(std::int64_t chat, std::int64_t message, const styled& text,
                                      const keyboard& keys);
boost::json::object edit_message_reply_markup(std::int64_t chat, std::int64_t message, const keyboard& keys);
/// The text is shown at the top of the chat for a moment; with `alert`, until it is dismissed. Empty: nothing is shown.
boost::json::object answer_callback_query(std::string_view press, std::string_view words, bool alert = false);
boost::json::object delete_message(std::int64_t chat, std::int64_t message);
/// "typing", which is shown for five seconds.
boost::json::object send_chat_action(const place& to);
/// Everything but the file itself, which is sent as the part `document` of a multipart form; each member is a field of
/// its own.
boost::json::object send_document(const place& to, const styled& caption, const keyboard& keys, send_options how = {});

struct command_help {
    std::string name;
    std::string description;
};
/// Who gets a list of commands: everybody, or one chat (an admin's own).
struct command_scope {
    std::optional<std::int64_t> chat;
};
/// `language`: "ru", or empty for all languages that have no list of their own.
boost::json::object set_my_commands(const std::vector<command_help>& all, command_scope whom,
                                    std::string_view language);

boost::json::object set_webhook(std::string_view url, const secret& shown);
/// Updates that wait at Telegram are kept.
boost::json::object delete_webhook();
/// `offset`: acknowledges all updates with lower numbers. `wait`: how long Telegram waits for an update.
boost::json::object get_updates(std::optional<std::int64_t> offset, std::chrono::seconds wait);
boost::json::object get_me();

/// The kinds of updates that Telegram should send.
std::span<const std::string_view> wanted_updates();

} // namespace persais::telegram
