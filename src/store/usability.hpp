#pragma once
#include "store/store.hpp"

namespace persais::store {

/// Why a database cannot be used, for a person: what is wrong, and what to do. It is told in these words by whatever
/// meets it (`persais serve`, `run`, `doctor`, /health).
struct objection {
    enum class about { server, schema, vector };
    about part = about::server;
    std::string what;           // a sentence
    std::string to_do;          // another
    std::string statement = {}; // the SQL in `to_do` that mends it; empty: something else does
    std::string sentence() const { return what + " " + to_do; }
};

/// Thrown where a database cannot be used; what() is the objection's sentence. Waiting does not help, a person does.
struct not_usable : std::runtime_error {
    explicit not_usable(objection o) : std::runtime_error(o.sentence()), why(std::move(o)) {}
    objection why;
};

/// What is asked of a database before it is used.
struct usability {
    std::optional<objection> obstacle;  // to using it at all
    std::optional<objection> no_tables; // to making our tables; it matters only while some are missing
    bool ours = false;                  // our tables are there
    std::string role, database;
    bool superuser = false; // the role is one
};

/// One statement, which reads catalogues only. `setting`: the setting that names the database. Throws db_error.
awaitable<usability> judge(pool& db, std::string setting = "DATABASE_URL");

/// Whether the extension pgvector is there, where statements find it. Nothing uses it yet, so its lack is told and
/// stops nothing (decision 0039).
struct vector_state {
    bool installed = false;
    std::string version;           // the installed one, or the one that would be installed; empty: the server has none
    std::optional<objection> lack; // empty: it is installed, or this role may install it
};

/// Runs a few statements and changes nothing: whether pgvector may be created is tried and rolled back in one
/// statement. Throws db_error.
awaitable<vector_state> look_at_vector(pool& db);

} // namespace persais::store
