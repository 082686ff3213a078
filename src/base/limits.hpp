#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every wait, queue and buffer of Persais has its limit here, with its unit. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t settings_file_bytes = 256 * 1024; // .env, and a secret's NAME_FILE
inline constexpr std::size_t instruction_bytes = 16 * 1024;
inline constexpr std::size_t child_output_bytes = 256 * 1024;    // kept of a child's output, the newest (ring)
inline constexpr std::size_t feedback_bytes = 12 * 1024;         // of red checks, given back to the coder
inline constexpr std::size_t setup_words_bytes = 1500;           // of a red setup, told to the person
inline constexpr std::size_t said_bytes = 8 * 1024;              // of the coder's last words, kept with the task
inline constexpr std::size_t conversation_bytes = 256 * 1024;    // of a task with its agent, kept
inline constexpr std::size_t agent_line_bytes = 2 * 1024 * 1024; // one JSON line of an agent's report
inline constexpr std::size_t task_file_bytes = 4UL * 1024 * 1024 * 1024; // one file that coder, setup or checks write
inline constexpr unsigned task_open_files = 16384;                       // of one process of coder, setup or checks
inline constexpr auto claim_every = 200ms; // between two looks of `persais run` at a task that is not free yet
inline constexpr auto claim_patience = 5s; // beyond the time at which such a task must be free
inline constexpr auto progress_every = 1s; // at most one line of git's progress in this time
inline constexpr std::size_t progress_text_bytes = 300;

inline constexpr auto terminate_to_kill = 500ms; // SIGTERM to SIGKILL of a child's tree
inline constexpr auto output_drain = 200ms;      // wait for end of output after a child's exit

inline constexpr auto sandbox_probe = 10s;          // each rung is tried for, at start
inline constexpr unsigned sandbox_slots = 1000;     // uids of tasks
inline constexpr unsigned sandbox_processes = 1024; // and threads of one task: a fork bomb of more starves two cores
inline constexpr std::size_t sandbox_tmp_bytes = 1024UL * 1024 * 1024; // a task's /tmp, in memory
inline constexpr std::size_t sandbox_shm_bytes = 256UL * 1024 * 1024;  // a task's /dev/shm
inline constexpr std::size_t task_memory_bytes = 768UL * 1024 * 1024; // of a task at least, when their number is chosen
inline constexpr unsigned tasks_most = 8;                             // at once, when their number is chosen
inline constexpr unsigned tasks_per_core = 2;                         // at once, when their number is chosen
inline constexpr std::size_t memory_reserve_least_bytes = 256UL * 1024 * 1024; // of the machine, kept from the tasks
inline constexpr std::size_t memory_reserve_most_bytes = 2048UL * 1024 * 1024; // of the machine, kept from the tasks
inline constexpr auto memory_watch_least = 50ms; // between two looks at a tree's memory, near its limit
inline constexpr auto memory_watch_most = 250ms; // between two looks at a tree's memory, far from it
inline constexpr auto group_removal = 1s;        // an empty control group may be busy for a moment
inline constexpr auto hand_over = 5min;          // of a tree to the task's user, one process
inline constexpr int tree_depth = 256;           // folders inside folders

inline constexpr auto git_local = 5min;      // one git command on this machine
inline constexpr auto git_network = 15min;   // one clone, fetch or push
inline constexpr auto git_read_remote = 60s; // ls-remote
inline constexpr auto ssh_connect = 15s;     // name, TCP and the first line of an ssh server
inline constexpr auto ssh_alive = 20s;       // between two questions to a silent ssh server, 3 at most
inline constexpr std::size_t import_bytes = 1024UL * 1024 * 1024; // of one task's work, crossing into the mirror
inline constexpr std::size_t import_files = 20'000;               // new files of one task's work
inline constexpr std::size_t git_output_bytes = 32 * 1024 * 1024; // a list that git prints: refs, changed paths
inline constexpr std::size_t git_words_bytes = 400;               // of git's or a server's own words, told to a person
inline constexpr auto git_sweep_wait = 10s; // for other users of a mirror, before a crash's rest is removed
inline constexpr int mirror_packs = 50;     // packs of a mirror before they are joined

