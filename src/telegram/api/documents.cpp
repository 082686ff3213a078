#include "telegram/api/documents.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace json = boost::json;

namespace {

bool too_many(std::optional<std::int64_t> bytes) {
    return bytes && *bytes > static_cast<std::int64_t>(limits::telegram_document_bytes);
}

std::unexpected<unread> not_given(std::string_view why) {
    spdlog::warn("a file that was sent in a chat could not be fetched: {}", why);
    return std::unexpected(unread::not_given);
}

} // namespace

awaitable<result<std::string, unread>> read_document(api& bot, attachment what) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (what.what != attachment::kind::document || what.file.empty()) co_return std::unexpected(unread::no_text);
    if (too_many(what.bytes)) co_return std::unexpected(unread::too_large);
    auto asked = co_await bot.call("getFile", json::serialize(json::object{{"file_id", what.file}}));
    if (!asked.got) co_return not_given(asked.why);
    if (!asked.got->ok) co_return not_given(asked.got->description);
    auto found = parse_object(asked.got->result).value_or(json::object());
    auto path = text_in(found, "file_path");
    if (path.empty()) co_return not_given("getFile gave no path");
    if (too_many(whole_in(found, "file_size"))) co_return std::unexpected(unread::too_large);
    auto got = co_await bot.download(std::move(path), limits::telegram_document_bytes);
    if (!got) co_return not_given(got.error());
    if (got->starts_with(byte_order_mark)) got->erase(0, byte_order_mark.size());
    if (!text::valid_utf8(*got) || got->contains('\0')) co_return std::unexpected(unread::no_text);
    co_return std::move(*got);
}

} // namespace persais::telegram
