-- Ten users, so that the first request on a fresh database succeeds.
INSERT INTO users (id, name, email)
SELECT 1000 + n, name, lower(replace(name, ' ', '.')) || '@example.com'
FROM unnest(ARRAY[
    'Ada Lovelace', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Tony Hoare',
    'Radia Perlman', 'Leslie Lamport', 'Frances Allen', 'Ken Thompson', 'Margaret Hamilton'
]) WITH ORDINALITY AS example (name, n);
