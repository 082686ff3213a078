-- Which process is sending a message: what a process that died held is free when it starts again, and otherwise when its hold ends, which
-- the living renew. The version before this one names none, and its holds end as before.
alter table outbox add column if not exists holder text;
