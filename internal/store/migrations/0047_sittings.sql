-- How often the client of this session changed, and in which sitting (session/number) the identity of who entrusts was checked.
ALTER TABLE sessions ADD COLUMN sitting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE errands ADD COLUMN identity_sitting VARCHAR(64) NOT NULL DEFAULT '';
