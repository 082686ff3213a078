-- Deletes a batch of updates that were handled, of messages without a task that were sent, and of instructions that were refused, long
-- ago; of what was heard at forges; of strangers who asked to be let in, on whom nobody decided, and who have neither a role nor a name elsewhere; and of invitations
-- and one-time codes that have expired.
--
-- $1 days: int, how long they are kept
-- $2 batch: bigint, the maximum of each
--
-- One row: updates, messages.
with old_in as (
    delete from inbox where update_id = any(array(
        select update_id from inbox where done_at < now() - make_interval(days => $1) limit $2))
    returning 1),
old_out as (
    delete from outbox where id = any(array(
        select id from outbox where task_id is null and sent_at < now() - make_interval(days => $1) limit $2))
    returning 1),
old_refused as (
    delete from refused_instructions where (chat_id, topic_id, person_id) in (
        select chat_id, topic_id, person_id from refused_instructions where heard_at < now() - make_interval(days => $1) limit $2)),
old_strangers as (
    delete from people where id in (
        select id from people where asked_at < now() - make_interval(days => $1) and seen_at < now() - make_interval(days => $1)
            and decided_at is null and paired_at is null
            and not exists (select from grants g where g.person = people.id) and not exists (select from identities i where i.person = people.id)
            and not exists (select from link_codes c where c.person = people.id)
            and not exists (select from api_tokens a where a.person = people.id) limit $2)),
old_heard as (
    delete from forge_inbox where id in (select id from forge_inbox where done_at < now() - make_interval(days => $1) limit $2)),
old_codes as (
    delete from link_codes where code_hash in (select code_hash from link_codes where expires_at < now() limit $2)),
old_invites as (
    delete from invites where code_hash in (select code_hash from invites where expires_at < now() limit $2))
select (select count(*) from old_in), (select count(*) from old_out);
