-- SPDX-License-Identifier: MIT
-- Expressions, dates, JSON, full text, and common table expressions.
select 1e300 * 1e10, 0.1 + 0.2, 7 / 2, -7 % 3, 9223372036854775807 + 1, '12' + 1, x'00ff', null is null;
select printf('%08.3f|%-6s|%x|%,d', 3.14159, 'left', 255, 1234567), quote('it''s'), hex('äöü'), length('äöü');
select date('2001-02-28', '+1 day'), strftime('%Y-%W %j', '2024-12-31'), julianday('2000-01-01 12:00'),
  datetime(1000000000, 'unixepoch');
select json_extract('{"a":[1,2,{"b":"c"}]}', '$.a[2].b'), json_group_array(value) from json_each('[3,1,2]');
create virtual table text using fts4(body);
insert into text values('the quick brown fox'), ('jumps over the lazy dog'), ('a quick dog');
select rowid, snippet(text) from text where text match 'quick or dog' order by rowid;
with recursive
  x(cx) as (select -2.0 union all select cx + 0.05 from x where cx < 1.2),
  y(cy) as (select -1.0 union all select cy + 0.1 from y where cy < 1.0),
  m(n, cx, cy, x, y) as (
    select 0, cx, cy, 0.0, 0.0 from x, y union all
    select n + 1, cx, cy, x * x - y * y + cx, 2.0 * x * y + cy from m where x * x + y * y < 4.0 and n < 28),
  picture(n, cx, cy) as (select max(n), cx, cy from m group by cx, cy),
  line(cy, t) as (select cy, group_concat(substr(' .+*#', 1 + min(n / 7, 4), 1), '') from picture group by cy)
select rtrim(t) from line order by cy;
create table tree(id integer primary key, up integer references tree(id) on delete cascade);
pragma foreign_keys = on;
insert into tree values(1, null), (2, 1), (3, 1), (4, 2), (5, 4);
create trigger gone after delete on tree begin select raise(ignore); end;
delete from tree where id = 2;
select group_concat(id) from tree;
insert into tree values(9, 77);
select round(sqrt(2), 12), round(sin(1), 12), round(exp(1), 12), round(log(10), 12);
