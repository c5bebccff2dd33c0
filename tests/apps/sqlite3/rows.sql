-- SPDX-License-Identifier: MIT
-- A file database: made, indexed, changed, rolled back, checked, made small; then with a log.
create table person(id integer primary key, name text, city integer, born real);
create table city(id integer primary key, name text unique);
insert into city with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)
  select i, 'city ' || i from n;
begin;
insert into person with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
  select i, 'person ' || (i * 7919 % 100003), i * 31 % 100 + 1, 1900 + i % 12345 / 100.0 from n;
commit;
create index by_name on person(name);
create index by_city on person(city, born);
select count(*), min(name), max(name), sum(id), total(born) from person;
select c.name, count(*), round(avg(born), 6) from person p join city c on c.id = p.city
  group by c.id order by 2 desc, 1 limit 10;
explain query plan select * from person where name = 'person 7';
select * from person where name like 'person 1234%' order by id limit 20;
begin;
update person set name = upper(name) where city = 7;
delete from person where id % 3 = 0;
select count(*), count(distinct city), sum(name glob 'PERSON*') from person;
rollback;
select count(*), sum(name glob 'PERSON*') from person;
delete from person where id % 10 = 0;
savepoint one;
insert into city values(1000, 'city 1');
insert into city values(1000, 'elsewhere');
rollback to one;
release one;
pragma integrity_check;
vacuum;
pragma page_count;
pragma freelist_count;
select city, id, row_number() over (partition by city order by born, id) as n, lag(id) over w
  from person window w as (partition by city order by born, id) order by n desc, city limit 8;
pragma journal_mode = wal;
update person set born = born + 1 where city between 3 and 5;
pragma wal_checkpoint(truncate);
select round(total(born), 3) from person;
pragma journal_mode = delete;
attach 'other.db' as other;
create table other.copy as select * from person where city = 11;
select count(*), sum(id) from other.copy;
detach other;
.mode csv
.once person.csv
select * from person order by id limit 5000;
create table again(id, name, city, born);
.import person.csv again
.mode list
select count(*), sum(id), typeof(id) from again;
.tables
.schema person
.sha3sum
