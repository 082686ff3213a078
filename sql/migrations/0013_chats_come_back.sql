-- What was not sent because its chat had gone is found when the chat is back.
create index if not exists outbox_failed on outbox (chat_id, sent_at) where failed is not null;
