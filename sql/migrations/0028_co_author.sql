-- The person who asked for a task, as its commits name them ("Ann <ann@example.org>"). It is stored, so that a commit that is made again has
-- the same bytes after the setting changed.
alter table tasks add column if not exists co_author text;
