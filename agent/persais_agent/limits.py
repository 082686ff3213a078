"""Every limit of the wrapper, with its unit in its name."""

JOB_BYTES = 4 * 1024 * 1024
INSTRUCTION_BYTES = 256 * 1024
NOTES_BYTES = 16 * 1024

TEXT_INTERVAL_SECONDS = 0.1
TEXT_LINE_CHARACTERS = 16 * 1024
PROGRESS_CHARACTERS = 500
ALIVE_INTERVAL_SECONDS = 10
REASON_CHARACTERS = 600
ANSWER_BYTES = 64 * 1024
CONVERSATION_BYTES = 256 * 1024
RESULT_FILES = 2000

ERROR_BODY_BYTES = 64 * 1024
SSE_LINE_BYTES = 8 * 1024 * 1024
BODY_BYTES = 32 * 1024 * 1024
# Only an answer that broke off in the middle is asked for again: the gateway retries the rest itself, and
# cannot retry what it has already passed on.
BROKEN_ANSWER_RETRIES = 2

# Of an answer that hit its limit of tokens, by a model that goes on where its own beginning ends. Each is a call that is paid.
CONTINUATIONS = 8

# aider counts files that it opened on request among its reflections, so its own 3 would leave none for a
# repair. Answers that cannot be applied have their own limit.
REFLECTIONS = 8
BAD_ANSWERS_IN_A_ROW = 3
ASK_OPENING_ROUNDS = 2

FILE_BYTES = 4 * 1024 * 1024
OPEN_FILES = 16
OPEN_FILE_BYTES = 256 * 1024
OPEN_TOTAL_BYTES = 512 * 1024

MAP_TOKENS = 1024
MAP_FILES = 1000
MAP_SECONDS = 0.5
MAP_FILE_BYTES = 256 * 1024
TAGS_BYTES = 8 * 1024 * 1024
TAGS_LINE_BYTES = 256 * 1024  # of rows in one line of the output
TAGS_ROW_BYTES = 32 * 1024
TAG_NAME_BYTES = 200
TAG_TOKENS = 4  # shown of a map for one definition, at least; about 12 is usual
TAG_HEADERS = 32  # of what a definition stands in
LISTING_BYTES = 16 * 1024
LISTING_MATCHES = 100
LISTING_WORDS = 64  # the longest of an instruction's

REQUEST_TIMEOUT_SECONDS = 600
CONNECT_TIMEOUT_SECONDS = 10
GIT_TIMEOUT_SECONDS = 60
