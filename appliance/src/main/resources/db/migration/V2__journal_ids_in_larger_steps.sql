-- Every 32nd line of the journal was a transaction of its own that drew the next 32 numbers.
alter table node_event alter column id set cache 10000;