inline constexpr auto db_connect = 15s; // a database that was put to sleep takes up to 10 s
inline constexpr auto db_statement = 30s;
inline constexpr auto db_absent = 30s;          // `persais run` gives up on a database after
inline constexpr std::size_t db_waiters = 1024; // statements waiting for a connection
inline constexpr auto db_script = 10min;        // one migration
inline constexpr std::size_t db_prepared = 256; // named statements of one session
inline constexpr auto db_backoff_least = 50ms;  // between two tries to connect; doubles, with jitter
inline constexpr auto db_backoff_most = 5s;
inline constexpr auto db_read_only_pause = 500ms;  // before a statement is tried again that met a read-only server
inline constexpr std::size_t db_cancels = 16;      // requests to cancel a statement, waiting to be sent
inline constexpr auto listener_idle = 4min;        // without work; a loss after it is a server that went to sleep
inline constexpr auto listener_backoff_most = 60s; // between two tries of a listener to connect, with nothing to do
inline constexpr auto db_doubt = 60s;              // unused for so long, a connection is asked whether it still is one
inline constexpr auto db_ping = 5s;                // for its answer
inline constexpr int prune_batch = 100;            // tasks that one statement of prune() looks after
inline constexpr auto embedded_start = 60s;        // of our own server: initdb, start, recovery after a crash
inline constexpr auto embedded_stop = 20s;         // fast shutdown; after it, immediate shutdown
inline constexpr auto embedded_poll = 10ms;        // between two looks at a lock or a server that starts
inline constexpr auto embedded_watch = 1s;         // between two looks at a server whose process cannot be seen
inline constexpr std::size_t embedded_words_bytes = 800;       // of the server's log, told when it does not start
inline constexpr std::size_t embedded_log_bytes = 1024 * 1024; // at a start, a longer log is put aside (one is kept)

inline constexpr std::size_t http_header_bytes = 16 * 1024;
inline constexpr std::size_t http_body_bytes = 16 * 1024 * 1024; // a model request through the gateway
inline constexpr auto http_idle = 60s;
inline constexpr std::size_t http_read_bytes = 16 * 1024; // one read of a connection
inline constexpr auto http_write_stall = 60s;             // a client that takes nothing is gone
inline constexpr auto http_drain = 1s;                    // after a refusal, so that it is read
inline constexpr std::size_t http_drain_bytes = 1024 * 1024;
inline constexpr auto http_accept_pause = 100ms; // after accept() failed
inline constexpr auto http_connect = 10s;        // our requests: name, TCP and TLS
inline constexpr auto http_first_byte = 30s;
inline constexpr auto http_silence = 30s;
inline constexpr std::size_t http_stream_buffer_bytes = 256 * 1024; // of an answer that is read slowly
inline constexpr auto model_first_byte = 120s;
inline constexpr auto model_silence = 90s; // between two bytes of a stream, keep-alives count
inline constexpr std::size_t model_json_depth = 32;
inline constexpr std::size_t model_answer_bytes = 16 * 1024 * 1024; // an answer that is not streamed
inline constexpr std::size_t model_event_bytes = 1024 * 1024;       // one event of a stream
inline constexpr std::size_t model_error_bytes = 64 * 1024;         // kept of an error's body
inline constexpr std::size_t model_sentence_bytes = 500;            // of an endpoint's own words, shown to a person
inline constexpr std::size_t model_list_bytes = 32 * 1024 * 1024;   // GET /models
inline constexpr auto model_list_kept = 1h;
inline constexpr auto model_list_retry = 30s;                       // after /models could not be read
inline constexpr std::int64_t model_output_tokens = 32 * 1024;      // max_tokens of a call, at most
inline constexpr std::int64_t model_output_tokens_least = 4 * 1024; // a budget that leaves less refuses the call
inline constexpr int model_tries = 12;                              // of one call of the agent
inline constexpr auto model_backoff_first = 500ms;
inline constexpr auto model_backoff_most = 30s;
inline constexpr auto model_retry_after_most = 120s;                        // a longer Retry-After ends the call
inline constexpr std::array model_settle_waits = {1000ms, 3000ms, 10000ms}; // for /generation of a call that was cut
inline constexpr auto model_reservation_stale = 1h;                         // a reservation that nobody settles after
inline constexpr int model_settle_batch = 100;                              // stale reservations looked at in one go

inline constexpr std::size_t telegram_update_bytes = 1024 * 1024; // of one update: a webhook's body
inline constexpr std::size_t telegram_json_depth = 32;            // of an update and of an answer of the Bot API
inline constexpr std::size_t telegram_text_units = 4096;          // of a message, in UTF-16 units
inline constexpr std::size_t telegram_entities = 100;             // of a message; Telegram ignores more
inline constexpr std::size_t telegram_caption_units = 1024;       // of a file's caption, in UTF-16 units
inline constexpr std::size_t telegram_data_bytes = 64;            // of a button's data
inline constexpr std::size_t telegram_notice_units = 200;         // of the words that answer a press, in UTF-16 units
inline constexpr std::size_t telegram_description_bytes = 400;    // kept of a refusal's own words

