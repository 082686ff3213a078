#include "queue/exported.hpp"

#include "queue/queries.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::queue {

namespace {

std::string identifier(std::string_view name) {
    std::string all = "\"";
    for (char c : name)
        all += c == '"' ? std::string("\"\"") : std::string(1, c);
    return all + "\"";
}

/// The columns that the rows are read in the order of, with their types.
std::vector<exported_column> order_of(const exported_table& of) {
    std::vector<exported_column> all;
    for (const auto& name : of.key)
        all.push_back(*std::ranges::find(of.columns, name, &exported_column::name));
    if (all.empty()) all.push_back({.name = "ctid", .type = "tid"}); // where the row lies
    return all;
}

/// A page of rows behind those of which the key is $1…, or from the beginning.
std::string page_of(const exported_table& of, const std::vector<exported_column>& order, int rows, bool first) {
    std::vector<std::string> shown, keys, texts, given;
    for (const auto& column : of.columns)
        if (!column.withheld) shown.push_back("t." + identifier(column.name));
    for (const auto& column : order) {
        keys.push_back("t." + identifier(column.name));
        texts.push_back(keys.back() + "::text");
        given.push_back(fmt::format("${}::{}", given.size() + 1, column.type));
    }
    auto behind = first ? "" : fmt::format("where ({}) > ({}) ", fmt::join(keys, ", "), fmt::join(given, ", "));
    return fmt::format("select (select row_to_json(x) from (select {}) x)::text, {} from {} t {}order by {} limit {}",
                       fmt::join(shown, ", "), fmt::join(texts, ", "), identifier(of.name), behind,
                       fmt::join(keys, ", "), rows);
}

} // namespace

bool is_withheld(std::string_view column) {
    constexpr std::array kinds = {"sealed", "hash", "token", "secret", "password"};
    return std::ranges::any_of(kinds, [&](std::string_view kind) {
        // "sealed", "sealed_environment", "code_hash"; not "prompt_tokens"
        return column == kind || column.ends_with(std::string("_") += kind) ||
               column.starts_with(std::string(kind) + "_");
    });
}

awaitable<std::vector<exported_table>> exported_tables(store::pool& db) {
    auto r = co_await db.query(std::string(queries::exported_columns));
    std::vector<exported_table> all;
    std::vector<std::pair<std::int64_t, std::string>> key;
    auto close = [&] {
        std::ranges::sort(key);
        for (auto& each : key)
            all.back().key.push_back(std::move(each.second));
        key.clear();
    };
    for (int i = 0; i < r.size(); ++i) {
        if (all.empty() || all.back().name != r.text(i, 0)) {
            if (!all.empty()) close();
            all.push_back({.name = std::string(r.text(i, 0)), .columns = {}, .key = {}});
        }
        exported_column column{.name = std::string(r.text(i, 1)),
                               .type = std::string(r.text(i, 2)),
                               .nullable = r.boolean(i, 3),
                               .withheld = is_withheld(r.text(i, 1))};
        if (!r.null(i, 4)) key.emplace_back(r.number(i, 4), column.name);
        all.back().columns.push_back(std::move(column));
    }
    if (!all.empty()) close();
    co_return all;
}

awaitable<std::int64_t> export_rows(store::pool& db, exported_table of, int at_once,
                                    std::function<bool(std::string_view)> take) {
    auto order = order_of(of);
    std::vector<store::param> last;
    for (std::int64_t taken = 0;;) {
        auto page = co_await db.query(page_of(of, order, at_once, last.empty()), last);
        for (int i = 0; i < page.size(); ++i, ++taken)
            if (!take(page.text(i, 0))) co_return taken;
        if (page.size() < at_once) co_return taken;
        last.clear();
        for (int i = 0; i < static_cast<int>(order.size()); ++i)
            last.emplace_back(std::string(page.text(page.size() - 1, i + 1)));
    }
}

} // namespace persais::queue
