#pragma once
#include "store/store.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the database says to whoever looks for a fault: a line of JSON for each row. All throw store::db_error.
namespace persais::queue {

/// A page of a support bundle.
struct support_page {
    std::string_view name; // of its file
    std::string_view sql;  // one column: JSON
};
/// `words`: with what people wrote, and addresses of repositories. Else there is none of it, nor who they are.
std::vector<support_page> support_pages(bool words);
awaitable<std::vector<std::string>> read_support_page(store::pool& db, support_page which);

/// What people wrote to the newest tasks, so that it can be taken out of what others wrote.
awaitable<std::vector<std::string>> newest_words(store::pool& db);

} // namespace persais::queue