inline constexpr auto leave_within = 5s;        // of a service, from SIGTERM to its end
inline constexpr auto leave_rest = 2s;          // what a service that has left may still need to close what it opened
inline constexpr auto reap_grace = 2s;          // for removing what a crash left, when the process leaves meanwhile
inline constexpr auto bring_up_first = 1s;      // pause of a service that could not start its parts; doubles
inline constexpr auto bring_up_most = 30s;      // and is never longer
inline constexpr auto db_absent_service = 5min; // a service's statements wait for a database that is away
inline constexpr auto warm_up_words = 10s;      // between two lines in the log about a long first clone
inline constexpr auto disk_look_every = 10s;    // between two looks at the room on the disk, when somebody asks
inline constexpr std::uint64_t disk_low_bytes = 1024UL * 1024 * 1024; // below it, /health says degraded
inline constexpr std::uint64_t disk_least_bytes = 64UL * 1024 * 1024; // below it, down
inline constexpr auto journal_every = 1s;                             // between two writes of a task's log
inline constexpr std::size_t journal_bytes = 256 * 1024;              // of one shift's log, kept
inline constexpr int log_page = 500;                                  // lines of a task's log that are read at once
inline constexpr int queue_counted = 10'000;                          // tasks in the queue are counted up to here
inline constexpr auto housekeeping_every = 24h;                       // expiring and pruning, while awake
inline constexpr int expire_batch = 100;                              // results that expire at once
inline constexpr auto due_least = 100ms;             // sleep of a service before it looks for due tasks again
inline constexpr auto unusable_row_pause = 1h;       // of a task's row that this version cannot work on
inline constexpr auto wait_look_every = 1h;          // a task that waits for a key or credit is tried again
inline constexpr auto wait_at_most = 24h;            // a task in `waiting` for key, credit or day
inline constexpr auto loop_tick = 1s;                // between two ticks of the event loop, and two looks at them
inline constexpr auto loop_late = 5s;                // without a tick: the process is not live
inline constexpr auto loop_stuck = 30s;              // without a tick: the process ends itself
inline constexpr auto reload_quiet = 500ms;          // of the settings' files, before they are read again
inline constexpr auto reload_at_most = 5s;           // of files that never are quiet
inline constexpr std::size_t redact_least_bytes = 6; // a shorter secret is not masked in logs: it is a word
inline constexpr std::size_t log_message_bytes = 16 * 1024; // of one line of the log
inline constexpr std::size_t metric_labels = 64;            // different words of one label; more count as "other"

inline constexpr auto doctor_probe = 40s;       // one probe of `persais doctor`
inline constexpr auto doctor_database = 12s;    // a database that is away, or wakes up, is waited for by doctor
inline constexpr auto doctor_pool_hold = 250ms; // each connection of the pool is kept busy by doctor
inline constexpr auto doctor_answer = 60s;      // aider's answer to doctor's question
inline constexpr std::int64_t doctor_answer_tokens = 200; // of that answer
inline constexpr int doctor_answer_cents = 5;             // reserved for that answer at most; it costs a tenth of it
inline constexpr std::size_t doctor_answer_bytes = 1024 * 1024;                    // of an API's answer
inline constexpr std::uint64_t doctor_disk_least_bytes = 256UL * 1024 * 1024;      // less free: doctor fails
inline constexpr std::uint64_t doctor_disk_tight_bytes = 2UL * 1024 * 1024 * 1024; // less free: doctor warns
inline constexpr auto doctor_clock_skew = 30s;              // more beside another clock: doctor warns
inline constexpr auto doctor_expiry_near = 7 * 24h;         // of a token, key or model: doctor warns
inline constexpr auto doctor_error_recent = 1h;             // of Telegram's last failed delivery
inline constexpr int doctor_credit_low_cents = 100;         // less left: doctor warns
inline constexpr std::size_t doctor_names = 5;              // models that resemble an unknown one
inline constexpr std::size_t init_answer_bytes = 16 * 1024; // typed or pasted

inline constexpr auto review_expires = 14 * 24h;

inline constexpr std::size_t columns_elsewhere = 120;             // of output that goes to no terminal
inline constexpr std::size_t columns_most = 1000;                 // that COLUMNS may ask for
inline constexpr int tasks_shown = 20;                            // by `persais tasks`, unless -n says
inline constexpr int tasks_shown_most = 1000;                     // that -n may ask for
inline constexpr auto recently_ended = 24h;                       // such tasks are in `persais tasks` without --all
inline constexpr std::size_t diff_shown_bytes = 32 * 1024 * 1024; // of `persais diff`
inline constexpr auto follow_every = 500ms;                       // between two looks of `persais log --follow`
inline constexpr auto abort_look_every = 200ms;                   // of `persais abort` at a task that a worker ends
inline constexpr auto abort_seen_within = 8s;                     // then `persais abort` says that it was asked

} // namespace persais::limits
