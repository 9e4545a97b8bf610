-- The journal: append-only; all else about a node is derived from it.
create table node_event (
  id bigint generated always as identity primary key,
  at timestamp with time zone not null,
  mac varchar(17) not null,
  kind varchar(60) not null,
  detail varchar(500) not null
);
create index node_event_by_mac on node_event (mac, id);
create index node_event_by_kind on node_event (kind, id);

-- DHCP leases of the dynamic pool, so that a restart gives no address twice.
create table dhcp_lease (
  address varchar(15) primary key,
  mac varchar(17) not null,
  expires timestamp with time zone not null,
  state varchar(20) not null
);
