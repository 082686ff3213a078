#pragma once
#include "forge/place.hpp"
#include "telegram/api/methods.hpp"
#include "telegram/api/say.hpp"
#include "telegram/dialog/update_handler_dependencies.hpp"
#include "telegram/inbound/update_reader.hpp"
#include "telegram/outbound/outgoing.hpp"
#include "telegram/store/buttons.hpp"
#include "telegram/store/chats.hpp"

namespace persais::telegram {

/// What a button does when it is pressed; its row is written with the message that shows it.
struct button_action {
    std::string action;
    std::string argument = {};
    std::optional<task_id> task = {};
    bool once = false;
};

/// One update while it is decided: who says what where, what is known of them, and what results from it.
struct update_context {
    const update_handler_dependencies& with;
    const arrived& one;
    person who;
    role may = role::stranger; // where nothing is said of the repository
    telegram::chat_place where;
    bool alone = true;        // alone with the person; else others read the chat
    std::int64_t message = 0; // the message that is answered; 0: none
    std::string bot = {};     // the bot's name, without @
    language tongue = language::en;
    telegram::conversation_state known = {};
    effect out = {};
    std::function<role(std::string_view remote)> may_in = {}; // nullptr: as everywhere
    /// What this process learns when the transaction is through: that somebody has no rights any more, or another role
    /// (nullopt: none) in a repository (empty: everywhere). Not nullptr where people are decided on.
    std::function<void(std::int64_t person)> learn_removal = {};
    std::function<void(std::int64_t person, const std::string& repository, std::optional<role> given)> learn_role = {};
    bool acted = false;                                // something was done that is not among the writes
    std::vector<telegram::stored_button> buttons = {}; // written with the other writes

    /// What the person may do in a repository.
    role role_at(std::string_view remote) const { return may_in ? may_in(remote) : may; }
    /// Who reads the answer.
    reader reads() const;
    /// Sends an answer, in one transaction with everything else that results from the update.
    void say(phrase p, std::initializer_list<filling> with_words = {}, const keyboard& keys = {});
    /// Sends as many messages as the text needs; the keys are under the last one.
    void send(const styled& text, const keyboard& keys = {});
    void send(const outgoing& what);
    /// Sends a message that belongs to a task; `kind`: progress, other.
    void send_of_task(task_id of, int turn, std::string_view kind, const styled& text, const keyboard& keys = {});
    /// Sends a message to a person alone, wherever the update came from; `keys`: see button_of().
    void send_to(std::int64_t person, const styled& text, const keyboard& keys = {});
    /// As send(), for a text with a secret: what is stored is sealed.
    void send_sealed(const styled& text, const keyboard& keys);
    /// The person's message has a secret: it is deleted from the chat, where that may be, and its words are not kept.
    void take_back();
    /// Sends a file that belongs to a task.
    void send_file(task_id of, std::string name, std::string_view bytes, const styled& caption);

    /// A button for a message of this update; its row is written with the other writes.
    key button(std::string label, button_action what);
    key button(phrase label, button_action what);
    /// The same for a message in another chat.
    key button_of(std::int64_t chat, std::string label, button_action what);

    void write(store::statement what) { out.writes.push_back(std::move(what)); }
    void write(std::vector<store::statement> some);
    /// Everything that results from the update.
    effect finish();
    /// `what` is run after the transaction, before the functions that were given earlier.
    void then(std::function<void()> what);

    /// Sends nothing: the phrase's text in the person's language.
    std::string say_plainly(phrase p, std::initializer_list<filling> with_words = {}) const;
};

/// The language for messages to a person: the chosen one, else that of their Telegram client.
language language_of(const person& who, const std::string& chosen);

/// Records that the person was seen, by a name that is safe to show.
store::statement seen(const person& who);

/// What the person who speaks may do in the task's repository.
awaitable<role> role_for(update_context& t, task_id what);
/// What is said to the person when they may give no tasks in this repository; nullopt: they may.
std::optional<phrase> why_not_give(role here);
/// The address that a task which is given here now would be of; empty: none is chosen.
const std::string& remote_here(const update_context& t);
/// Whether the person may choose for this conversation what tasks of this repository are given with: alone anything,
/// because it is theirs only; where others write too, whoever may give some. Else they are told.
bool may_choose_here(update_context& t, std::string_view remote);
/// How the person who speaks is related to the task.
awaitable<relation> relation_of(update_context& t, task_id what);

} // namespace persais::telegram
